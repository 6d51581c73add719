#include "load/locust_report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "load/locust_result.h"

#define FIELDS(f) .fields = (f), .n_fields = sizeof(f) / sizeof *(f)
#define MAX_COUNT INT64_C(1000000000000) /* of a latency, so that sums stay whole */
#define MAX_NS    0x1p60                 /* of a sum: 36 years */
#define NOTES     16
#define CPU_SHARE 90 /* percent, from where Locust warns */

/* ---- the state ---- */

struct state_endpoint {
    const char *method, *name;
    int64_t failures, sum_ns, min_ns, max_ns, bytes, without_time;
    size_t n_times;
    int64_t *times; /* as in locust_second */
};

static const struct js_field endpoint_fields[] = {
    {JS_FIELD(state_endpoint, "method", JS_STRING, method), JS_REQUIRED},
    {JS_FIELD(state_endpoint, "name", JS_STRING, name), JS_REQUIRED},
    {JS_FIELD(state_endpoint, "failures", JS_INT, failures)},
    {JS_FIELD(state_endpoint, "sum_ns", JS_INT, sum_ns), .high = MAX_NS},
    {JS_FIELD(state_endpoint, "min_ns", JS_INT, min_ns)},
    {JS_FIELD(state_endpoint, "max_ns", JS_INT, max_ns)},
    {JS_FIELD(state_endpoint, "bytes", JS_INT, bytes)},
    {JS_FIELD(state_endpoint, "without_time", JS_INT, without_time)},
    {JS_LIST(state_endpoint, "times", JS_INTS, times, n_times)},
};
static const struct js_shape endpoint_shape = {.size = sizeof(struct state_endpoint),
                                               FIELDS(endpoint_fields)};

/* A failure's row, and one of exceptions, which has no endpoint. */
struct state_error {
    const char *method, *name, *error, *text;
    int64_t count;
};

static const struct js_field error_fields[] = {
    {JS_FIELD(state_error, "method", JS_STRING, method)},
    {JS_FIELD(state_error, "name", JS_STRING, name)},
    {JS_FIELD(state_error, "error", JS_STRING, error)},
    {JS_FIELD(state_error, "text", JS_STRING, text), JS_REQUIRED},
    {JS_FIELD(state_error, "count", JS_INT, count), JS_REQUIRED},
};
static const struct js_shape error_shape = {.size = sizeof(struct state_error),
                                            FIELDS(error_fields)};

struct state {
    int64_t duration_ns;
    size_t n_endpoints, n_errors, n_exceptions;
    struct state_endpoint *endpoints;
    struct state_error *errors, *exceptions;
    bool busy;
};

static const struct js_field state_fields[] = {
    {JS_FIELD(state, "duration_ns", JS_INT, duration_ns), JS_REQUIRED},
    {JS_LIST(state, "endpoints", JS_OBJECTS, endpoints, n_endpoints), .shape = &endpoint_shape},
    {JS_LIST(state, "errors", JS_OBJECTS, errors, n_errors), .shape = &error_shape},
    {JS_LIST(state, "exceptions", JS_OBJECTS, exceptions, n_exceptions), .shape = &error_shape},
    {JS_FIELD(state, "busy", JS_BOOL, busy)},
};
static const struct js_shape state_shape = {
    .size = sizeof(struct state), FIELDS(state_fields), .skip_unknown = true};

/* ---- histograms ---- */

/* Adds latencies to a histogram; minimum and maximum are kept within their buckets. False where
 * they are none. */
static bool add_times(struct histogram *out, const int64_t *times, size_t n, int64_t sum_ns)
{
    struct arena arena = {0};
    struct histogram_sparse part = {.sum_ns = sum_ns,
                                    .index = arena_array(&arena, n / 2 + 1, sizeof *part.index),
                                    .counts = arena_array(&arena, n / 2 + 1, sizeof *part.counts)};
    bool good = n % 2 == 0;
    for (size_t i = 0; good && i + 1 < n; i += 2) {
        int64_t index = (int64_t)histogram_bucket(times[i]);
        good = times[i] >= 0 && times[i + 1] > 0 && times[i + 1] < MAX_COUNT &&
               part.count < MAX_COUNT && (!part.n || part.index[part.n - 1] <= index);
        if (part.n && part.index[part.n - 1] == index) {
            part.counts[part.n - 1] += times[i + 1];
        } else {
            part.index[part.n] = index;
            part.counts[part.n++] = times[i + 1];
        }
        part.count += times[i + 1];
    }
    if (good && n) {
        part.min_ns = times[0];
        part.max_ns = times[n - 2];
        histogram_merge_sparse(out, &part);
    }
    arena_release(&arena);
    return good;
}

static int64_t within(int64_t value, size_t bucket)
{
    int64_t low = histogram_bucket_low(bucket), beyond = histogram_bucket_low(bucket + 1);
    if (value < low)
        return low;
    return value < beyond ? value : beyond - 1;
}

/* ---- the report ---- */

struct build {
    const struct locust_result *result;
    const struct locust_plan *plan;
    const struct state *state;
    struct report *report;
    struct arena *arena; /* the report's */
    struct histogram all;
};

static void fill_metrics(const struct build *build, const struct histogram *latencies,
                         int64_t failures, struct metrics *metrics)
{
    int64_t duration_ns = build->report->duration_ns;
    metrics->total_failures = failures < latencies->count ? failures : latencies->count;
    metrics->requests_per_s =
        duration_ns > 0 ? (double)latencies->count * (double)NS_PER_S / (double)duration_ns : 0;
    metrics_from_histogram(metrics, latencies);
}

/* False where two counts or sums of latencies are more than a report can hold. */
static bool adds_up(int64_t a, int64_t b)
{
    return a >= 0 && b >= 0 && a <= (int64_t)MAX_NS - b;
}

static int add_endpoint(struct build *build, const struct state_endpoint *source, struct err *err)
{
    struct histogram own = {0};
    struct report_endpoint *out = &build->report->endpoints[build->report->n_endpoints];
    if (!add_times(&own, source->times, source->n_times, source->sum_ns) ||
        !adds_up(own.sum_ns, build->all.sum_ns) || !adds_up(own.count, build->all.count)) {
        histogram_release(&own);
        return err_set(err, ERR_IO, "Locust's figures of '%s' are no latencies: update Locust",
                       source->name);
    }
    if (own.count) {
        own.min_ns = within(source->min_ns, histogram_bucket(source->times[0]));
        own.max_ns = within(source->max_ns, histogram_bucket(source->times[source->n_times - 2]));
        *out = (struct report_endpoint){
            .name = arena_strdup(build->arena, source->name),
            .method = arena_strdup(build->arena, *source->method ? source->method : "-"),
            .content_bytes = (double)source->bytes / (double)own.count};
        if (build->plan->scenario)
            out->tags = scenario_tags(build->plan->scenario, out->method, out->name, build->arena);
        fill_metrics(build, &own, source->failures, &out->metrics);
        histogram_to_sparse(&own, build->arena, &out->histogram);
        histogram_merge(&build->all, &own);
        build->report->n_endpoints++;
    }
    histogram_release(&own);
    return 0;
}

static int add_endpoints(struct build *build, struct err *err)
{
    struct report *report = build->report;
    const struct state *state = build->state;
    int64_t failures = 0;
    report->endpoints = arena_array(build->arena, state->n_endpoints, sizeof *report->endpoints);
    for (size_t i = 0; i < state->n_endpoints; i++)
        if (add_endpoint(build, &state->endpoints[i], err) < 0)
            return -1;
    for (size_t i = 0; i < report->n_endpoints; i++)
        failures += report->endpoints[i].metrics.total_failures;
    fill_metrics(build, &build->all, failures, &report->metrics);
    report_sort(report);
    return 0;
}

static void add_errors(struct build *build)
{
    const struct state *state = build->state;
    struct report *report = build->report;
    report->errors = arena_array(build->arena, state->n_errors, sizeof *report->errors);
    for (size_t i = 0; i < state->n_errors; i++) {
        const struct state_error *error = &state->errors[i];
        if (!error->name || !error->count)
            continue;
        report->errors[report->n_errors++] = (struct report_error){
            .endpoint = arena_strdup(build->arena, error->name),
            .method =
                arena_strdup(build->arena, error->method && *error->method ? error->method : "-"),
            .kind = arena_strdup(build->arena, error->error ? error->error : "exception"),
            .message = arena_strdup(build->arena, error->text),
            .count = error->count};
    }
}

/* ---- intervals ---- */

/* `out` continues the cumulative counts of the second before, which it holds. */
static void continue_second(struct history_second *out, const struct locust_second *second,
                            const struct histogram *latencies)
{
    if (latencies->count && (!out->requests || latencies->min_ns < out->min_ns))
        out->min_ns = latencies->min_ns;
    if (latencies->max_ns > out->max_ns)
        out->max_ns = latencies->max_ns;
    out->requests += latencies->count;
    out->failures += second->failures;
    out->sum_ns += latencies->sum_ns;
    out->content_bytes += second->bytes;
    out->users = second->users;
    out->unix_s++;
}

static int add_series(struct build *build, struct load_side *side, struct err *err)
{
    const struct locust_result *result = build->result;
    size_t n = result->n_seconds;
    struct report_series *series = report_series_new(NS_PER_S, n, build->arena);
    struct histogram latencies = {0};
    struct history_second so_far = {.unix_s = result->began_wall_ns / NS_PER_S};
    bool good = true;
    side->report.series = series;
    side->seconds = arena_array(build->arena, n, sizeof *side->seconds);
    side->n_seconds = n;
    for (size_t i = 0; good && i < n; i++) {
        const struct locust_second *second = &result->seconds[i];
        histogram_reset(&latencies);
        good = add_times(&latencies, second->times, second->n_times, second->sum_ns) &&
               adds_up(so_far.sum_ns, second->sum_ns) && adds_up(so_far.requests, MAX_COUNT) &&
               adds_up(so_far.content_bytes, second->bytes) &&
               adds_up(so_far.failures, second->failures);
        series->users[i] = second->users;
        series->requests[i] = latencies.count;
        series->failures[i] = second->failures;
        series->average_ms[i] = histogram_mean(&latencies) / (double)NS_PER_MS;
        series->p50_ms[i] = histogram_quantile(&latencies, 0.5) / (double)NS_PER_MS;
        series->p95_ms[i] = histogram_quantile(&latencies, 0.95) / (double)NS_PER_MS;
        continue_second(&so_far, second, &latencies);
        side->seconds[i] = so_far;
        histogram_to_sparse(&latencies, build->arena, &side->seconds[i].latencies);
    }
    histogram_release(&latencies);
    return good ? 0 : err_set(err, ERR_IO, "Locust's seconds hold no latencies: update Locust");
}

/* ---- the head, and what is wrong ---- */

static const char *make_id(struct arena *arena)
{
    struct rng rng;
    rng_init(&rng, (uint64_t)clock_wall_ns(), (uint64_t)clock_monotonic_ns());
    return arena_printf(arena, "%016" PRIx64, rng_u64(&rng));
}

/* A locustfile may say itself how many there are. */
static int64_t most_users(const struct locust_result *result)
{
    int64_t most = result->users;
    for (size_t i = 0; i < result->n_seconds; i++)
        if (result->seconds[i].users > most)
            most = result->seconds[i].users;
    return most;
}

static void fill_head(struct build *build, const char *runner_image)
{
    const struct locust_plan *plan = build->plan;
    const struct locust_result *result = build->result;
    struct report *report = build->report;
    struct arena *arena = build->arena;
    const char *host = plan->host                      ? plan->host
                       : result->host && *result->host ? result->host
                                                       : NULL;
    report->suite = arena_strdup(arena, plan->suite);
    report->run_id = make_id(arena);
    report->started_ns = result->began_wall_ns;
    report->duration_ns = build->state->duration_ns;
    report->users = plan->scenario ? plan->users : most_users(result);
    report->host = arena_strdup(arena, host);
    report->workload = arena_strdup(arena, plan->workload);
    report->resolution_ns = plan->resolution_ns;
    if (plan->scenario) {
        char hash[17];
        scenario_workload_hash(plan->scenario, 0, 1, hash);
        report->scenario = arena_strdup(arena, plan->scenario->path);
        report->scenario_hash = arena_strdup(arena, hash);
    }
    fingerprint_read(&report->environment, arena);
    report->environment.runner_image = arena_strdup(arena, runner_image);
    report->environment.tool = arena_printf(arena, "%s, Locust%s%s", report->environment.tool,
                                            result->version && *result->version ? " " : "",
                                            result->version ? result->version : "");
}

static void add_reason(struct report *report, enum invalid_reason reason)
{
    report->health.reasons[report->health.n_reasons++] = invalid_reason_name(reason);
    report->health.valid = false;
}

static void add_note(struct build *build, const char *text)
{
    struct report_health *health = &build->report->health;
    if (health->n_notes < NOTES)
        health->notes[health->n_notes++] = arena_strdup(build->arena, text);
}

static void add_notes(struct build *build)
{
    const struct state *state = build->state;
    int64_t without_time = 0;
    for (size_t i = 0; i < build->result->n_notes; i++)
        add_note(build, build->result->notes[i]);
    for (size_t i = 0; i < state->n_exceptions && i < 3; i++)
        add_note(build,
                 arena_printf(build->arena, "a task raised an exception, %" PRId64 " times: %s",
                              state->exceptions[i].count, state->exceptions[i].text));
    for (size_t i = 0; i < state->n_endpoints; i++)
        without_time += state->endpoints[i].without_time;
    if (without_time)
        add_note(build, arena_printf(build->arena,
                                     "%" PRId64 " requests that have no response time are left out",
                                     without_time));
    if (state->busy)
        add_note(build, arena_printf(build->arena,
                                     "Locust used over %d %% of a core: its own speed is in the "
                                     "figures; give it more --workers",
                                     CPU_SHARE));
}

/* Descriptors or ports ran out: lib/locust/perfgate_scenario.py calls that as failure.h does. */
static bool fell_short(const struct report *report)
{
    for (size_t i = 0; i < report->n_errors; i++)
        if (strcmp(report->errors[i].kind, "generator") == 0)
            return true;
    return false;
}

static void judge(struct build *build, bool interrupted)
{
    struct report *report = build->report;
    struct report_health *health = &report->health;
    health->valid = true;
    health->reasons = arena_array(build->arena, INVALID_COUNT, sizeof *health->reasons);
    health->notes = arena_array(build->arena, NOTES, sizeof *health->notes);
    health->drift_p = NAN;
    if (interrupted)
        add_reason(report, INVALID_INTERRUPTED);
    if (!report->metrics.total_requests)
        add_reason(report, INVALID_NO_REQUESTS);
    if (build->result->lost || (!build->result->ended && !interrupted))
        add_reason(report, INVALID_GENERATOR_LOST);
    if (build->state->n_exceptions)
        add_reason(report, INVALID_EXCEPTIONS);
    if (fell_short(report))
        add_reason(report, INVALID_SOCKET_ERRORS);
    add_notes(build);
}

int locust_result_build(const struct locust_result *result, const struct locust_plan *plan,
                        const char *runner_image, bool interrupted, struct load_result *out,
                        struct err *err)
{
    struct arena arena = {0};
    struct state state = {0};
    struct build build = {.result = result, .plan = plan, .state = &state};
    *out = (struct load_result){.n_sides = 1};
    build.report = &out->sides[0].report;
    build.arena = &build.report->arena;
    int status = 0;
    if (result->state) {
        struct js_at root = js_root(result->state);
        status = js_decode(&root, &state_shape, &state, &arena, err);
    }
    if (status == 0) {
        fill_head(&build, runner_image);
        status = add_endpoints(&build, err);
    }
    if (status == 0)
        status = add_series(&build, &out->sides[0], err);
    if (status == 0) {
        add_errors(&build);
        judge(&build, interrupted);
    } else {
        load_result_release(out);
    }
    histogram_release(&build.all);
    arena_release(&arena);
    return status;
}
