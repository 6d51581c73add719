#include "model/report_merge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SPAN_LIMIT  86400              /* intervals of a merged series */
#define COUNT_LIMIT (INT64_C(1) << 53) /* of a number in a document */

static int compare_int(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_double(double a, double b)
{
    return (a > b) - (a < b);
}

static int64_t start_of(const struct report *part)
{
    return part->pair ? part->pair->start : 0;
}

/* Results of another tool have an id each, which says nothing of shards. */
static const char *run_of(const struct report *part)
{
    return part->source ? NULL : part->run_id;
}

static int compare_runs(const struct report *a, const struct report *b)
{
    int order = strcmp(run_of(a) ? run_of(a) : "", run_of(b) ? run_of(b) : "");
    return order ? order : compare_int(start_of(a), start_of(b));
}

/* By run and time, which is what groups are made of; then by anything. */
static int compare_parts(const void *left, const void *right)
{
    const struct report *a = *(const struct report *const *)left,
                        *b = *(const struct report *const *)right;
    int order = compare_runs(a, b);
    order = order ? order : compare_int(a->started_ns, b->started_ns);
    order = order ? order : compare_int(a->duration_ns, b->duration_ns);
    order = order ? order : compare_int(a->metrics.total_requests, b->metrics.total_requests);
    order = order ? order : compare_int(a->metrics.total_failures, b->metrics.total_failures);
    order = order ? order : compare_double(a->metrics.average_ms, b->metrics.average_ms);
    return order ? order : compare_double(a->metrics.max_ms, b->metrics.max_ms);
}

struct merge_parts merge_order(const struct report *const *parts, size_t n, struct arena *arena)
{
    struct merge_parts out = {.items = arena_array(arena, n, sizeof *out.items), .n = n};
    memcpy(out.items, parts, n * sizeof *out.items);
    qsort(out.items, n, sizeof *out.items, compare_parts);
    out.shards =
        n == 1 || (run_of(out.items[0]) && compare_runs(out.items[0], out.items[n - 1]) == 0);
    return out;
}

/* ---- what ran at once ---- */

static int64_t end_of(const struct report *part)
{
    int64_t end_ns;
    return __builtin_add_overflow(part->started_ns, part->duration_ns, &end_ns) ? INT64_MAX
                                                                                : end_ns;
}

/* A stretch of time, and its parts. */
struct stretch {
    size_t from, to;
    int64_t end_ns; /* of parts without a run id */
};

/* The parts from `from` on that ran at once: they follow each other in the order of merging. */
static struct stretch stretch_from(const struct merge_parts *parts, size_t from)
{
    const struct report *first = parts->items[from];
    struct stretch out = {.from = from, .to = from + 1, .end_ns = end_of(first)};
    for (; out.to < parts->n; out.to++) {
        const struct report *next = parts->items[out.to];
        bool overlaps = first->started_ns && next->started_ns < out.end_ns;
        if (compare_runs(first, next) != 0 || (!run_of(first) && !overlaps))
            break;
        out.end_ns = end_of(next) > out.end_ns ? end_of(next) : out.end_ns;
    }
    return out;
}

static int64_t longest(const struct merge_parts *parts, const struct stretch *stretch)
{
    int64_t ns = 0;
    for (size_t i = stretch->from; i < stretch->to; i++)
        if (parts->items[i]->duration_ns > ns)
            ns = parts->items[i]->duration_ns;
    return ns;
}

/* Of the parts that had begun when part `at` did, and were not over. */
static int64_t users_at(const struct merge_parts *parts, const struct stretch *stretch, size_t at)
{
    const struct report *then = parts->items[at];
    int64_t users = 0;
    for (size_t i = stretch->from; i < stretch->to; i++) {
        const struct report *part = parts->items[i];
        bool there = i == at || run_of(part) ||
                     (part->started_ns <= then->started_ns && end_of(part) > then->started_ns);
        if (there && users < COUNT_LIMIT)
            users += part->users;
    }
    return users < COUNT_LIMIT ? users : COUNT_LIMIT;
}

/* A part with requests of which nobody knows how long it took. */
static bool lacks_time(const struct merge_parts *parts)
{
    for (size_t i = 0; i < parts->n; i++)
        if (parts->items[i]->metrics.total_requests && !parts->items[i]->duration_ns)
            return true;
    return false;
}

void merge_times(const struct merge_parts *parts, struct report *out)
{
    struct stretch stretch = {0};
    for (; stretch.to < parts->n;) {
        stretch = stretch_from(parts, stretch.to);
        const struct report *first = parts->items[stretch.from];
        out->duration_ns += run_of(first) || !first->started_ns
                                ? longest(parts, &stretch)
                                : stretch.end_ns - first->started_ns;
        for (size_t i = stretch.from; i < stretch.to; i++) {
            int64_t users = users_at(parts, &stretch, i);
            out->users = users > out->users ? users : out->users;
        }
    }
    for (size_t i = 0; i < parts->n; i++) {
        int64_t started_ns = parts->items[i]->started_ns;
        if (started_ns && (!out->started_ns || started_ns < out->started_ns))
            out->started_ns = started_ns;
    }
    if (lacks_time(parts))
        out->duration_ns = 0; /* and so there is no rate */
}

/* ---- intervals ---- */

/* The intervals of the whole, counted from the epoch. */
struct grid {
    int64_t interval_ns, first, end;
};

static int64_t begins_at(const struct report *part)
{
    return part->started_ns / part->series->interval_ns;
}

static bool grid_make(const struct merge_parts *parts, struct grid *grid)
{
    *grid = (struct grid){0};
    for (size_t i = 0; i < parts->n; i++) {
        const struct report *part = parts->items[i];
        const struct report_series *series = part->series;
        if (!series && !part->metrics.total_requests)
            continue;
        if (!series || part->pair || part->started_ns <= 0 || series->interval_ns <= 0 ||
            (grid->interval_ns && series->interval_ns != grid->interval_ns))
            return false;
        int64_t first = begins_at(part), end = first + (int64_t)series->n_requests;
        grid->first = !grid->interval_ns || first < grid->first ? first : grid->first;
        grid->end = end > grid->end ? end : grid->end;
        grid->interval_ns = series->interval_ns;
    }
    return grid->interval_ns && grid->end - grid->first <= SPAN_LIMIT;
}

static int64_t plus(int64_t a, int64_t b)
{
    return a + b < COUNT_LIMIT ? a + b : COUNT_LIMIT;
}

static void add_interval(struct report_series *to, size_t at, const struct report_series *from,
                         size_t i)
{
    double before = (double)to->requests[at], more = (double)from->requests[i];
    to->users[at] = plus(to->users[at], from->users[i]);
    to->failures[at] = plus(to->failures[at], from->failures[i]);
    if (!from->requests[i])
        return;
    bool alone = !to->requests[at];
    to->average_ms[at] =
        alone ? from->average_ms[i]
              : (to->average_ms[at] * before + from->average_ms[i] * more) / (before + more);
    to->p50_ms[at] = alone ? from->p50_ms[i] : (double)NAN;
    to->p95_ms[at] = alone ? from->p95_ms[i] : (double)NAN;
    to->requests[at] = plus(to->requests[at], from->requests[i]);
}

struct report_series *merge_series(const struct merge_parts *parts, struct arena *arena)
{
    struct grid grid;
    if (!grid_make(parts, &grid))
        return NULL;
    struct report_series *merged =
        report_series_new(grid.interval_ns, (size_t)(grid.end - grid.first), arena);
    for (size_t p = 0; p < parts->n; p++) {
        const struct report_series *series = parts->items[p]->series;
        if (!series)
            continue;
        size_t from = (size_t)(begins_at(parts->items[p]) - grid.first);
        for (size_t i = 0; i < series->n_requests; i++)
            add_interval(merged, from + i, series, i);
    }
    return merged;
}
