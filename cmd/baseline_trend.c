/*
 * perf-baseline trend: at which run, and so at which commit, the figures of a suite changed.
 *
 * For people who ask since when; it judges nothing. The runs are those that the newest one can be
 * compared with: of its workload, on its kind of machine. Only the figures of a run are kept, one
 * run being in memory at a time, and the newest one besides.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cmd/accept_value.h"
#include "cmd/baseline_call.h"
#include "cmd/trend_parts.h"
#include "gate/compare.h"
#include "model/fingerprint.h"
#include "stats/changes.h"
#include "store/find.h"

#define SEED 1 /* equal runs give equal changes */

/* What is kept of a run. */
struct run {
    const struct baseline_name *name;
    struct metrics metrics; /* of the scope */
};

/* A call of trend. */
struct search {
    struct call *call;
    struct baseline_place place;
    struct baseline_key key;
    struct baseline newest;    /* that counts; the others are held against it */
    const char *name, *method; /* of the endpoint, in `newest`; NULL: the whole run */
    struct run *runs;          /* oldest first; as many as the trend has */
    struct policy_rules rules; /* say which metrics are looked at */
    struct trend trend;
};

/* ---- the runs ---- */

static const struct metrics *metrics_of(const struct search *search, const struct report *report)
{
    const struct report_endpoint *endpoint;
    if (!search->name)
        return &report->metrics;
    endpoint = compare_find(report, search->name, search->method);
    return endpoint ? &endpoint->metrics : NULL;
}

/* The metrics of the scope where a run counts; NULL where it is left out. */
static const struct metrics *take(struct search *search, const struct report *report)
{
    if (!report_is_usable(report)) {
        search->trend.left_out.invalid++;
        return NULL;
    }
    const struct report *newest = &search->newest.runs[0].report;
    const struct metrics *metrics = metrics_of(search, report);
    if (!report_same_workload(report, newest))
        search->trend.left_out.workload++;
    else if (!fingerprint_same_kind(&report->environment, &newest->environment))
        search->trend.left_out.machine++;
    else if (!metrics || !metrics->total_requests)
        search->trend.left_out.endpoint++;
    else
        return metrics;
    return NULL;
}

/* Finds the endpoint that --scope names in the newest run, and what the policy asks of it. */
static int find_scope(struct search *search, const struct policy *policy, struct err *err)
{
    const struct baseline_run *run = &search->newest.runs[0];
    const struct metrics *metrics;
    if (accept_scope(&run->report, run->path, search->trend.scope, &metrics, err) < 0)
        return -1;
    search->rules = policy->overall;
    for (size_t i = 0; i < run->report.n_endpoints; i++) {
        const struct report_endpoint *endpoint = &run->report.endpoints[i];
        if (metrics != &endpoint->metrics)
            continue;
        search->name = endpoint->name;
        search->method = endpoint->method;
        policy_rules_for(policy, endpoint->method, endpoint->name, &endpoint->tags, &search->rules);
    }
    return 0;
}

/* Loads a run and keeps its figures; the first that can be trusted becomes the newest. */
static int load_run(struct search *search, const struct baseline_name *name,
                    const struct policy *policy, struct run **at, struct err *err)
{
    struct baseline baseline = {0};
    if (baseline_load_at(&search->place, name->path, &baseline, err) < 0)
        return -1;
    const struct report *report = &baseline.runs[0].report;
    if (!search->newest.n_runs && report_is_usable(report)) {
        search->newest = baseline;
        baseline = (struct baseline){0};
        if (find_scope(search, policy, err) < 0)
            return -1;
    }
    const struct metrics *metrics = take(search, report);
    if (metrics)
        *--*at = (struct run){name, *metrics};
    baseline_release(&baseline);
    return 0;
}

/* What the trend says of the runs. */
static void fill_runs(struct search *search)
{
    struct trend *trend = &search->trend;
    trend->runs = arena_array(&search->call->arena, trend->n_runs + 1, sizeof *trend->runs);
    for (size_t i = 0; i < trend->n_runs; i++) {
        const struct baseline_name *name = search->runs[i].name;
        trend->runs[i] = (struct trend_run){
            .file = name->path, .commit = name->commit, .started_ns = name->started_ns};
    }
}

static int load_runs(struct search *search, const struct policy *policy, struct err *err)
{
    struct arena *arena = &search->call->arena;
    struct baseline_name *names;
    size_t n_stored;
    if (baseline_names(&search->place, &search->key, arena, &names, &n_stored, err) < 0)
        return -1;
    size_t n = n_stored < TREND_MOST_RUNS ? n_stored : TREND_MOST_RUNS;
    struct run *runs = arena_array(arena, n + 1, sizeof *runs);
    struct run *at = runs + n; /* newest first, from the end */
    for (size_t i = 0; i < n; i++)
        if (load_run(search, &names[i], policy, &at, err) < 0)
            return -1;
    search->runs = at;
    search->trend.n_stored = (int64_t)n_stored;
    search->trend.n_runs = (size_t)(runs + n - at);
    fill_runs(search);
    return 0;
}

/* ---- the changes ---- */

static struct trend_change change_of(const struct changes_point *point, const int64_t *known)
{
    return (struct trend_change){
        .run = known[point->at],
        .last = known[point->at - 1],
        .before = point->before,
        .after = point->after,
        .change = point->before > 0 ? (point->after / point->before - 1) * 100 : (double)NAN,
        .p = point->p};
}

static int look_at(const struct search *search, enum metric metric, struct trend_series *out,
                   struct err *err)
{
    struct arena *arena = &search->call->arena;
    size_t n = search->trend.n_runs, n_known = 0;
    size_t most = n / CHANGES_SEGMENT + 1;
    double *values = arena_array(arena, n + 1, sizeof *values); /* those that are known */
    int64_t *known = arena_array(arena, n + 1, sizeof *known);  /* and of which run each is */
    struct changes_point *points = arena_array(arena, most, sizeof *points);
    struct rng rng;
    *out = (struct trend_series){
        .metric = (int)metric, .threshold = search->rules.threshold[metric], .n_values = n};
    out->values = arena_array(arena, n + 1, sizeof *out->values);
    out->changes = arena_array(arena, most, sizeof *out->changes);
    for (size_t i = 0; i < n; i++) {
        out->values[i] = metric_value(&search->runs[i].metrics, metric);
        if (isnan(out->values[i]))
            continue;
        values[n_known] = out->values[i];
        known[n_known++] = (int64_t)i;
    }
    out->n_known = (int64_t)n_known;
    rng_init(&rng, SEED, metric);
    if (changes_find(values, n_known, &rng, points, &out->n_changes) < 0)
        return err_set(err, ERR_INPUT, "%s: a run has a figure of %s that is beyond all reason",
                       baseline_key_dir(&search->key, arena), metric_info(metric)->name);
    for (size_t i = 0; i < out->n_changes; i++)
        out->changes[i] = change_of(&points[i], known);
    return 0;
}

static int look_at_all(struct search *search, struct err *err)
{
    struct trend *trend = &search->trend;
    trend->series = arena_array(&search->call->arena, METRIC_COUNT, sizeof *trend->series);
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        if (!isnan(search->rules.threshold[metric]) &&
            look_at(search, (enum metric)metric, &trend->series[trend->n_series++], err) < 0)
            return -1;
    return 0;
}

static void note_left_out(const struct search *search)
{
    const struct trend_left_out *left = &search->trend.left_out;
    int64_t n = left->workload + left->machine + left->invalid + left->endpoint;
    if (n)
        io_note(&search->call->log,
                "%" PRId64 " run%s left out: %" PRId64 " of another workload, %" PRId64
                " of another kind of machine than the newest, %" PRId64 " invalid, %" PRId64
                " without requests to the endpoint",
                n, n == 1 ? "" : "s", left->workload, left->machine, left->invalid, left->endpoint);
    if (search->trend.n_stored > TREND_MOST_RUNS)
        io_note(&search->call->log, "only the newest %d runs were looked at", TREND_MOST_RUNS);
}

/* ---- the subcommand ---- */

int baseline_trend(struct call *call, struct err *err)
{
    struct search search = {.call = call};
    struct policy policy;
    bool is_there;
    search.trend.scope = call->values.scope ? call->values.scope : ACCEPT_OVERALL;
    if (call_place(call, call->operand, &search.place, err) < 0 ||
        call_pick_key(call, &search.place, &search.key, err) < 0 ||
        find_policy_at(&search.place, FIND_POLICY_PATH, &policy, &is_there, err) < 0)
        return -1;
    search.trend.suite = search.key.suite;
    search.trend.environment = search.key.environment;
    search.rules = policy.overall;
    int status = load_runs(&search, &policy, err);
    if (status == 0)
        status = look_at_all(&search, err);
    if (status == 0)
        status = trend_load_marks(call, &search.place, &search.key, &search.trend, err);
    if (status == 0) {
        note_left_out(&search);
        trend_add(&search.trend, call->values.format, &call->product);
    }
    baseline_release(&search.newest);
    policy_release(&policy);
    return status;
}
