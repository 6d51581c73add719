#include "tests/unit/model/samples.h"

#include <math.h>

#include "base/clock.h"

void sample_histogram(struct rng *rng, int64_t count, struct histogram *out)
{
    for (int64_t i = 0; i < count; i++)
        histogram_record(out, (int64_t)exp(log(1e3) + rng_unit(rng) * log(1e6)));
}

static int64_t *column(struct arena *arena, size_t n, struct rng *rng, int64_t low, int64_t high)
{
    int64_t *values = arena_array(arena, n, sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = rng_between(rng, low, high);
    return values;
}

static double *figures(struct arena *arena, size_t n, struct rng *rng)
{
    double *values = arena_array(arena, n, sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = rng_below(rng, 8) ? rng_unit(rng) * 1e3 : (double)NAN;
    return values;
}

static struct report_look *sample_look(int64_t number, struct arena *arena)
{
    struct report_look *look = arena_array(arena, 1, sizeof *look);
    *look = (struct report_look){.number = number, .of = 5, .percent = 0.3 * (double)number};
    if (number < look->of)
        look->reason = number % 2 ? LOOK_SURE : LOOK_WIDTH;
    return look;
}

static void sample_pair(struct rng *rng, int64_t n_pairs, struct report *out)
{
    struct report_pair *pair = arena_array(&out->arena, 1, sizeof *pair);
    *pair = (struct report_pair){.id = "0123456789abcdef",
                                 .role = rng_below(rng, 2) ? ROLE_BASE : ROLE_CANDIDATE,
                                 .start = rng_between(rng, 1, 5),
                                 .block_ns = rng_between(rng, 1, 5000) * NS_PER_MS,
                                 .n_pairs = n_pairs,
                                 .n_first = (size_t)n_pairs,
                                 .first = column(&out->arena, (size_t)n_pairs, rng, 0, 1)};
    pair->batch_end = arena_array(&out->arena, (size_t)n_pairs, sizeof *pair->batch_end);
    for (int64_t end = 0; end < n_pairs;) {
        end += rng_between(rng, 1, n_pairs / 20 + 1);
        pair->batch_end[pair->n_ends++] = end < n_pairs ? end : n_pairs;
    }
    out->pair = pair;
    if (n_pairs % 2)
        pair->look = sample_look(pair->start, &out->arena);
}

/* The blocks of an endpoint; `whole` takes all their requests. */
static struct report_blocks *sample_blocks(struct rng *rng, const struct report_pair *pair,
                                           struct arena *arena, struct histogram *whole)
{
    struct report_blocks *blocks = arena_array(arena, 1, sizeof *blocks);
    size_t n = (size_t)pair->n_pairs, number = 0;
    blocks->n_count = blocks->n_sum = blocks->n_failures = n;
    blocks->count = column(arena, n, rng, 0, 20);
    blocks->failures = column(arena, n, rng, 0, 0);
    blocks->sum_ns = column(arena, n, rng, 0, 0);
    blocks->n_batches = pair->n_ends;
    blocks->batches = arena_array(arena, blocks->n_batches, sizeof *blocks->batches);
    for (size_t i = 0; i < blocks->n_batches; i++) {
        struct histogram batch = {0};
        for (; number < (size_t)pair->batch_end[i]; number++) {
            int64_t before_ns = batch.sum_ns;
            sample_histogram(rng, blocks->count[number], &batch);
            blocks->sum_ns[number] = batch.sum_ns - before_ns;
            blocks->failures[number] = blocks->count[number] / 7;
        }
        histogram_to_sparse(&batch, arena, &blocks->batches[i]);
        histogram_merge(whole, &batch);
        histogram_release(&batch);
    }
    return blocks;
}

static int64_t sum_of(const int64_t *values, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

static void sample_endpoint(struct rng *rng, size_t number, struct report *out)
{
    struct report_endpoint *endpoint = &out->endpoints[number];
    struct histogram histogram = {0};
    if (out->pair)
        endpoint->blocks = sample_blocks(rng, out->pair, &out->arena, &histogram);
    else
        sample_histogram(rng, (int64_t)rng_below(rng, 300), &histogram);
    endpoint->name = arena_printf(&out->arena, "/%06zu/\"\\\t\xc3\xa4", number);
    endpoint->method = rng_below(rng, 2) ? "GET" : "POST";
    endpoint->tags.names = arena_array(&out->arena, 2, sizeof *endpoint->tags.names);
    endpoint->tags.names[0] = number % 4 < 3 ? "checkout" : "a.b-C_9";
    endpoint->tags.names[1] = "read";
    endpoint->tags.n = number % 3;
    metrics_from_histogram(&endpoint->metrics, &histogram);
    endpoint->metrics.total_failures =
        out->pair ? sum_of(endpoint->blocks->failures, endpoint->blocks->n_failures)
                  : histogram.count / 7;
    endpoint->metrics.requests_per_s = rng_unit(rng) * 1e4;
    endpoint->content_bytes = rng_below(rng, 2) ? rng_unit(rng) * 1e5 : (double)NAN;
    if (histogram.count)
        endpoint->metrics.error_rate =
            (double)endpoint->metrics.total_failures / (double)histogram.count;
    histogram_to_sparse(&histogram, &out->arena, &endpoint->histogram);
    histogram_release(&histogram);
}

static struct resource_source sample_source(struct rng *rng, const char *name, size_t n,
                                            struct arena *arena)
{
    static const char *const names[] = {"cpu", "memory"};
    struct resource_source source = {.name = name,
                                     .kind = (int)rng_below(rng, 2),
                                     .shared = rng_below(rng, 2),
                                     .cores = rng_below(rng, 2) ? 1.5 : (double)NAN,
                                     .memory_mb = 2048,
                                     .restarts = rng_between(rng, 0, 2),
                                     .gone = rng_below(rng, 2),
                                     .n_series = (size_t)rng_below(rng, 3)};
    source.series = arena_array(arena, source.n_series, sizeof *source.series);
    for (size_t i = 0; i < source.n_series; i++) {
        double *ones = arena_array(arena, n, sizeof *ones);
        for (size_t k = 0; k < n; k++)
            ones[k] = 1;
        source.series[i] = (struct resource_series){.name = names[i],
                                                    .unit = i ? RESOURCE_MB : RESOURCE_RATIO,
                                                    .slope_per_min = i ? -0.25 : (double)NAN,
                                                    .n_values = n,
                                                    .values = figures(arena, n, rng)};
        resource_summarize(&source.series[i], source.series[i].values, ones, n);
    }
    return source;
}

static struct report_resources *sample_resources(struct rng *rng, size_t n, struct arena *arena)
{
    static const char *const names[] = {"machine", "target"};
    struct report_resources *resources = arena_array(arena, 1, sizeof *resources);
    *resources = (struct report_resources){.interval_ns = NS_PER_S,
                                           .cpu_usage = rng_unit(rng),
                                           .memory_usage = (double)NAN,
                                           .of_machine = rng_below(rng, 2),
                                           .n_sources = (size_t)rng_below(rng, 3)};
    resources->sources = arena_array(arena, resources->n_sources, sizeof *resources->sources);
    for (size_t i = 0; i < resources->n_sources && i < 2; i++)
        resources->sources[i] = sample_source(rng, names[i], n, arena);
    return resources;
}

static void sample_rest(struct rng *rng, struct report *out)
{
    struct arena *arena = &out->arena;
    size_t n = (size_t)rng_below(rng, 20);
    struct report_series *series = arena_array(arena, 1, sizeof *series);
    *series = (struct report_series){.interval_ns = NS_PER_S,
                                     .users = column(arena, n, rng, 0, 100),
                                     .requests = column(arena, n, rng, 0, 100),
                                     .failures = column(arena, n, rng, 0, 100),
                                     .average_ms = figures(arena, n, rng),
                                     .p50_ms = figures(arena, n, rng),
                                     .p95_ms = figures(arena, n, rng)};
    series->n_users = series->n_requests = series->n_failures = n;
    series->n_average = series->n_p50 = series->n_p95 = n;
    out->series = rng_below(rng, 2) ? series : NULL;
    out->resources = rng_below(rng, 2) ? sample_resources(rng, n, arena) : NULL;
    out->n_errors = (size_t)rng_below(rng, 3);
    out->errors = arena_array(arena, out->n_errors, sizeof *out->errors);
    for (size_t i = 0; i < out->n_errors; i++)
        out->errors[i] = (struct report_error){.endpoint = "/a",
                                               .method = "GET",
                                               .kind = "status",
                                               .message = "expected status 200, found 500",
                                               .count = rng_between(rng, 1, 9),
                                               .last_seen_ns = NS_PER_S * INT64_C(1795000000)};
}

void sample_report(struct rng *rng, size_t n_endpoints, int64_t n_pairs, struct report *out)
{
    *out = (struct report){.suite = "panel",
                           .run_id = rng_below(rng, 2) ? "00ff00ff00ff00ff" : NULL,
                           .started_ns = NS_PER_S * rng_between(rng, 1, INT64_C(4000000000)),
                           .duration_ns = rng_between(rng, 1, INT64_C(1) << 50),
                           .users = rng_between(rng, 0, 1000),
                           .host = "http://127.0.0.1:8080",
                           .workload = "1222783795e029f6",
                           .scenario = rng_below(rng, 2) ? "perf/\"s\".json" : NULL,
                           .scenario_hash = "fd29d6e6ff0a6a7b",
                           .environment = {.cpu_model = "a \"CPU\"", .cores = 2},
                           .resolution_ns = 250000,
                           .health = {.valid = true, .cpu = rng_unit(rng), .lag_p50_ns = 12345}};
    if (n_pairs)
        sample_pair(rng, n_pairs, out);
    out->n_endpoints = n_endpoints;
    out->endpoints = arena_array(&out->arena, n_endpoints, sizeof *out->endpoints);
    struct histogram whole = {0};
    int64_t failures = 0;
    for (size_t i = 0; i < n_endpoints; i++) {
        sample_endpoint(rng, i, out);
        histogram_merge_sparse(&whole, &out->endpoints[i].histogram);
        failures += out->endpoints[i].metrics.total_failures;
    }
    out->metrics.total_failures = failures;
    metrics_from_histogram(&out->metrics, &whole);
    out->metrics.requests_per_s = rng_unit(rng) * 1e4;
    histogram_release(&whole);
    sample_rest(rng, out);
}
