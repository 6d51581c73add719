#include "load/result.h"

#include <inttypes.h>
#include <math.h>

#include "base/clock.h"
#include "base/rng.h"
#include "load/health.h"
#include "load/result_series.h"

/* What the parts of one report have in common while it is built. */
struct build {
    const struct crew *crew;
    int arm;
    struct report *report;
    struct arena *arena; /* the report's */
    size_t n_pairs, per_batch, n_batches;
    struct histogram all;  /* latencies of all endpoints */
    struct histogram sent; /* open model: from their send */
};

/* What both sides have in common. */
struct run_facts {
    int64_t started_ns;
    struct rng rng;      /* for ids */
    const char *pair_id; /* NULL: not a paired run */
    int64_t start;
    const struct load_looks *looks; /* NULL: none */
    const char *runner_image;
};

static const struct recorder *recorder_of(const struct build *build, int worker)
{
    return &build->crew->workers[worker].lanes[build->arm].recorder;
}

/* ---- endpoints ---- */

/* An endpoint's numbers over all workers. */
struct sum {
    struct histogram latencies, sent;
    struct slowest slowest;
    int64_t failures, body_bytes;
};

static void add_up(const struct build *build, size_t endpoint, struct sum *sum)
{
    *sum = (struct sum){0};
    for (int i = 0; i < build->crew->n; i++) {
        const struct endpoint_record *record = &recorder_of(build, i)->endpoints[endpoint];
        histogram_merge(&sum->latencies, &record->total);
        histogram_merge(&sum->latencies, &record->batch); /* of a run that is under way */
        histogram_merge(&sum->sent, &record->sent);
        for (size_t k = 0; k < record->slowest.n; k++)
            slowest_add(&sum->slowest, &record->slowest.items[k]);
        sum->failures += record->failures;
        sum->body_bytes += record->body_bytes;
    }
}

static void add_columns(const struct build *build, size_t endpoint, struct report_blocks *blocks)
{
    for (int i = 0; i < build->crew->n; i++) {
        const struct recorder *recorder = recorder_of(build, i);
        for (size_t pair = 0; pair < recorder->n_pairs; pair++) {
            const struct block_cell *cell =
                &recorder->cells[pair * recorder->n_endpoints + endpoint];
            blocks->count[pair] += cell->count;
            blocks->sum_ns[pair] += cell->sum_ns;
            blocks->failures[pair] += cell->failures;
        }
    }
}

/* Batch `b`, or of a run that is under way the one that is open. */
static void add_batch(const struct recorder *recorder, size_t b, size_t endpoint,
                      struct histogram *batch)
{
    if (b < recorder->n_batches)
        histogram_merge_sparse(batch, &recorder->batches[b * recorder->n_endpoints + endpoint]);
    else if (b == recorder->n_batches)
        histogram_merge(batch, &recorder->endpoints[endpoint].batch);
}

static void add_batches(const struct build *build, size_t endpoint, struct report_blocks *blocks)
{
    struct histogram batch = {0};
    for (size_t b = 0; b < build->n_batches; b++) {
        for (int i = 0; i < build->crew->n; i++)
            add_batch(recorder_of(build, i), b, endpoint, &batch);
        histogram_to_sparse(&batch, build->arena, &blocks->batches[b]);
        histogram_reset(&batch);
    }
    histogram_release(&batch);
}

static struct report_blocks *blocks_of(const struct build *build, size_t endpoint)
{
    size_t n = build->n_pairs;
    struct report_blocks *blocks = arena_array(build->arena, 1, sizeof *blocks);
    *blocks = (struct report_blocks){
        .n_count = n,
        .n_sum = n,
        .n_failures = n,
        .count = arena_array(build->arena, n, sizeof *blocks->count),
        .sum_ns = arena_array(build->arena, n, sizeof *blocks->sum_ns),
        .failures = arena_array(build->arena, n, sizeof *blocks->failures),
        .n_batches = build->n_batches,
        .batches = arena_array(build->arena, build->n_batches, sizeof *blocks->batches),
    };
    add_columns(build, endpoint, blocks);
    add_batches(build, endpoint, blocks);
    return blocks;
}

static void fill_metrics(const struct build *build, const struct histogram *latencies,
                         int64_t failures, struct metrics *metrics)
{
    metrics->total_requests = latencies->count;
    metrics->total_failures = failures;
    int64_t duration_ns = build->report->duration_ns;
    metrics->requests_per_s =
        duration_ns > 0 ? (double)latencies->count * (double)NS_PER_S / (double)duration_ns : 0;
    metrics_from_histogram(metrics, latencies);
}

/* In the report's order: the slowest first. */
static void add_slowest(const struct slowest *slowest, struct arena *arena,
                        struct report_traces *out)
{
    out->items = arena_array(arena, slowest->n, sizeof *out->items);
    for (size_t i = 0; i < slowest->n; i++) {
        const struct traced *traced = &slowest->items[i];
        size_t at = out->n++;
        for (; at > 0 && out->items[at - 1].latency_ns < traced->latency_ns; at--)
            out->items[at] = out->items[at - 1];
        out->items[at] =
            (struct report_trace){.trace_id = arena_printf(arena, "%016" PRIx64 "%016" PRIx64,
                                                           traced->id.high, traced->id.low),
                                  .latency_ns = traced->latency_ns,
                                  .ended_ns = traced->ended_ns};
    }
}

static void add_endpoint(struct build *build, size_t number, struct sum *sum)
{
    const struct plan_endpoint *endpoint = &build->crew->plan->endpoints[number];
    struct report *report = build->report;
    struct report_endpoint *out = &report->endpoints[report->n_endpoints++];
    *out = (struct report_endpoint){
        .name = arena_strdup(build->arena, endpoint->name),
        .method = arena_strdup(build->arena, endpoint->method),
        .tags = scenario_tags(build->crew->plan->scenario, endpoint->method, endpoint->name,
                              build->arena),
        .content_bytes = (double)sum->body_bytes / (double)sum->latencies.count,
        .blocks = report->pair ? blocks_of(build, number) : NULL,
    };
    add_slowest(&sum->slowest, build->arena, &out->slowest);
    fill_metrics(build, &sum->latencies, sum->failures, &out->metrics);
    histogram_to_sparse(&sum->latencies, build->arena, &out->histogram);
    if (sum->sent.count)
        out->from_send = report_sent_new(&sum->sent, true, build->arena);
}

/* Endpoints that no request went to are left out. */
static void add_endpoints(struct build *build)
{
    struct report *report = build->report;
    size_t n = build->crew->plan->n_endpoints;
    int64_t failures = 0;
    report->endpoints = arena_array(build->arena, n, sizeof *report->endpoints);
    for (size_t i = 0; i < n; i++) {
        struct sum sum;
        add_up(build, i, &sum);
        if (sum.latencies.count)
            add_endpoint(build, i, &sum);
        failures += sum.failures;
        histogram_merge(&build->all, &sum.latencies);
        histogram_merge(&build->sent, &sum.sent);
        histogram_release(&sum.latencies);
        histogram_release(&sum.sent);
    }
    if (build->sent.count)
        report->from_send = report_sent_new(&build->sent, false, build->arena);
    fill_metrics(build, &build->all, failures, &report->metrics);
    report_sort(report);
}

static void add_arrivals(struct build *build)
{
    const struct plan *plan = build->crew->plan;
    if (!plan->rate.n)
        return;
    struct report_arrivals *arrivals = arena_array(build->arena, 1, sizeof *arrivals);
    *arrivals = (struct report_arrivals){
        .process = plan->settings.poisson ? ARRIVALS_POISSON : ARRIVALS_CONSTANT,
        .rate = plan->settings.rate > 0 ? plan->settings.rate : (double)NAN};
    for (int i = 0; i < build->crew->n; i++) {
        const struct open_model *model = &build->crew->workers[i].lanes[build->arm].open;
        arrivals->started += model->started;
        arrivals->missed += model->missed;
    }
    build->report->arrivals = arrivals;
}

static void add_errors(struct build *build)
{
    struct error_table all = {0};
    for (int i = 0; i < build->crew->n; i++)
        error_table_merge(&all, &recorder_of(build, i)->errors);
    struct report *report = build->report;
    report->errors = arena_array(build->arena, all.n, sizeof *report->errors);
    report->n_errors = all.n;
    for (size_t i = 0; i < all.n; i++) {
        const struct error_row *row = &all.rows[i];
        const struct plan_endpoint *endpoint = &build->crew->plan->endpoints[row->endpoint];
        report->errors[i] =
            (struct report_error){.endpoint = arena_strdup(build->arena, endpoint->name),
                                  .method = arena_strdup(build->arena, endpoint->method),
                                  .kind = failure_name(row->failure),
                                  .message = arena_strdup(build->arena, row->message),
                                  .count = row->count,
                                  .first_seen_ns = row->first_ns,
                                  .last_seen_ns = row->last_ns};
    }
    error_table_release(&all);
}

/* ---- the pair ---- */

static struct report_look *look_of(const struct build *build, const struct load_looks *looks)
{
    const struct crew *crew = build->crew;
    if (!looks)
        return NULL;
    struct report_look *look = arena_array(build->arena, 1, sizeof *look);
    *look = (struct report_look){.number = crew->look ? crew->look : SCHEDULE_LOOKS,
                                 .of = SCHEDULE_LOOKS,
                                 .reason = (int)crew->ended,
                                 .percent = looks->percent};
    return look;
}

static void add_pair(struct build *build, const struct run_facts *run)
{
    const struct schedule *schedule = &build->crew->schedule;
    size_t n = build->n_pairs;
    struct report_pair *pair = arena_array(build->arena, 1, sizeof *pair);
    *pair = (struct report_pair){
        .id = arena_strdup(build->arena, run->pair_id),
        .role = build->arm == 0 ? ROLE_CANDIDATE : ROLE_BASE,
        .start = run->start > 0 ? run->start : 1,
        .block_ns = schedule->block_ns,
        .n_pairs = (int64_t)n,
        .n_first = n,
        .first = arena_array(build->arena, n, sizeof *pair->first),
        .n_ends = build->n_batches,
        .batch_end = arena_array(build->arena, build->n_batches, sizeof *pair->batch_end),
        .look = look_of(build, run->looks),
    };
    for (size_t i = 0; i < n; i++)
        pair->first[i] = schedule->first[i] == build->arm;
    for (size_t i = 0; i < build->n_batches; i++) {
        size_t end = (i + 1) * build->per_batch;
        pair->batch_end[i] = (int64_t)(end < n ? end : n);
    }
    build->report->pair = pair;
}

/* Pairs that began: of an interrupted run the last one may have a single block. */
static size_t pairs_begun(const struct crew *crew)
{
    size_t n = 0;
    for (int i = 0; i < crew->n; i++) {
        for (int arm = 0; arm < 2; arm++) {
            const struct recorder *recorder = &crew->workers[i].lanes[arm].recorder;
            n = recorder->n_pairs > n ? recorder->n_pairs : n;
        }
    }
    return n;
}

/* ---- the report ---- */

/* Requests of a single run are counted by their start within the duration, so their rate is over
 * that time; a paired run's arms also have the ends of their blocks, in which nothing starts. */
static int64_t measured_time(const struct crew *crew, int arm)
{
    int64_t longest_ns = 0;
    for (int i = 0; i < crew->n; i++) {
        int64_t ns = lane_measured(&crew->workers[i].lanes[arm]);
        longest_ns = ns > longest_ns ? ns : longest_ns;
    }
    const struct plan *plan = crew->plan;
    if (plan->n_arms == 1 && longest_ns > plan->settings.duration_ns)
        return plan->settings.duration_ns;
    return longest_ns;
}

static const char *make_id(struct rng *rng, struct arena *arena)
{
    return arena_printf(arena, "%016llx", (unsigned long long)rng_u64(rng));
}

static const char *host_of(const struct crew *crew, int arm, struct arena *arena)
{
    struct buf text = {0};
    url_add_origin(&crew->plan->arms[arm].origins[0].url, &text);
    const char *host = arena_strdup(arena, buf_text(&text));
    buf_release(&text);
    return host;
}

static void fill_header(const struct build *build, struct run_facts *run)
{
    const struct plan *plan = build->crew->plan;
    struct report *report = build->report;
    char workload[17], scenario_hash[17];
    struct scenario used = *plan->scenario;
    used.rate = plan->settings.rate;
    used.stages = plan->settings.stages;
    scenario_workload_hash(plan->scenario, 0, 1, scenario_hash);
    scenario_workload_hash(&used, plan->settings.users, plan->settings.think_scale, workload);
    report->suite = arena_strdup(build->arena, plan->scenario->name);
    report->run_id = arena_strdup(build->arena, plan->arms[build->arm].run_id);
    report->trace_link = arena_strdup(build->arena, plan->scenario->trace.link);
    report->started_ns = run->started_ns;
    report->duration_ns = measured_time(build->crew, build->arm);
    report->users = plan->settings.users;
    report->host = host_of(build->crew, build->arm, build->arena);
    report->workload = arena_strdup(build->arena, workload);
    report->scenario = arena_strdup(build->arena, plan->scenario->path);
    report->scenario_hash = arena_strdup(build->arena, scenario_hash);
    fingerprint_read(&report->environment, build->arena);
    report->environment.runner_image = arena_strdup(build->arena, run->runner_image);
}

static void build_side(const struct crew *crew, int arm, struct run_facts *run,
                       struct load_side *side)
{
    struct build build = {.crew = crew,
                          .arm = arm,
                          .report = &side->report,
                          .arena = &side->report.arena,
                          .n_pairs = pairs_begun(crew),
                          .per_batch = crew->schedule.pairs_per_batch};
    if (build.per_batch)
        build.n_batches = (build.n_pairs + build.per_batch - 1) / build.per_batch;
    fill_header(&build, run);
    if (run->pair_id)
        add_pair(&build, run);
    add_endpoints(&build);
    add_arrivals(&build);
    add_errors(&build);
    result_add_series(crew, arm, side);
    health_judge(crew, arm, &build.all, &side->report);
    histogram_release(&build.all);
    histogram_release(&build.sent);
}

void result_build(const struct crew *crew, const struct load_options *options, int64_t started_ns,
                  struct load_result *result)
{
    struct arena arena = {0};
    struct run_facts run = {.started_ns = started_ns,
                            .start = options->start,
                            .looks = options->looks,
                            .runner_image = options->runner_image};
    rng_init(&run.rng, (uint64_t)started_ns, (uint64_t)clock_monotonic_ns());
    if (crew->plan->n_arms > 1)
        run.pair_id = options->pair_id ? options->pair_id : make_id(&run.rng, &arena);
    result->n_sides = crew->plan->n_arms;
    for (size_t arm = 0; arm < result->n_sides; arm++)
        build_side(crew, (int)arm, &run, &result->sides[arm]);
    arena_release(&arena);
}

void load_result_release(struct load_result *result)
{
    for (size_t i = 0; i < result->n_sides; i++)
        report_release(&result->sides[i].report);
    *result = (struct load_result){0};
}
