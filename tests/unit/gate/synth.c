#include "synth.h"

#include <math.h>

#include "base/rng.h"

#define BASE_LATENCY_NS 10e6

double synth_normal(struct rng *rng)
{
    /* Box and Muller 1958 */
    return sqrt(-2 * log1p(-rng_unit(rng))) * cos(2 * M_PI * rng_unit(rng));
}

/* Log-normal, with one request in a hundred five times slower: the tail of a real service. */
static double latency_ns(struct rng *rng, double factor)
{
    double tail = rng_unit(rng) < 0.01 ? 5 : 1;
    return BASE_LATENCY_NS * factor * tail * exp(0.4 * synth_normal(rng));
}

/* What one side of a run is like, beyond what both share. */
struct side_state {
    struct report *report;
    struct histogram batch[SYNTH_ENDPOINTS], all[SYNTH_ENDPOINTS], whole;
    double factor[SYNTH_ENDPOINTS];
    double errors;
    bool pauses;
};

static int64_t or_default(int64_t value, int64_t fallback)
{
    return value ? value : fallback;
}

static void make_columns(const struct synth *how, struct side_state *side, size_t pairs)
{
    struct report *report = side->report;
    static const char *const names[SYNTH_ENDPOINTS] = {"/a", "/b", "/c", "/d"};
    size_t batches = (size_t)or_default(how->batches, 40);
    report->n_endpoints = SYNTH_ENDPOINTS;
    report->endpoints = arena_array(&report->arena, SYNTH_ENDPOINTS, sizeof *report->endpoints);
    for (size_t i = 0; i < SYNTH_ENDPOINTS; i++) {
        struct report_blocks *blocks = arena_array(&report->arena, 1, sizeof *blocks);
        blocks->n_count = blocks->n_sum = blocks->n_failures = pairs;
        blocks->count = arena_array(&report->arena, pairs, sizeof *blocks->count);
        blocks->sum_ns = arena_array(&report->arena, pairs, sizeof *blocks->sum_ns);
        blocks->failures = arena_array(&report->arena, pairs, sizeof *blocks->failures);
        blocks->n_batches = batches;
        blocks->batches = arena_array(&report->arena, batches, sizeof *blocks->batches);
        report->endpoints[i] =
            (struct report_endpoint){.name = names[i], .method = "GET", .blocks = blocks};
    }
}

static void make_pair(const struct synth *how, struct report *report, int64_t start, int role)
{
    size_t pairs = (size_t)or_default(how->pairs, 80), n = (size_t)or_default(how->batches, 40);
    struct report_pair *pair = arena_array(&report->arena, 1, sizeof *pair);
    *pair = (struct report_pair){.id = "00c0ffee",
                                 .role = role,
                                 .start = start,
                                 .block_ns = 250000000,
                                 .n_pairs = (int64_t)pairs,
                                 .n_first = pairs,
                                 .n_ends = n};
    pair->first = arena_array(&report->arena, pairs, sizeof *pair->first);
    pair->batch_end = arena_array(&report->arena, n, sizeof *pair->batch_end);
    for (size_t i = 0; i < n; i++)
        pair->batch_end[i] = (int64_t)((i + 1) * pairs / n);
    report->pair = pair;
    report->workload = "0123456789abcdef";
    report->health.valid = true;
    report->duration_ns = (int64_t)pairs * pair->block_ns;
    report->users = 10;
}

static void run_block(const struct synth *how, struct side_state *side, size_t pair, double shared,
                      struct rng *rng)
{
    bool stalls = !side->pauses && (int64_t)pair + 1 == how->stall;
    double outlier = stalls || rng_unit(rng) < how->outliers ? 10 : 1;
    double errors = rng_unit(rng) < how->burst ? 0.5 : side->errors;
    bool paused = side->pauses && how->pause_every && pair % (size_t)how->pause_every == 0;
    double mean = how->per_block > 0 ? how->per_block : 15;
    for (size_t i = 0; i < SYNTH_ENDPOINTS; i++) {
        struct report_blocks *blocks = side->report->endpoints[i].blocks;
        int64_t n = rng_between(rng, (int64_t)(mean * 0.7), (int64_t)ceil(mean * 1.3));
        blocks->count[pair] = n;
        for (int64_t j = 0; j < n; j++) {
            double ns = latency_ns(rng, shared * outlier * side->factor[i]);
            ns += paused && j % 4 == 0 ? 300e6 * rng_unit(rng) : 0;
            blocks->sum_ns[pair] += (int64_t)ns;
            blocks->failures[pair] += rng_unit(rng) < errors;
            histogram_record(&side->batch[i], (int64_t)ns);
        }
        side->report->endpoints[i].metrics.total_failures += blocks->failures[pair];
    }
}

static void end_batch(struct side_state *side, size_t batch)
{
    for (size_t i = 0; i < SYNTH_ENDPOINTS; i++) {
        histogram_to_sparse(&side->batch[i], &side->report->arena,
                            &side->report->endpoints[i].blocks->batches[batch]);
        histogram_merge(&side->all[i], &side->batch[i]);
        histogram_reset(&side->batch[i]);
    }
}

static void fill_metrics(struct metrics *metrics, int64_t failures, double seconds,
                         const struct histogram *histogram)
{
    metrics_from_histogram(metrics, histogram);
    metrics->total_failures = failures;
    metrics->error_rate = (double)failures / (double)metrics->total_requests;
    metrics->requests_per_s = (double)metrics->total_requests / seconds;
}

static void finish(struct side_state *side)
{
    double seconds = (double)side->report->duration_ns / 1e9;
    int64_t failures = 0;
    for (size_t i = 0; i < SYNTH_ENDPOINTS; i++) {
        struct report_endpoint *endpoint = &side->report->endpoints[i];
        histogram_to_sparse(&side->all[i], &side->report->arena, &endpoint->histogram);
        histogram_merge(&side->whole, &side->all[i]);
        failures += endpoint->metrics.total_failures;
        fill_metrics(&endpoint->metrics, endpoint->metrics.total_failures, seconds, &side->all[i]);
        histogram_release(&side->all[i]);
        histogram_release(&side->batch[i]);
    }
    fill_metrics(&side->report->metrics, failures, seconds, &side->whole);
    histogram_release(&side->whole);
}

static void begin(const struct synth *how, struct side_state *side, struct report *report,
                  struct rng *rng)
{
    bool candidate = report->pair->role == ROLE_CANDIDATE;
    double start = exp(how->start_spread * synth_normal(rng));
    *side = (struct side_state){.report = report,
                                .pauses = candidate,
                                .errors = candidate ? how->candidate_errors : how->errors};
    for (size_t i = 0; i < SYNTH_ENDPOINTS; i++)
        side->factor[i] = start * (1 + (candidate ? how->slow[i] : 0));
    make_columns(how, side, (size_t)report->pair->n_pairs);
}

void synth_paired(const struct synth *how, int64_t start, struct report *candidate,
                  struct report *base)
{
    struct side_state sides[2];
    struct rng rng;
    rng_init(&rng, how->seed, (uint64_t)start);
    *candidate = *base = (struct report){0};
    make_pair(how, base, start, ROLE_BASE);
    make_pair(how, candidate, start, ROLE_CANDIDATE);
    begin(how, &sides[0], base, &rng);
    begin(how, &sides[1], candidate, &rng);
    size_t pairs = (size_t)base->pair->n_pairs, batch = 0;
    double wander = 0; /* what both sides of a pair share: an AR(1) noise and the drift */
    for (size_t pair = 0; pair < pairs; pair++) {
        wander = 0.8 * wander + 0.05 * synth_normal(&rng);
        double shared = exp(wander) * (1 + how->drift * (double)pair / (double)pairs);
        size_t first = rng_below(&rng, 2);
        base->pair->first[pair] = first == 0;
        candidate->pair->first[pair] = first == 1;
        run_block(how, &sides[first], pair, shared, &rng);
        run_block(how, &sides[1 - first], pair, shared, &rng);
        if ((int64_t)pair + 1 == base->pair->batch_end[batch]) {
            end_batch(&sides[0], batch);
            end_batch(&sides[1], batch++);
        }
    }
    finish(&sides[0]);
    finish(&sides[1]);
}

struct report synth_flat(int64_t requests, int64_t failures, double average_ms, double p95_ms)
{
    struct report report = {.flat = true};
    report.metrics = (struct metrics){.total_requests = requests,
                                      .total_failures = failures,
                                      .requests_per_s = 100,
                                      .average_ms = average_ms,
                                      .p95_ms = p95_ms,
                                      .p99_ms = p95_ms,
                                      .median_ms = (double)NAN,
                                      .min_ms = (double)NAN,
                                      .max_ms = (double)NAN,
                                      .p75_ms = (double)NAN,
                                      .p90_ms = (double)NAN,
                                      .p999_ms = (double)NAN};
    report.metrics.error_rate = (double)failures / (double)requests;
    return report;
}
