/*
 * A run second by second, and the figures that Locust's CSV files have and a report has not.
 *
 * The engine fills one history_second for each second of the measured time; history_build() turns
 * them, with the report, into rows that render/ only has to print. Percentiles are cumulative since
 * the start of the measurement, as Locust's are without --csv-full-history; rates are the mean of
 * whole seconds over the window [last - 12, last - 2), where `last` is the second of the newest
 * request (locust/stats.py, StatsEntry.current_rps).
 */
#ifndef PERFGATE_MODEL_HISTORY_H
#define PERFGATE_MODEL_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/report.h"
#include "stats/histogram.h"

/* One second of the measured time. Counts and sums are cumulative, latencies are the second's. */
struct history_second {
    int64_t unix_s; /* its end */
    int64_t users;
    int64_t requests, failures;
    int64_t sum_ns, min_ns, max_ns; /* of latencies, failures included */
    int64_t content_bytes;          /* bodies received */
    struct histogram_sparse latencies;
};

#define HISTORY_PERCENTILES 11

/* 0.5 to 1, ascending: the percentile columns. */
extern const double history_percentiles[HISTORY_PERCENTILES];

/* Times in ms; NAN where there is no request. */
struct history_figures {
    int64_t requests, failures;
    double requests_per_s, failures_per_s;
    double average_ms, min_ms, max_ms;
    double content_bytes;                      /* mean size of a body; NAN = not known */
    double percentile_ms[HISTORY_PERCENTILES]; /* NAN where no histogram backs them */
};

struct history_row {
    int64_t unix_s;
    int64_t users;
    struct history_figures figures; /* since the start; rates over the window */
};

struct history {
    size_t n_rows;
    struct history_row *rows; /* in time order */
    size_t n_endpoints;
    struct history_figures *endpoints; /* as report->endpoints */
    struct history_figures total;      /* of the whole run */
};

/* `seconds` in time order. What `out` points at lives in `arena`. */
void history_build(const struct report *report, const struct history_second *seconds, size_t n,
                   struct arena *arena, struct history *out);

#endif
