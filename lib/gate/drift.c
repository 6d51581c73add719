#include "gate/drift.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "gate/accept.h"
#include "gate/least.h"
#include "gate/runs.h"

/* ---- the numbers ---- */

static const char *reason_of(enum runs_apart apart)
{
    switch (apart) {
    case RUN_INVALID:
        return "the anchor's run is not valid; set another anchor";
    case RUN_OTHER_WORKLOAD:
        return "the anchor's run is of another workload (scenario, users or pacing differ); set an "
               "anchor with this one";
    case RUN_OTHER_MACHINE:
        return "the anchor's run is of another kind of machine than this one";
    default:
        return NULL;
    }
}

static void fill_figures(const struct scope *whole, const struct report *run, struct scope *out)
{
    const struct metrics *metrics = &run->metrics;
    numbers_blank(out);
    out->there[SIDE_BASE] = out->there[SIDE_CANDIDATE] = true;
    for (int i = 0; i < METRIC_COUNT; i++) {
        struct estimate *estimate = &out->metrics[i];
        const struct estimate *from = &whole->metrics[i];
        estimate->figure[SIDE_CANDIDATE] = from->figure[SIDE_CANDIDATE];
        estimate->requests[SIDE_CANDIDATE] = from->requests[SIDE_CANDIDATE];
        estimate->failures[SIDE_CANDIDATE] = from->failures[SIDE_CANDIDATE];
        estimate->figure[SIDE_BASE] = report_figure(run, (enum metric)i);
        estimate->requests[SIDE_BASE] = metrics->total_requests;
        estimate->failures[SIDE_BASE] = metrics->total_failures;
    }
    if (metrics->total_requests > 0 && report_counts_failures(run))
        out->metrics[METRIC_ERROR_RATE].figure[SIDE_BASE] =
            (double)metrics->total_failures / (double)metrics->total_requests;
}

/* From the runs at hand that count for the candidate, as far as they are enough. */
static void fill_noise(const struct runs *runs, const bool *wanted, const struct numbers *numbers)
{
    const struct scope *whole = &numbers->scopes[0];
    struct runs_pool pool = runs_pool(runs, wanted, numbers);
    for (int i = 0; i < METRIC_COUNT; i++) {
        struct estimate *estimate = &numbers->anchor->metrics[i];
        enum metric metric = (enum metric)i;
        if (!wanted[i])
            continue;
        if (metric == METRIC_ERROR_RATE) {
            runs_estimate_rate(runs, whole, estimate);
            continue;
        }
        size_t n = runs_collect_logs(runs, whole, metric);
        if (!n)
            continue;
        struct runs_spread spread = runs_spread(runs, n, &pool);
        runs_estimate(&spread, 1.0 / (double)runs->replicates + 1, metric, estimate);
    }
}

static void estimate_noise(const struct gate_input *in, const struct report *candidate,
                           const bool *wanted, struct numbers *numbers)
{
    bool stored = in->comparison == COMPARISON_STORED;
    const struct report *const *all = stored ? in->bases : in->anchor->runs;
    size_t n_all = stored ? in->n_bases : in->anchor->n_runs;
    const struct report **counting = mem_array(n_all ? n_all : 1, sizeof *counting);
    struct runs runs = {.reports = counting,
                        .replicates = compare_count_runs(in->candidates, in->n_candidates),
                        .any_start = true,
                        .by_steps = true};
    for (size_t i = 0; i < n_all; i++)
        if (runs_tell(in, all[i], candidate) == RUN_COUNTS)
            counting[runs.n++] = all[i];
    runs.values = mem_array(runs.n ? runs.n : 1, sizeof *runs.values);
    if (runs.n >= RUNS_MIN)
        fill_noise(&runs, wanted, numbers);
    free(runs.values);
    free(counting);
}

void drift_estimate(const struct gate_input *in, const struct report *candidate,
                    const bool wanted[METRIC_COUNT], struct numbers *numbers)
{
    const struct gate_anchor *anchor = in->anchor;
    if (!anchor || (in->comparison != COMPARISON_STORED && in->comparison != COMPARISON_PAIRED))
        return;
    enum runs_apart apart = runs_tell(in, anchor->run, candidate);
    if (apart == RUN_ITSELF)
        return;
    numbers->anchor = arena_array(&numbers->arena, 1, sizeof *numbers->anchor);
    numbers->anchor_run = arena_strdup(&numbers->arena, anchor->name);
    numbers->anchor_label = arena_strdup(&numbers->arena, anchor->label);
    numbers->anchor_resolution_ns = anchor->run->resolution_ns;
    numbers->anchor_reason = reason_of(apart);
    fill_figures(&numbers->scopes[0], anchor->run, numbers->anchor);
    accept_attach(numbers, numbers->anchor);
    if (apart == RUN_COUNTS)
        estimate_noise(in, candidate, wanted, numbers);
}

/* ---- the rows ---- */

/* They never have to be decided: the rows against the base have to. */
static void open_row(const struct numbers *numbers, struct draft *draft)
{
    const struct estimate *estimate = draft->estimate;
    draft->status = ROW_NOT_COMPARABLE;
    if (numbers->anchor_reason) {
        draft->cause = CAUSE_ANCHOR;
    } else if (isnan(estimate->figure[SIDE_CANDIDATE])) {
        draft->status = ROW_ERRORED;
        draft->cause = CAUSE_NO_FIGURE;
    } else if (isnan(estimate->figure[SIDE_BASE])) {
        draft->status = ROW_MISSING_BASELINE;
        draft->cause = CAUSE_NEW;
    } else if (estimate->noise_known) {
        draft->tested = true;
    } else if (numbers->comparison == COMPARISON_STORED) {
        draft->status = ROW_STABLE;
        draft->cause = CAUSE_PLAIN;
    } else {
        draft->status = ROW_INSUFFICIENT;
        draft->cause = CAUSE_NO_NOISE;
    }
    draft->judged = draft->tested || draft->cause == CAUSE_PLAIN;
}

void drift_draft(const struct numbers *numbers, const struct policy *policy, double error_target,
                 struct draft out[METRIC_COUNT])
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        enum metric metric = (enum metric)i;
        if (isnan(policy->overall.threshold[i]))
            continue;
        out[i] = (struct draft){
            .used = true,
            .anchored = true,
            .scope = numbers->anchor,
            .metric = metric,
            .estimate = &numbers->anchor->metrics[i],
            .threshold = policy->overall.threshold[i],
            .min_change = fmax(policy->overall.min_change[i], 0),
            .rounding = {least_rounding(numbers->anchor_resolution_ns, metric),
                         least_rounding(numbers->resolution_ns[SIDE_CANDIDATE], metric)},
            .limit = {(double)NAN, (double)NAN},
            .target = error_target,
            .p = (double)NAN,
            .p_better = (double)NAN,
            .detectable = (double)NAN,
        };
        open_row(numbers, &out[i]);
    }
}
