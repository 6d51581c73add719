#include "cmd/diff_figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/spread.h"

#define MAX_ENDPOINTS 10
#define MIN_PERCENT   1.0

static const enum metric compared[] = {METRIC_ERROR_RATE, METRIC_AVERAGE, METRIC_P95, METRIC_P99};
#define N_COMPARED (sizeof compared / sizeof *compared)

/* ---- medians ---- */

/* In the order of a report: by name, then by method. */
static int compare_endpoints(const void *a, const void *b)
{
    const struct report_endpoint *one = a, *two = b;
    int by_name = strcmp(one->name, two->name);
    return by_name ? by_name : strcmp(one->method, two->method);
}

/* Of the whole run where `endpoint` is NULL; NULL where the report does not have it. */
static const struct metrics *metrics_of(const struct report *report,
                                        const struct report_endpoint *endpoint)
{
    if (!endpoint)
        return &report->metrics;
    if (!report->n_endpoints)
        return NULL;
    const struct report_endpoint *found = bsearch(endpoint, report->endpoints, report->n_endpoints,
                                                  sizeof *endpoint, compare_endpoints);
    return found ? &found->metrics : NULL;
}

static bool has(const struct baseline *side, const struct report_endpoint *endpoint)
{
    for (size_t i = 0; i < side->n_runs; i++)
        if (metrics_of(&side->runs[i].report, endpoint))
            return true;
    return false;
}

static double median_of(const struct baseline *side, const struct report_endpoint *endpoint,
                        enum metric metric, double *room)
{
    size_t n = 0;
    for (size_t i = 0; i < side->n_runs; i++) {
        const struct metrics *metrics = metrics_of(&side->runs[i].report, endpoint);
        double value = metrics ? metric_value(metrics, metric) : (double)NAN;
        if (!isnan(value))
            room[n++] = value;
    }
    return spread_median(room, n);
}

/* ---- changes ---- */

/* The two sides, and room for the figures of the larger one. */
struct sides {
    const struct baseline *before, *after;
    double *room;
};

static double percent_of(double before, double after)
{
    if (isnan(before) || isnan(after))
        return (double)NAN;
    if (before > 0)
        return (after / before - 1) * 100;
    return after > before ? (double)INFINITY : 0;
}

static struct baseline_change change_of(const struct sides *sides,
                                        const struct report_endpoint *endpoint, enum metric metric)
{
    struct baseline_change change = {.scope = "overall", .metric = metric};
    change.before = median_of(sides->before, endpoint, metric, sides->room);
    change.after = median_of(sides->after, endpoint, metric, sides->room);
    change.change = percent_of(change.before, change.after);
    return change;
}

/* The figure that got most worse, or where none did, the one that got most better. */
static struct baseline_change most_moved(const struct sides *sides,
                                         const struct report_endpoint *endpoint)
{
    struct baseline_change worst = {.change = (double)NAN}, best = worst;
    for (size_t i = 0; i < N_COMPARED; i++) {
        struct baseline_change change = change_of(sides, endpoint, compared[i]);
        if (isnan(worst.change) || change.change > worst.change)
            worst = change;
        if (isnan(best.change) || change.change < best.change)
            best = change;
    }
    return worst.change >= MIN_PERCENT ? worst : best;
}

static int compare_changes(const void *a, const void *b)
{
    const struct baseline_change *one = a, *two = b;
    if (one->change != two->change)
        return one->change < two->change ? 1 : -1;
    return strcmp(one->scope, two->scope);
}

/* ---- endpoints ---- */

/* All that any run of either side has, each once. */
static struct report_endpoint *collect(const struct sides *sides, struct arena *arena, size_t *n)
{
    const struct baseline *both[] = {sides->before, sides->after};
    size_t n_all = 0;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < both[s]->n_runs; i++)
            n_all += both[s]->runs[i].report.n_endpoints;
    struct report_endpoint *all = arena_array(arena, n_all + 1, sizeof *all);
    size_t at = 0;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < both[s]->n_runs; i++) {
            const struct report *report = &both[s]->runs[i].report;
            for (size_t k = 0; k < report->n_endpoints; k++)
                all[at++] = report->endpoints[k];
        }
    if (n_all)
        qsort(all, n_all, sizeof *all, compare_endpoints);
    *n = 0;
    for (size_t i = 0; i < n_all; i++)
        if (*n == 0 || compare_endpoints(&all[*n - 1], &all[i]) != 0)
            all[(*n)++] = all[i];
    return all;
}

/* Adds a row for an endpoint that moved, or its name to those that only one side has. */
static void add_endpoint(const struct sides *sides, const struct report_endpoint *endpoint,
                         struct diff_figures *out)
{
    const char *scope = arena_printf(&out->arena, "%s %s", endpoint->method, endpoint->name);
    if (!has(sides->before, endpoint)) {
        out->added[out->n_added++] = scope;
        return;
    }
    if (!has(sides->after, endpoint)) {
        out->gone[out->n_gone++] = scope;
        return;
    }
    struct baseline_change change = most_moved(sides, endpoint);
    if (isnan(change.change) || fabs(change.change) < MIN_PERCENT)
        return;
    change.scope = scope;
    out->rows[out->n++] = change;
}

static void add_endpoints(const struct sides *sides, struct diff_figures *out)
{
    size_t n, n_overall = out->n;
    struct report_endpoint *endpoints = collect(sides, &out->arena, &n);
    struct baseline_change *rows = arena_array(&out->arena, n_overall + n, sizeof *rows);
    memcpy(rows, out->rows, n_overall * sizeof *rows);
    out->rows = rows;
    out->added = arena_array(&out->arena, n + 1, sizeof *out->added);
    out->gone = arena_array(&out->arena, n + 1, sizeof *out->gone);
    for (size_t i = 0; i < n; i++)
        add_endpoint(sides, &endpoints[i], out);
    size_t n_moved = out->n - n_overall;
    if (n_moved)
        qsort(rows + n_overall, n_moved, sizeof *rows, compare_changes);
    if (n_moved > MAX_ENDPOINTS) {
        out->n_left_out = n_moved - MAX_ENDPOINTS;
        out->n = n_overall + MAX_ENDPOINTS;
    }
}

void diff_figures_fill(const struct baseline *before, const struct baseline *after,
                       struct diff_figures *out)
{
    *out = (struct diff_figures){0};
    struct sides sides = {before, after, NULL};
    size_t n = before->n_runs > after->n_runs ? before->n_runs : after->n_runs;
    sides.room = arena_array(&out->arena, n + 1, sizeof *sides.room);
    out->rows = arena_array(&out->arena, N_COMPARED, sizeof *out->rows);
    for (size_t i = 0; i < N_COMPARED; i++)
        out->rows[out->n++] = change_of(&sides, NULL, compared[i]);
    add_endpoints(&sides, out);
}

void diff_figures_release(struct diff_figures *figures)
{
    arena_release(&figures->arena);
    *figures = (struct diff_figures){0};
}
