/*
 * perf-baseline trend: at which run, and so at which commit, the figures of a suite changed.
 *
 * For people who ask since when; it judges nothing. The runs are those that the newest one can be
 * compared with: of its workload, on its kind of machine. Only the figures of a run are kept, one
 * run being in memory at a time, and the newest one besides.
 */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "cmd/accept_value.h"
#include "cmd/baseline_call.h"
#include "cmd/baseline_text.h"
#include "gate/compare.h"
#include "model/fingerprint.h"
#include "render/utf8.h"
#include "stats/changes.h"
#include "store/find.h"

#define MOST_RUNS 1000
#define SEED      1 /* equal runs give equal changes */

/* What is kept of a run. */
struct run {
    const struct baseline_name *name;
    struct metrics metrics; /* of the scope */
};

/* Why runs were left out, by number. */
struct left_out {
    size_t workload, machine, invalid, endpoint;
};

/* A call of trend. */
struct trend {
    struct call *call;
    struct baseline_place place;
    struct baseline_key key;
    const char *scope;         /* "overall", or an endpoint */
    struct baseline newest;    /* that counts; the others are held against it */
    const char *name, *method; /* of the endpoint, in `newest`; NULL: the whole run */
    size_t n_stored;
    size_t n;
    struct run *runs; /* oldest first */
    struct left_out left;
    struct policy_rules rules; /* say which metrics are looked at */
};

/* ---- the runs ---- */

static const struct metrics *metrics_of(const struct trend *trend, const struct report *report)
{
    const struct report_endpoint *endpoint;
    if (!trend->name)
        return &report->metrics;
    endpoint = compare_find(report, trend->name, trend->method);
    return endpoint ? &endpoint->metrics : NULL;
}

/* The metrics of the scope where a run counts; NULL where it is left out. */
static const struct metrics *take(struct trend *trend, const struct report *report)
{
    if (!report_is_usable(report)) {
        trend->left.invalid++;
        return NULL;
    }
    const struct report *newest = &trend->newest.runs[0].report;
    const struct metrics *metrics = metrics_of(trend, report);
    if (!report_same_workload(report, newest))
        trend->left.workload++;
    else if (!fingerprint_same_kind(&report->environment, &newest->environment))
        trend->left.machine++;
    else if (!metrics || !metrics->total_requests)
        trend->left.endpoint++;
    else
        return metrics;
    return NULL;
}

/* Finds the endpoint that --scope names in the newest run, and what the policy asks of it. */
static int find_scope(struct trend *trend, const struct policy *policy, struct err *err)
{
    const struct baseline_run *run = &trend->newest.runs[0];
    const struct metrics *metrics;
    if (accept_scope(&run->report, run->path, trend->scope, &metrics, err) < 0)
        return -1;
    trend->rules = policy->overall;
    for (size_t i = 0; i < run->report.n_endpoints; i++) {
        const struct report_endpoint *endpoint = &run->report.endpoints[i];
        if (metrics != &endpoint->metrics)
            continue;
        trend->name = endpoint->name;
        trend->method = endpoint->method;
        policy_rules_for(policy, endpoint->method, endpoint->name, &endpoint->tags, &trend->rules);
    }
    return 0;
}

/* Loads a run and keeps its figures; the first that can be trusted becomes the newest. */
static int load_run(struct trend *trend, const struct baseline_name *name,
                    const struct policy *policy, struct run **at, struct err *err)
{
    struct baseline baseline = {0};
    if (baseline_load_at(&trend->place, name->path, &baseline, err) < 0)
        return -1;
    const struct report *report = &baseline.runs[0].report;
    if (!trend->newest.n_runs && report_is_usable(report)) {
        trend->newest = baseline;
        baseline = (struct baseline){0};
        if (find_scope(trend, policy, err) < 0)
            return -1;
    }
    const struct metrics *metrics = take(trend, report);
    if (metrics)
        *--*at = (struct run){name, *metrics};
    baseline_release(&baseline);
    return 0;
}

static int load_runs(struct trend *trend, const struct policy *policy, struct err *err)
{
    struct arena *arena = &trend->call->arena;
    struct baseline_name *names;
    if (baseline_names(&trend->place, &trend->key, arena, &names, &trend->n_stored, err) < 0)
        return -1;
    size_t n = trend->n_stored < MOST_RUNS ? trend->n_stored : MOST_RUNS;
    struct run *runs = arena_array(arena, n + 1, sizeof *runs);
    struct run *at = runs + n; /* newest first, from the end */
    for (size_t i = 0; i < n; i++)
        if (load_run(trend, &names[i], policy, &at, err) < 0)
            return -1;
    trend->runs = at;
    trend->n = (size_t)(runs + n - at);
    return 0;
}

/* ---- the changes ---- */

/* What is found of a metric. */
struct finding {
    enum metric metric;
    size_t n_runs; /* that have a figure of it */
    size_t n_changes;
    bool is_told;
};

struct findings {
    size_t n, n_steps;
    struct finding all[METRIC_COUNT];
    struct baseline_step *steps;
};

static int look_at(const struct trend *trend, enum metric metric, struct findings *out,
                   struct err *err)
{
    struct arena *arena = &trend->call->arena;
    struct finding *finding = &out->all[out->n++];
    const struct run **runs = arena_array(arena, trend->n + 1, sizeof *runs);
    double *values = arena_array(arena, trend->n + 1, sizeof *values);
    struct changes_point *points =
        arena_array(arena, trend->n / CHANGES_SEGMENT + 1, sizeof *points);
    struct rng rng;
    *finding = (struct finding){.metric = metric};
    for (size_t i = 0; i < trend->n; i++) {
        values[finding->n_runs] = metric_value(&trend->runs[i].metrics, metric);
        if (!isnan(values[finding->n_runs]))
            runs[finding->n_runs++] = &trend->runs[i];
    }
    rng_init(&rng, SEED, metric);
    if (changes_find(values, finding->n_runs, &rng, points, &finding->n_changes) < 0)
        return err_set(err, ERR_INPUT, "%s: a run has a figure of %s that is beyond all reason",
                       baseline_key_dir(&trend->key, arena), metric_info(metric)->name);
    for (size_t i = 0; i < finding->n_changes; i++)
        out->steps[out->n_steps++] = (struct baseline_step){.metric = metric,
                                                            .last = runs[points[i].at - 1]->name,
                                                            .first = runs[points[i].at]->name,
                                                            .before = points[i].before,
                                                            .after = points[i].after,
                                                            .p = points[i].p};
    return 0;
}

static int look_at_all(const struct trend *trend, struct findings *out, struct err *err)
{
    size_t most = trend->n / CHANGES_SEGMENT * METRIC_COUNT;
    out->steps = arena_array(&trend->call->arena, most + 1, sizeof *out->steps);
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        if (!isnan(trend->rules.threshold[metric]) &&
            look_at(trend, (enum metric)metric, out, err) < 0)
            return -1;
    return 0;
}

/* ---- the text ---- */

static void add_time(struct buf *out, const char *before, const struct run *run)
{
    buf_add_str(out, before);
    num_add_utc(out, run->name->started_ns);
}

/* "baselines/shop/default, overall: 38 of 40 runs, from 2026-… to 2026-…" */
static void add_heading(const struct trend *trend, struct buf *out)
{
    buf_addf(out, "%s, ", baseline_key_dir(&trend->key, &trend->call->arena));
    utf8_add_safe(out, trend->scope);
    buf_addf(out, ": %zu of %zu runs", trend->n, trend->n_stored);
    if (trend->n) {
        add_time(out, ", from ", &trend->runs[0]);
        add_time(out, " to ", &trend->runs[trend->n - 1]);
    }
    buf_add_char(out, '\n');
}

/* The titles of `first`, and of the metrics that there is as little to say of. */
static void add_titles(struct findings *findings, const struct finding *first, struct buf *out)
{
    const char *before = ": ";
    for (size_t i = 0; i < findings->n; i++) {
        struct finding *finding = &findings->all[i];
        if (finding->n_changes || finding->n_runs != first->n_runs)
            continue;
        buf_addf(out, "%s%s", before, metric_info(finding->metric)->title);
        finding->is_told = true;
        before = ", ";
    }
    buf_add_char(out, '\n');
}

static void add_unchanged(struct findings *findings, struct buf *out)
{
    for (size_t i = 0; i < findings->n; i++) {
        const struct finding *finding = &findings->all[i];
        if (finding->n_changes || finding->is_told)
            continue;
        if (finding->n_runs < CHANGES_FEWEST)
            buf_addf(out, "too few runs to tell, %zu of at least %d", finding->n_runs,
                     CHANGES_FEWEST);
        else
            buf_addf(out, "no change in %zu runs", finding->n_runs);
        add_titles(findings, finding, out);
    }
}

/* A run measured twice on one commit tells the machine's changes from the code's. */
static void add_same_commits(const struct findings *findings, struct buf *out)
{
    for (size_t i = 0; i < findings->n_steps; i++) {
        const struct baseline_step *step = &findings->steps[i];
        if (!step->first->commit || !step->last->commit ||
            strcmp(step->first->commit, step->last->commit) != 0)
            continue;
        buf_addf(out, "%s, ", metric_info(step->metric)->title);
        num_add_utc(out, step->first->started_ns);
        buf_add_str(out, ": one commit on both sides, so it was not the code that changed\n");
    }
}

static void note_left_out(const struct trend *trend)
{
    const struct left_out *left = &trend->left;
    size_t n = left->workload + left->machine + left->invalid + left->endpoint;
    if (n)
        io_note(&trend->call->log,
                "%zu run%s left out: %zu of another workload, %zu of another kind of machine than "
                "the newest, %zu invalid, %zu without requests to the endpoint",
                n, n == 1 ? "" : "s", left->workload, left->machine, left->invalid, left->endpoint);
    if (trend->n_stored > MOST_RUNS)
        io_note(&trend->call->log, "only the newest %d runs were looked at", MOST_RUNS);
}

static void add_trend(const struct trend *trend, struct findings *findings)
{
    struct buf *out = &trend->call->product;
    note_left_out(trend);
    add_heading(trend, out);
    if (findings->n_steps) {
        buf_add_char(out, '\n');
        baseline_text_steps(out, findings->steps, findings->n_steps);
        buf_add_char(out, '\n');
    }
    add_same_commits(findings, out);
    add_unchanged(findings, out);
}

/* ---- the subcommand ---- */

int baseline_trend(struct call *call, struct err *err)
{
    struct trend trend = {.call = call};
    struct findings findings = {0};
    struct policy policy;
    bool is_there;
    trend.scope = call->values.scope ? call->values.scope : ACCEPT_OVERALL;
    if (call_place(call, call->operand, &trend.place, err) < 0 ||
        call_pick_key(call, &trend.place, &trend.key, err) < 0 ||
        find_policy_at(&trend.place, FIND_POLICY_PATH, &policy, &is_there, err) < 0)
        return -1;
    trend.rules = policy.overall;
    int status = load_runs(&trend, &policy, err);
    if (status == 0)
        status = look_at_all(&trend, &findings, err);
    if (status == 0)
        add_trend(&trend, &findings);
    baseline_release(&trend.newest);
    policy_release(&policy);
    return status;
}
