#include "model/report_columns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DIGITS_RUN 6
/* A rate is the endpoint's share of the run's where it differs by no more than rounding. */
#define SAME_RATE 1e-4

/* A column of figures: where it is, where it goes, and the digits that it keeps. A figure that is
 * to be stored needs a row here and one in the table of columns in report_shape.c. */
static const struct {
    size_t column, metric;
    int digits;
} figures[] = {
#define FIGURE(m, n)                                                                               \
    {                                                                                              \
        offsetof(struct report_columns, m), offsetof(struct metrics, m), n                         \
    }
    FIGURE(average_ms, 5), FIGURE(p95_ms, 4), FIGURE(p99_ms, 4),
    FIGURE(median_ms, 4),  FIGURE(min_ms, 3), FIGURE(max_ms, 3),
#undef FIGURE
};
#define N_FIGURES    (sizeof figures / sizeof figures[0])
#define DIGITS_RATES 5

static double rounded(double value, int digits)
{
    char text[40];
    if (!isfinite(value))
        return value;
    snprintf(text, sizeof text, "%.*g", digits, value);
    return strtod(text, NULL);
}

static double **column_of(struct report_columns *columns, size_t i)
{
    return (double **)(void *)((char *)columns + figures[i].column);
}

static double *figure_of(struct metrics *metrics, size_t i)
{
    return (double *)(void *)((char *)metrics + figures[i].metric);
}

static double share(const struct metrics *part, const struct metrics *whole)
{
    return whole->total_requests ? whole->requests_per_s * (double)part->total_requests /
                                       (double)whole->total_requests
                                 : (double)NAN;
}

static bool rates_are_shares(const struct report *report)
{
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct metrics *metrics = &report->endpoints[i].metrics;
        double expected = share(metrics, &report->metrics);
        double rate = rounded(metrics->requests_per_s, DIGITS_RATES);
        if (!(fabs(rate - expected) <= SAME_RATE * expected))
            return false;
    }
    return true;
}

static bool any_tags(const struct report *report)
{
    for (size_t i = 0; i < report->n_endpoints; i++)
        if (report->endpoints[i].tags.n)
            return true;
    return false;
}

static void fold_endpoint(struct report_columns *columns, size_t i,
                          const struct report_endpoint *endpoint)
{
    struct metrics metrics = endpoint->metrics;
    columns->name[i] = endpoint->name;
    columns->method[i] = endpoint->method;
    columns->tags.items[i] = endpoint->tags;
    columns->requests[i] = metrics.total_requests;
    columns->failures[i] = metrics.total_failures;
    columns->requests_per_s[i] = rounded(metrics.requests_per_s, DIGITS_RATES);
    for (size_t k = 0; k < N_FIGURES; k++)
        (*column_of(columns, k))[i] = rounded(*figure_of(&metrics, k), figures[k].digits);
}

static void round_run(struct report *report)
{
    struct metrics *metrics = &report->metrics;
    double *const all[] = {&metrics->requests_per_s, &metrics->average_ms, &metrics->p95_ms,
                           &metrics->p99_ms,         &metrics->median_ms,  &metrics->min_ms,
                           &metrics->max_ms,         &metrics->p75_ms,     &metrics->p90_ms,
                           &metrics->p999_ms,        &metrics->error_rate, &report->health.cpu,
                           &report->health.drift_p};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        *all[i] = rounded(*all[i], DIGITS_RUN);
}

void report_fold(struct report *report, struct arena *arena)
{
    struct report_columns *columns = arena_array(arena, 1, sizeof *columns);
    size_t n = report->n_endpoints;
    round_run(report); /* first: the rates are compared as they will be read */
    columns->name = arena_array(arena, n, sizeof *columns->name);
    columns->method = arena_array(arena, n, sizeof *columns->method);
    columns->tags.items = arena_array(arena, n, sizeof *columns->tags.items);
    columns->requests = arena_array(arena, n, sizeof *columns->requests);
    columns->failures = arena_array(arena, n, sizeof *columns->failures);
    columns->requests_per_s = arena_array(arena, n, sizeof *columns->requests_per_s);
    for (size_t k = 0; k < N_FIGURES; k++)
        *column_of(columns, k) = arena_array(arena, n, sizeof(double));
    for (size_t i = 0; i < n; i++)
        fold_endpoint(columns, i, &report->endpoints[i]);
    columns->n = n;
    columns->n_rates = rates_are_shares(report) ? 0 : n;
    columns->tags.n = any_tags(report) ? n : 0;
    report->columns = n ? columns : NULL;
    report->n_endpoints = 0;
}

static void unfold_endpoint(struct report_columns *columns, size_t i, const struct metrics *whole,
                            struct report_endpoint *out)
{
    *out = (struct report_endpoint){.name = columns->name[i],
                                    .method = columns->method[i],
                                    .tags =
                                        columns->tags.n ? columns->tags.items[i] : (struct tags){0},
                                    .metrics = metrics_unknown(),
                                    .content_bytes = (double)NAN};
    out->metrics.total_requests = columns->requests[i];
    out->metrics.total_failures = columns->failures[i];
    out->metrics.requests_per_s =
        columns->n_rates ? columns->requests_per_s[i] : share(&out->metrics, whole);
    for (size_t k = 0; k < N_FIGURES; k++)
        *figure_of(&out->metrics, k) = (*column_of(columns, k))[i];
}

/* Of a column that may be left out. */
static int check_length(const struct js_at *at, const char *key, size_t found, size_t expected,
                        struct err *err)
{
    if (!found || found == expected)
        return 0;
    return js_fail(at, err, "endpoint_columns.%s: expected %zu elements, found %zu", key, expected,
                   found);
}

int report_unfold(const struct js_at *at, struct report *report, struct arena *arena,
                  struct err *err)
{
    struct report_columns *columns = report->columns;
    if (!columns)
        return 0;
    if (report->n_endpoints)
        return js_fail(at, err, "expected either 'endpoints' or 'endpoint_columns', found both");
    if (check_length(at, "requests_per_second", columns->n_rates, columns->n, err) < 0 ||
        check_length(at, "tags", columns->tags.n, columns->n, err) < 0)
        return -1;
    report->endpoints = arena_array(arena, columns->n, sizeof *report->endpoints);
    report->n_endpoints = columns->n;
    for (size_t i = 0; i < columns->n; i++)
        unfold_endpoint(columns, i, &report->metrics, &report->endpoints[i]);
    report->columns = NULL;
    return 0;
}
