#include "model/report_series.h"

#include <math.h>

struct report_series *report_series_new(int64_t interval_ns, size_t n, struct arena *arena)
{
    struct report_series *series = arena_array(arena, 1, sizeof *series);
    *series = (struct report_series){
        .interval_ns = interval_ns,
        .n_users = n,
        .n_requests = n,
        .n_failures = n,
        .n_average = n,
        .n_p50 = n,
        .n_p95 = n,
        .users = arena_array(arena, n, sizeof *series->users),
        .requests = arena_array(arena, n, sizeof *series->requests),
        .failures = arena_array(arena, n, sizeof *series->failures),
        .average_ms = arena_array(arena, n, sizeof *series->average_ms),
        .p50_ms = arena_array(arena, n, sizeof *series->p50_ms),
        .p95_ms = arena_array(arena, n, sizeof *series->p95_ms),
    };
    for (size_t i = 0; i < n; i++)
        series->average_ms[i] = series->p50_ms[i] = series->p95_ms[i] = (double)NAN;
    return series;
}
