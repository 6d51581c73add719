/*
 * What lies beside Locust's PREFIX_stats.csv, found by the prefix: failures, exceptions, the
 * history, and the percentiles of old versions. Each adds to a report that has the figures; a file
 * that is not there adds nothing.
 */
#ifndef PERFGATE_IMPORT_LOCUST_H
#define PERFGATE_IMPORT_LOCUST_H

#include <stdbool.h>

#include "import/import.h"

int locust_failures(const struct import_file *file, struct report *report, struct err *err)
    __attribute__((warn_unused_result));
int locust_exceptions(const struct import_file *file, struct report *report, struct err *err)
    __attribute__((warn_unused_result));
/* Users, start, and a series whose intervals are the differences of the counts so far. */
int locust_history(const struct import_file *file, struct report *report, struct err *err)
    __attribute__((warn_unused_result));
/* PREFIX_distribution.csv beside PREFIX_requests.csv, up to 0.13.2. */
int locust_distribution(const struct import_file *file, struct report *report, struct err *err)
    __attribute__((warn_unused_result));

/* A cell in ms, or NAN where it is empty or N/A. */
int locust_figure(struct span text, const char *what, double *out, struct err *err)
    __attribute__((warn_unused_result));

/* What Locust rounded a run's times to, by its 99th percentile: a time below 100 ms to 1 ms, then
 * to two digits. */
int64_t locust_resolution(const struct metrics *metrics);

/* The row of the whole run. */
bool locust_is_total(struct span type, struct span name);

#endif
