/*
 * Single requests, one after the other, into a report: histograms of endpoints, seconds, failures.
 *
 * Memory is bounded by COLLECT_ENDPOINTS names, whatever the number of requests. The report's
 * figures come from the histograms; its duration is from the first start to the last end.
 */
#ifndef PERFGATE_IMPORT_COLLECT_H
#define PERFGATE_IMPORT_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"
#include "import/failures.h"
#include "import/seconds.h"
#include "model/report.h"

#define COLLECT_ENDPOINTS 1000
#define COLLECT_SHARP_S   100
#define COLLECT_MAX_S     9000000       /* of a run, as a report has them: 104 days */
#define COLLECT_NAME      ((size_t)500) /* bytes that are kept of a name */

/* Texts are borrowed for the call. */
struct sample {
    struct span name;   /* empty: "all requests" */
    struct span method; /* empty where the tool knows none */
    int64_t start_ns;   /* wall clock; 0 = not known */
    bool whole_s;       /* the file has that without a fraction of a second; where all are so, a
                           run under COLLECT_SHARP_S has no duration and no rate */
    int64_t duration_ns;
    bool failed;
    const char *kind;    /* of a failure */
    struct span message; /* of a failure */
    int64_t bytes;       /* of the response; -1 = not known */
    int64_t users;       /* at that time; -1 = not known */
};

struct collect;

struct collect *collect_new(void) __attribute__((returns_nonnull, warn_unused_result));

int collect_add(struct collect *collect, const struct sample *sample, struct err *err)
    __attribute__((warn_unused_result));

/* Requests so far. */
int64_t collect_count(const struct collect *collect);

/* Names so far. */
int64_t collect_names(const struct collect *collect);

/* Fills metrics, endpoints, errors, series, start, duration and validity of an empty report. */
void collect_finish(struct collect *collect, struct report *report);

void collect_free(struct collect *collect);

/* A sentence for people who look at the report. */
void collect_note(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What a tool says that its run has lasted; nothing where it is not above 0. */
void collect_duration(struct report *report, double seconds);

/* Valid, unless there is no request. */
void collect_settle(struct report *report);

#endif
