/*
 * The whole run in intervals, in columns of equal length.
 */
#ifndef PERFGATE_MODEL_REPORT_SERIES_H
#define PERFGATE_MODEL_REPORT_SERIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct report_series {
    int64_t interval_ns;
    size_t n_users, n_requests, n_failures, n_average, n_p50, n_p95;
    int64_t *users;    /* at the interval's end */
    int64_t *requests; /* completed within it */
    int64_t *failures;
    double *average_ms; /* NAN (null) in an interval without requests */
    double *p50_ms;
    double *p95_ms;
};

/* `n` intervals without users and requests, whose figures are not known. */
struct report_series *report_series_new(int64_t interval_ns, size_t n, struct arena *arena)
    __attribute__((returns_nonnull));

#endif
