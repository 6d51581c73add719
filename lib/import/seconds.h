/*
 * The seconds of a run, from samples that come roughly in the order of time.
 *
 * Counts and sums are exact whatever the order. Quantiles need a histogram for each second, which
 * are kept for the newest SECONDS_OPEN of them; a second that gets a sample after that has none.
 */
#ifndef PERFGATE_IMPORT_SECONDS_H
#define PERFGATE_IMPORT_SECONDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/report.h"
#include "stats/histogram.h"

#define SECONDS_OPEN  64
#define SECONDS_LIMIT ((size_t)86400 * 2) /* of a run; a longer one has no series */

struct second {
    int64_t requests, failures, sum_ns, users;
    double p50_ms, p95_ms; /* NAN until it is closed, and where it cannot be known */
};

/* A zeroed struct is empty. */
struct seconds {
    bool over_limit;
    int64_t first; /* since the epoch */
    size_t n, capacity;
    struct second *items;
    struct {
        int64_t second;
        struct histogram histogram;
    } open[SECONDS_OPEN]; /* by the second, modulo their number */
};

/* A request that ended at `end_ns` on the wall clock. `users` at that time; -1 = not known. */
void seconds_add(struct seconds *seconds, int64_t end_ns, int64_t duration_ns, bool failed,
                 int64_t users);

/* From the second of `start_ns`, the first start of a request, on, so that the first interval is
 * the one that the report began in. NULL where there are none, or too many. */
struct report_series *seconds_series(struct seconds *seconds, int64_t start_ns,
                                     struct arena *arena);

void seconds_release(struct seconds *seconds);

#endif
