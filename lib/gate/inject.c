#include "gate/inject.h"

#include <math.h>
#include <string.h>

/* The whole number nearest to `exact` and what was left over before, in [0, most]. */
static int64_t round_on(double exact, double *rest, int64_t most)
{
    double due = exact + *rest;
    double whole = fmin(fmax(floor(due + 0.5), 0), (double)most);
    *rest = due - whole;
    return (int64_t)whole;
}

static int64_t change_requests(struct inject *how, int64_t requests)
{
    return round_on((double)requests * how->requests, &how->requests_rest, INT64_MAX / 1024);
}

/* Of `requests` with `failures`, of which `left` requests are left, how many failures are. */
static int64_t change_failures(struct inject *how, int64_t requests, int64_t failures, int64_t left)
{
    double wanted = how->kept * (double)failures + how->added * (double)(requests - failures);
    return round_on(wanted * how->requests, &how->failures_rest, left);
}

/* ---- evidence ---- */

static int64_t *new_column(struct arena *arena, size_t n)
{
    return arena_array(arena, n, sizeof(int64_t));
}

static void change_pairs(const struct report_blocks *from, struct inject *how,
                         struct report_blocks *out)
{
    for (size_t i = 0; i < from->n_count; i++) {
        int64_t requests = from->count[i];
        out->count[i] = change_requests(how, requests);
        out->failures[i] = change_failures(how, requests, from->failures[i], out->count[i]);
        double left = requests ? (double)out->count[i] / (double)requests : 0;
        out->sum_ns[i] = llround((double)from->sum_ns[i] * how->latency * left);
    }
}

/* Batches of as many requests, with as much latency, as their pairs now have; and all as one. */
static void change_batches(const struct report_blocks *from, const struct report_pair *pair,
                           const struct inject *how, struct arena *arena, struct report_blocks *out,
                           struct histogram *all)
{
    struct histogram batch = {0};
    size_t at = 0;
    for (size_t i = 0; i < from->n_batches; i++) {
        int64_t requests = 0, sum_ns = 0;
        for (; at < (size_t)pair->batch_end[i]; at++) {
            requests += out->count[at];
            sum_ns += out->sum_ns[at];
        }
        histogram_scale(&from->batches[i], how->latency, requests, &batch);
        if (batch.count)
            batch.sum_ns = sum_ns;
        histogram_to_sparse(&batch, arena, &out->batches[i]);
        histogram_merge(all, &batch);
    }
    histogram_release(&batch);
}

static struct report_blocks *change_blocks(const struct report_blocks *from,
                                           const struct report_pair *pair, struct inject *how,
                                           struct arena *arena, struct histogram *all)
{
    struct report_blocks *out = arena_array(arena, 1, sizeof *out);
    *out = *from;
    out->count = new_column(arena, from->n_count);
    out->sum_ns = new_column(arena, from->n_sum);
    out->failures = new_column(arena, from->n_failures);
    out->batches = arena_array(arena, from->n_batches, sizeof *out->batches);
    change_pairs(from, how, out);
    change_batches(from, pair, how, arena, out, all);
    return out;
}

static int64_t sum_of(const int64_t *values, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

/* ---- figures ---- */

static void scale_latencies(struct metrics *metrics, double factor)
{
    double *const figures[] = {&metrics->average_ms, &metrics->median_ms, &metrics->p75_ms,
                               &metrics->p90_ms,     &metrics->p95_ms,    &metrics->p99_ms,
                               &metrics->p999_ms,    &metrics->min_ms,    &metrics->max_ms};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        *figures[i] *= factor;
}

/* Counts that have changed, and latencies from the histogram where it holds every request. */
static void settle(const struct metrics *from, const struct histogram *histogram, double latency,
                   struct metrics *metrics)
{
    int64_t requests = metrics->total_requests;
    if (histogram && histogram->count == requests)
        metrics_from_histogram(metrics, histogram);
    else
        scale_latencies(metrics, latency);
    if (from->total_requests)
        metrics->requests_per_s *= (double)requests / (double)from->total_requests;
    metrics->error_rate =
        requests ? (double)metrics->total_failures / (double)requests : (double)NAN;
}

static void change_endpoint(const struct report_endpoint *from, const struct report_pair *pair,
                            struct inject *how, struct arena *arena, struct histogram *all,
                            struct report_endpoint *out)
{
    struct metrics *metrics = &out->metrics;
    *out = *from;
    histogram_reset(all);
    if (from->blocks && pair) {
        out->blocks = change_blocks(from->blocks, pair, how, arena, all);
        metrics->total_requests = sum_of(out->blocks->count, out->blocks->n_count);
        metrics->total_failures = sum_of(out->blocks->failures, out->blocks->n_failures);
    } else {
        metrics->total_requests = change_requests(how, from->metrics.total_requests);
        metrics->total_failures =
            change_failures(how, from->metrics.total_requests, from->metrics.total_failures,
                            metrics->total_requests);
        if (from->histogram.count == from->metrics.total_requests)
            histogram_scale(&from->histogram, how->latency, metrics->total_requests, all);
    }
    settle(&from->metrics, all, how->latency, metrics);
    histogram_to_sparse(all, arena, &out->histogram);
}

/* ---- the whole ---- */

/* From the endpoints where they are known, and make up all of it. */
static void change_whole(const struct report *from, struct inject *how, const struct histogram *all,
                         struct report *out)
{
    struct metrics *metrics = &out->metrics;
    if (!from->n_endpoints) {
        metrics->total_requests = change_requests(how, from->metrics.total_requests);
        metrics->total_failures =
            change_failures(how, from->metrics.total_requests, from->metrics.total_failures,
                            metrics->total_requests);
    }
    for (size_t i = 0; i < from->n_endpoints; i++) {
        const struct metrics *old = &from->endpoints[i].metrics, *new = &out->endpoints[i].metrics;
        metrics->total_requests += new->total_requests - old->total_requests;
        metrics->total_failures += new->total_failures - old->total_failures;
    }
    settle(&from->metrics, all, how->latency, metrics);
}

void inject_report(const struct report *from, struct inject *whole, struct inject *const *changes,
                   struct report *out)
{
    struct histogram all = {0}, one = {0};
    *out = *from;
    out->arena = (struct arena){0};
    out->endpoints = arena_array(&out->arena, from->n_endpoints, sizeof *out->endpoints);
    for (size_t i = 0; i < from->n_endpoints; i++) {
        change_endpoint(&from->endpoints[i], from->pair, changes[i], &out->arena, &one,
                        &out->endpoints[i]);
        histogram_merge(&all, &one);
    }
    change_whole(from, whole, &all, out);
    histogram_release(&one);
    histogram_release(&all);
}
