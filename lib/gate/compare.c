#include "gate/compare.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/accept.h"
#include "gate/drift.h"
#include "gate/evidence.h"
#include "gate/look.h"
#include "gate/paired.h"
#include "gate/runs.h"
#include "gate/stored.h"

/* A side's reports as one: the only one, or a merge that is owned here. */
struct whole {
    const struct report *report;
    struct report merged;
};

static int whole_make(const struct report *const *parts, const char *const *names, size_t n,
                      struct whole *out, struct err *err)
{
    *out = (struct whole){0};
    if (!n)
        return 0;
    out->report = parts[0];
    if (n == 1)
        return 0;
    const char **known = mem_array(n, sizeof *known);
    for (size_t i = 0; i < n; i++)
        known[i] = names ? names[i] : "a report";
    int status = report_merge(parts, known, n, &out->merged, err);
    free(known);
    out->report = &out->merged;
    return status;
}

static void whole_release(struct whole *whole)
{
    if (whole->report == &whole->merged)
        report_release(&whole->merged);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const struct report_endpoint *compare_find(const struct report *report, const char *name,
                                           const char *method)
{
    for (size_t i = 0; i < report->n_endpoints; i++)
        if (same_text(report->endpoints[i].name, name) &&
            same_text(report->endpoints[i].method, method))
            return &report->endpoints[i];
    return NULL;
}

bool compare_same_run(const struct report *a, const struct report *b)
{
    return a->run_id && b->run_id && strcmp(a->run_id, b->run_id) == 0;
}

double compare_log_worse(enum metric metric, const struct estimate *estimate)
{
    double base = estimate->figure[SIDE_BASE], candidate = estimate->figure[SIDE_CANDIDATE];
    if (!(base > 0) || !(candidate > 0))
        return (double)NAN;
    return metric_info(metric)->higher_is_better ? log(base / candidate) : log(candidate / base);
}

/* ---- sentences ---- */

void numbers_note(struct numbers *numbers, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    arena_append(&numbers->arena, &numbers->notes, &numbers->n_notes,
                 arena_vprintf(&numbers->arena, format, args));
    va_end(args);
}

static void add_invalid(struct numbers *numbers, const char *side, const char *why)
{
    arena_append(&numbers->arena, &numbers->invalid, &numbers->n_invalid,
                 arena_printf(&numbers->arena, "the %s run cannot be trusted: %s", side, why));
}

/* What a side's generator said of itself. A flat report has no such part. */
static void check_health(struct numbers *numbers, const char *side, const struct report *report)
{
    const struct report_health *health = &report->health;
    if (!report->flat && !health->valid) {
        for (size_t i = 0; i < health->n_reasons; i++)
            add_invalid(numbers, side, invalid_reason_text(health->reasons[i]));
        if (!health->n_reasons)
            add_invalid(numbers, side, "its report says \"valid\": false");
    } else if (report->metrics.total_requests <= 0) {
        add_invalid(numbers, side, "it completed no request");
    }
}

/* ---- scopes and figures ---- */

struct estimate estimate_blank(void)
{
    return (struct estimate){.figure = {(double)NAN, (double)NAN},
                             .error = (double)NAN,
                             .typical.log_worse = (double)NAN};
}

void numbers_blank(struct scope *scope)
{
    *scope = (struct scope){0};
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        scope->metrics[metric] = estimate_blank();
}

struct scope *numbers_find(const struct numbers *numbers, const char *name, const char *method)
{
    for (size_t i = 0; i < numbers->n_scopes; i++)
        if (same_text(numbers->scopes[i].name, name) &&
            same_text(numbers->scopes[i].method, method))
            return &numbers->scopes[i];
    return NULL;
}

struct scope *numbers_scope(struct numbers *numbers, const char *name, const char *method)
{
    struct scope *scope = numbers_find(numbers, name, method);
    if (scope)
        return scope;
    scope = &numbers->scopes[numbers->n_scopes++];
    numbers_blank(scope);
    scope->name = arena_strdup(&numbers->arena, name);
    scope->method = arena_strdup(&numbers->arena, method);
    accept_attach(numbers, scope);
    return scope;
}

static void scope_fill(struct scope *scope, enum side side, const struct report *report,
                       const struct metrics *metrics)
{
    scope->there[side] = true;
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        scope->metrics[metric].requests[side] = metrics->total_requests;
        scope->metrics[metric].failures[side] = metrics->total_failures;
    }
    if (metrics->total_requests <= 0)
        return; /* whatever figures are written there, they stand for nothing */
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        scope->metrics[metric].figure[side] = metric_value(metrics, (enum metric)metric);
    /* the rule's own definition, whether the document has the key or not */
    if (report_counts_failures(report))
        scope->metrics[METRIC_ERROR_RATE].figure[side] =
            (double)metrics->total_failures / (double)metrics->total_requests;
}

void numbers_coarsen(struct numbers *numbers, enum side side, const struct report *report)
{
    if (report->resolution_ns > numbers->resolution_ns[side])
        numbers->resolution_ns[side] = report->resolution_ns;
}

/* Those of the whole run alone. The base's say nothing where they are of something else. */
static void fill_resources(struct numbers *numbers, enum side side, const struct report *report)
{
    bool of_machine = report->resources && report->resources->of_machine;
    if (side == SIDE_CANDIDATE)
        numbers->of_machine = of_machine;
    if (report->metrics.total_requests <= 0 ||
        (side == SIDE_BASE && of_machine != numbers->of_machine))
        return;
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        if (metric_info((enum metric)metric)->kind == KIND_RESOURCE)
            numbers->scopes[0].metrics[metric].figure[side] =
                report_figure(report, (enum metric)metric);
}

/* One side's figures from one report. */
static void fill_side(struct numbers *numbers, enum side side, const struct report *report)
{
    numbers_coarsen(numbers, side, report);
    scope_fill(&numbers->scopes[0], side, report, &report->metrics);
    fill_resources(numbers, side, report);
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &report->endpoints[i];
        scope_fill(numbers_scope(numbers, endpoint->name, endpoint->method), side, report,
                   &endpoint->metrics);
    }
}

/* Room for every scope that any report names; the whole run is the first. */
static void scopes_make(const struct gate_input *in, struct numbers *numbers)
{
    size_t room = 1;
    for (size_t i = 0; i < in->n_candidates; i++)
        room += in->candidates[i]->n_endpoints;
    for (size_t i = 0; i < in->n_bases; i++)
        room += in->bases[i]->n_endpoints;
    numbers->scopes = arena_array(&numbers->arena, room, sizeof *numbers->scopes);
    numbers_scope(numbers, NULL, NULL);
}

static void fill_measured(struct numbers *numbers, const struct report *candidate)
{
    struct buf text = {0};
    report_add_source(&text, candidate);
    if (candidate->source)
        numbers->measured = arena_strdup(&numbers->arena, buf_text(&text));
    buf_release(&text);
}

static void fill_head(struct numbers *numbers, const struct report *candidate)
{
    struct arena *arena = &numbers->arena;
    numbers->suite = arena_strdup(arena, candidate->suite);
    numbers->users = candidate->users;
    numbers->duration_ns = candidate->duration_ns;
    fill_measured(numbers, candidate);
    numbers->environment = candidate->environment;
    struct fingerprint *environment = &numbers->environment;
    environment->cpu_model = arena_strdup(arena, environment->cpu_model);
    environment->virtualization = arena_strdup(arena, environment->virtualization);
    environment->kernel = arena_strdup(arena, environment->kernel);
    environment->runner_image = arena_strdup(arena, environment->runner_image);
    environment->tool = arena_strdup(arena, environment->tool);
}

static void add_tags(struct numbers *numbers, const char *name, const char *method,
                     const struct tags *tags)
{
    struct scope *scope = tags->n ? numbers_find(numbers, name, method) : NULL;
    if (scope)
        tags_add(&scope->tags, tags, &numbers->arena);
}

static void add_tags_of(struct numbers *numbers, const struct report *const *reports, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < reports[i]->n_endpoints; k++) {
            const struct report_endpoint *endpoint = &reports[i]->endpoints[k];
            add_tags(numbers, endpoint->name, endpoint->method, &endpoint->tags);
        }
}

/* All that the scopes have anywhere, of bases that cannot be compared too, so that no change sheds
 * a rule by dropping a tag. */
static void fill_tags(const struct gate_input *in, struct numbers *numbers)
{
    add_tags_of(numbers, in->candidates, in->n_candidates);
    add_tags_of(numbers, in->bases, in->n_bases);
    for (size_t i = 0; i < in->n_tagged; i++)
        add_tags(numbers, in->tagged[i].name, in->tagged[i].method, &in->tagged[i].tags);
}

/* ---- the kinds of comparison ---- */

size_t compare_count_runs(const struct report *const *reports, size_t n)
{
    size_t runs = 0;
    for (size_t i = 0; i < n; i++) {
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = reports[i]->run_id && same_text(reports[i]->run_id, reports[j]->run_id);
        runs += !seen;
    }
    return runs;
}

/* A start that was left behind may be the one that was slow. */
static void note_missing_starts(const struct gate_input *in, struct numbers *numbers)
{
    int64_t last = 0;
    for (size_t i = 0; i < in->n_candidates; i++)
        if (in->candidates[i]->pair->start > last)
            last = in->candidates[i]->pair->start;
    if (last > (int64_t)in->n_candidates)
        numbers_note(numbers,
                     "the reports reach to start %lld of the paired run, and only %zu of its "
                     "starts are given; name the reports of all",
                     (long long)last, in->n_candidates);
}

static void compare_paired(const struct gate_input *in, const bool *wanted,
                           const struct report *base, struct numbers *numbers)
{
    check_health(numbers, "base", base);
    fill_side(numbers, SIDE_BASE, base);
    note_missing_starts(in, numbers);
    look_read(in, numbers);
    paired_estimate(in, wanted, numbers);
}

static const char *format_of(const struct report *report)
{
    return report->source ? report->source->format : "perf-run";
}

static void add_other_source(const struct report *candidate, const struct report *base,
                             struct numbers *numbers)
{
    if (numbers->base_state == BASE_THERE)
        numbers->base_state = BASE_OTHER_SOURCE;
    numbers->base_reason =
        arena_printf(&numbers->arena,
                     "the baseline is of %s and the candidate of %s, whose figures do not mean the "
                     "same; measure the baseline anew with the candidate's tool",
                     format_of(base), format_of(candidate));
}

static void compare_file(const struct report *candidate, const struct report *base,
                         struct numbers *numbers)
{
    check_health(numbers, "base", base);
    fill_side(numbers, SIDE_BASE, base);
    numbers->plain = "one report as the baseline says nothing of its noise";
    if (candidate->workload && base->workload && !same_text(candidate->workload, base->workload)) {
        numbers->base_state = BASE_NOT_COMPARABLE;
        numbers->base_reason = "the baseline is of another workload (scenario, users or pacing "
                               "differ); measure it anew with this one";
    }
    if (!report_same_source(candidate, base)) {
        add_other_source(candidate, base, numbers);
    }
    if (!candidate->flat && !base->flat &&
        !fingerprint_same_kind(&candidate->environment, &base->environment))
        numbers_note(numbers, "the baseline was measured on another kind of machine, which may "
                              "differ by more than the change under test");
}

static void compare_stored(const struct gate_input *in, const bool *wanted,
                           const struct report *candidate, struct numbers *numbers)
{
    const struct report **counting = mem_array(in->n_bases ? in->n_bases : 1, sizeof *counting);
    size_t n = stored_select(in, candidate, numbers, counting);
    if (n && n < RUNS_MIN)
        numbers->plain =
            arena_printf(&numbers->arena, "%zu stored run%s, and noise is estimated from %d on", n,
                         n == 1 ? "" : "s", RUNS_MIN);
    size_t replicates = compare_count_runs(in->candidates, in->n_candidates);
    if (replicates > 1 && replicates == in->n_candidates)
        stored_fill_repeats(in->candidates, replicates, numbers);
    if (n)
        stored_estimate(counting, n, replicates, wanted, numbers);
    free(counting);
}

static void compare_none(struct numbers *numbers)
{
    numbers->base_state = BASE_MISSING;
    numbers->base_reason = "there is no baseline to compare with";
}

static void compare_by_kind(const struct gate_input *in, const bool *wanted,
                            const struct report *candidate, const struct report *base,
                            struct numbers *numbers)
{
    if (in->comparison == COMPARISON_PAIRED)
        compare_paired(in, wanted, base, numbers);
    else if (in->comparison == COMPARISON_STORED)
        compare_stored(in, wanted, candidate, numbers);
    else if (in->comparison == COMPARISON_FILE && base)
        compare_file(candidate, base, numbers);
    else
        compare_none(numbers);
}

/* It would always pass. */
static int check_other_run(const struct gate_input *in, struct err *err)
{
    for (size_t i = 0; i < in->n_candidates; i++)
        for (size_t j = 0; j < in->n_bases; j++)
            if (compare_same_run(in->candidates[i], in->bases[j]))
                return err_set(err, ERR_INPUT,
                               "'%s' and the baseline '%s' are reports of one run, '%s'; compare "
                               "it with another one",
                               in->candidate_names ? in->candidate_names[i] : "the candidate",
                               in->base_names ? in->base_names[j] : "a report",
                               in->bases[j]->run_id);
    return 0;
}

int compare_reports(const struct gate_input *in, const bool wanted[METRIC_COUNT],
                    struct numbers *out, struct err *err)
{
    struct whole candidate = {0}, base = {0};
    bool one_base = in->comparison == COMPARISON_PAIRED || in->comparison == COMPARISON_FILE;
    int status = -1;
    *out = (struct numbers){.comparison = in->comparison,
                            .acceptances = in->acceptances,
                            .n_acceptances = in->n_acceptances,
                            .now_ns = in->now_ns};
    if (!in->n_candidates) {
        err_set(err, ERR_USAGE, "no report of a candidate; name one");
        goto out;
    }
    if (in->comparison == COMPARISON_PAIRED && evidence_check(in, err))
        goto out;
    if (in->comparison == COMPARISON_FILE && check_other_run(in, err))
        goto out;
    if (whole_make(in->candidates, in->candidate_names, in->n_candidates, &candidate, err))
        goto out;
    if (one_base && whole_make(in->bases, in->base_names, in->n_bases, &base, err))
        goto out;
    scopes_make(in, out);
    fill_head(out, candidate.report);
    check_health(out, "candidate", candidate.report);
    fill_side(out, SIDE_CANDIDATE, candidate.report);
    compare_by_kind(in, wanted, candidate.report, base.report, out);
    fill_tags(in, out);
    drift_estimate(in, candidate.report, wanted, out);
    status = 0;
out:
    whole_release(&candidate);
    whole_release(&base);
    if (status)
        numbers_release(out);
    return status;
}

void numbers_release(struct numbers *numbers)
{
    arena_release(&numbers->arena);
    *numbers = (struct numbers){0};
}
