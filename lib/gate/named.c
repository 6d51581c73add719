#include "gate/named.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/accept.h"
#include "gate/runs.h"
#include "gate/starts.h"
#include "gate/stored.h"
#include "model/report_named.h"
#include "stats/dist.h"
#include "stats/spread.h"
#include "stats/tests.h"

/* Any will do; one that is fixed makes verdicts repeatable. */
#define SWAP_SEED UINT64_C(0x6e616d6564000001)

/* What twenty stretches can tell of their own likeness, and of the noise, at the most and least. */
#define MOST_ALIKE 0.9
#define LEAST_DF   5

static const enum metric kinds[] = {
    [BETTER_LOWER] = METRIC_NAMED, [BETTER_HIGHER] = METRIC_NAMED_HIGHER};

/* ---- figures ---- */

/* The average over the reports that have it, by their time. */
static double figure_of(const struct report *const *reports, size_t n, const char *name)
{
    double sum = 0, weight = 0;
    for (size_t i = 0; i < n; i++) {
        double value = report_named(reports[i]->resources, name).figure;
        double time = fmax((double)reports[i]->duration_ns, 1);
        if (isnan(value))
            continue;
        sum += value * time;
        weight += time;
    }
    return weight > 0 ? sum / weight : (double)NAN;
}

/* ---- paired runs ---- */

/* The values of intervals in which both sides have one, over all starts. */
struct both {
    size_t n;
    double *values[SIDES];
};

static void add_start(const struct report *candidate, const struct report *base, const char *name,
                      struct both *both)
{
    const struct resource_series *of[SIDES];
    of[SIDE_CANDIDATE] = report_named(candidate->resources, name).series;
    of[SIDE_BASE] = report_named(base->resources, name).series;
    if (!of[SIDE_CANDIDATE] || !of[SIDE_BASE])
        return;
    size_t n = of[SIDE_BASE]->n_values;
    if (of[SIDE_CANDIDATE]->n_values < n)
        n = of[SIDE_CANDIDATE]->n_values;
    for (int side = 0; side < SIDES; side++)
        both->values[side] = mem_resize(both->values[side], both->n + n, sizeof(double));
    for (size_t i = 0; i < n; i++) {
        double b = of[SIDE_BASE]->values[i], c = of[SIDE_CANDIDATE]->values[i];
        if (isnan(b) || isnan(c))
            continue;
        both->values[SIDE_BASE][both->n] = b;
        both->values[SIDE_CANDIDATE][both->n++] = c;
    }
}

/* What stretches of the run say: sums of each side, in all and by stretch. */
struct stretches {
    double all[SIDES], sums[SIDES][NAMED_BATCHES];
};

static void cut(const struct both *both, struct stretches *out)
{
    *out = (struct stretches){0};
    for (int side = 0; side < SIDES; side++)
        for (size_t i = 0; i < both->n; i++) {
            out->sums[side][i * NAMED_BATCHES / both->n] += both->values[side][i];
            out->all[side] += both->values[side][i];
        }
}

/* How alike neighbouring stretches are, from 0 to MOST_ALIKE: the autocorrelation at lag one, less
 * what few values take off it (Marriott and Pope 1954). A queue or a heap moves slowly, so that its
 * seconds say the same thing again and again. */
static double alike(const double *values)
{
    const double n = NAMED_BATCHES;
    double mean = 0, products = 0, squares = 0;
    for (size_t i = 0; i < NAMED_BATCHES; i++)
        mean += values[i] / n;
    for (size_t i = 0; i < NAMED_BATCHES; i++) {
        squares += (values[i] - mean) * (values[i] - mean);
        products += i ? (values[i] - mean) * (values[i - 1] - mean) : 0;
    }
    return squares > 0 ? fmax(0, fmin((n * products / squares + 1) / (n - 4), MOST_ALIKE)) : 0;
}

/* The error of log R from leaving out each stretch: that of as many stretches that are independent
 * as these are worth, and what starts add, which is taken as known (Satterthwaite 1946). */
static void set_error(const double *left_out, size_t n_starts, struct estimate *estimate)
{
    double r = alike(left_out), worth = (1 - r) / (1 + r);
    double within = spread_jackknife(left_out, NAMED_BATCHES);
    double variance = within * within / worth;
    double all = variance + STARTS_SPREAD * STARTS_SPREAD / (double)n_starts;
    double df = fmax(NAMED_BATCHES * worth - 1, LEAST_DF) * pow(all / variance, 2);
    estimate->within = sqrt(variance);
    estimate->error = sqrt(all);
    estimate->df = variance > 0 ? fmin(df, NAMED_BATCHES - 1) : NAMED_BATCHES - 1;
}

static void estimate_paired(const struct both *both, size_t n_starts, enum metric metric,
                            struct estimate *estimate)
{
    struct stretches cuts;
    double left_out[NAMED_BATCHES], difference[NAMED_BATCHES];
    cut(both, &cuts);
    for (size_t i = 0; i < NAMED_BATCHES; i++) {
        left_out[i] = log((cuts.all[SIDE_CANDIDATE] - cuts.sums[SIDE_CANDIDATE][i]) /
                          (cuts.all[SIDE_BASE] - cuts.sums[SIDE_BASE][i]));
        difference[i] = cuts.sums[SIDE_CANDIDATE][i] - cuts.sums[SIDE_BASE][i];
    }
    double worse = compare_log_worse(metric, estimate);
    if (!isfinite(spread_jackknife(left_out, NAMED_BATCHES)) || !isfinite(worse))
        return;
    estimate->noise_known = true;
    set_error(left_out, n_starts, estimate);
    for (int turn = 0; turn < 2; turn++) {
        bool candidate_is_more = (turn == 0) != metric_info(metric)->higher_is_better;
        double sign = turn == 0 ? 1 : -1, swapped[NAMED_BATCHES];
        for (size_t i = 0; i < NAMED_BATCHES; i++)
            swapped[i] = candidate_is_more ? difference[i] : -difference[i];
        double p = fmax(dist_t_upper(sign * worse / estimate->error, estimate->df),
                        test_label_swap(swapped, NAMED_BATCHES, SWAP_SEED));
        *(turn == 0 ? &estimate->p : &estimate->p_better) = p;
    }
}

/* What both sides use is the same for both, whatever one of them does to it. */
static bool is_shared(const struct gate_input *in, const char *name)
{
    for (size_t i = 0; i < in->n_candidates; i++) {
        const struct resource_source *of[SIDES] = {
            [SIDE_CANDIDATE] = report_named(in->candidates[i]->resources, name).source,
            [SIDE_BASE] = report_named(in->bases[i]->resources, name).source,
        };
        for (int side = 0; side < SIDES; side++)
            if (of[side] && of[side]->shared)
                return true;
    }
    return false;
}

static void compare_paired(const struct gate_input *in, struct arena *arena,
                           struct named_metric *named)
{
    struct both both = {0};
    named->shared = is_shared(in, named->name);
    for (size_t i = 0; i < in->n_candidates && i < in->n_bases; i++)
        add_start(in->candidates[i], in->bases[i], named->name, &both);
    for (int better = BETTER_LOWER; better <= BETTER_HIGHER; better++) {
        struct estimate *estimate = &named->estimate[better];
        if (both.n >= NAMED_BATCHES)
            estimate_paired(&both, in->n_candidates, kinds[better], estimate);
        else
            estimate->plain =
                arena_printf(arena, "%zu values of both sides, and noise is estimated from %d on",
                             both.n, NAMED_BATCHES);
    }
    free(both.values[SIDE_BASE]);
    free(both.values[SIDE_CANDIDATE]);
}

/* ---- stored runs ---- */

/* The figures of the runs that count, in runs->values; of those from `since_ns` on. */
static size_t collect(const struct gate_input *in, const char *name, int64_t since_ns,
                      const struct runs *runs)
{
    size_t n = 0;
    for (size_t i = 0; i < in->n_bases; i++) {
        double value = report_named(in->bases[i]->resources, name).figure;
        if (!isnan(value) && in->bases[i]->started_ns >= since_ns &&
            runs_tell(in, in->bases[i], in->candidates[0]) == RUN_COUNTS)
            runs->values[n++] = value;
    }
    return n;
}

/* Their logs; false where one has none. */
static bool take_logs(const struct runs *runs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!(runs->values[i] > 0) || isinf(runs->values[i]))
            return false;
        runs->values[i] = log(runs->values[i]);
    }
    return true;
}

/* Where no run counts since the acceptance, those from before it, for people to see; the acceptance
 * then decides. */
static void estimate_stored(const struct gate_input *in, const char *name, struct runs *runs,
                            enum metric metric, struct arena *arena, struct estimate *estimate)
{
    static const struct runs_pool pool = {
        .prior = {.variance = RUNS_PRIOR_SPREAD * RUNS_PRIOR_SPREAD, .df = RUNS_PRIOR_DF}};
    const struct acceptance *acceptance = estimate->acceptance;
    size_t n = collect(in, name, acceptance ? acceptance->accepted_ns : INT64_MIN, runs);
    estimate->outdated = acceptance && !n;
    if (estimate->outdated)
        n = collect(in, name, INT64_MIN, runs);
    estimate->figure[SIDE_BASE] = spread_median(runs->values, n);
    if (estimate->outdated)
        return;
    if (n < RUNS_MIN)
        estimate->plain =
            arena_printf(arena, "%zu stored run%s it, and noise is estimated from %d on", n,
                         n == 1 ? " has" : "s have", RUNS_MIN);
    else if (take_logs(runs, n))
        stored_estimate_logs(runs, n, &pool, metric, estimate);
}

static void compare_stored(const struct gate_input *in, struct arena *arena,
                           struct named_metric *named)
{
    struct runs runs = {.n = in->n_bases,
                        .replicates = compare_count_runs(in->candidates, in->n_candidates),
                        .values = mem_array(in->n_bases + 1, sizeof *runs.values)};
    for (int better = BETTER_LOWER; better <= BETTER_HIGHER; better++)
        estimate_stored(in, named->name, &runs, kinds[better], arena, &named->estimate[better]);
    free(runs.values);
}

/* ---- the metrics ---- */

static void compare_named(const struct gate_input *in, struct numbers *numbers,
                          struct named_metric *named)
{
    double figure[SIDES] = {
        [SIDE_CANDIDATE] = figure_of(in->candidates, in->n_candidates, named->name),
        [SIDE_BASE] = (double)NAN,
    };
    if (in->comparison == COMPARISON_PAIRED || in->comparison == COMPARISON_FILE)
        figure[SIDE_BASE] = figure_of(in->bases, in->n_bases, named->name);
    for (int better = BETTER_LOWER; better <= BETTER_HIGHER; better++) {
        named->estimate[better] = estimate_blank();
        memcpy(named->estimate[better].figure, figure, sizeof figure);
        accept_attach_named(numbers, named->name, kinds[better], &named->estimate[better]);
    }
    if (in->comparison == COMPARISON_PAIRED)
        compare_paired(in, &numbers->arena, named);
    else if (in->comparison == COMPARISON_STORED)
        compare_stored(in, &numbers->arena, named);
}

static void add_all(const struct gate_input *in, const struct policy *policy,
                    struct numbers *numbers)
{
    for (size_t i = 0; i < policy->n_metrics; i++) {
        bool there = false;
        for (size_t k = 0; k < numbers->n_named && !there; k++)
            there = strcmp(numbers->named[k].name, policy->metrics[i].name) == 0;
        if (there)
            continue;
        struct named_metric *named = &numbers->named[numbers->n_named++];
        named->name = arena_strdup(&numbers->arena, policy->metrics[i].name);
        compare_named(in, numbers, named);
    }
}

void named_compare(const struct gate_input *in, struct numbers *numbers)
{
    size_t room =
        in->policy->n_metrics + (in->candidate_policy ? in->candidate_policy->n_metrics : 0);
    numbers->named = arena_array(&numbers->arena, room, sizeof *numbers->named);
    add_all(in, in->policy, numbers);
    if (in->candidate_policy)
        add_all(in, in->candidate_policy, numbers);
}

/* ---- the rows ---- */

/* It is of the whole run, and not of requests, so that none can be too few. */
static void open_row(enum base_state base, const struct named_metric *named, struct draft *draft)
{
    double from = draft->estimate->figure[SIDE_BASE], to = draft->estimate->figure[SIDE_CANDIDATE];
    bool limited = !isnan(draft->limit.target) || !isnan(draft->limit.critical);
    draft->status = ROW_STABLE;
    if (isnan(to)) {
        draft->status = ROW_ERRORED;
        draft->cause = CAUSE_NO_FIGURE;
    } else if (isnan(draft->threshold)) {
        draft->cause = CAUSE_LIMIT_ONLY;
    } else if (base != BASE_THERE) {
        draft->status = base == BASE_MISSING ? ROW_MISSING_BASELINE : ROW_NOT_COMPARABLE;
        draft->cause = CAUSE_NO_BASE;
    } else if (named->shared) {
        draft->status = ROW_NOT_COMPARABLE;
        draft->cause = CAUSE_SHARED;
    } else if (isnan(from)) {
        draft->status = ROW_MISSING_BASELINE;
        draft->cause = CAUSE_NEW;
    } else if (!(from > 0) && metric_is_beyond(draft->metric, to, from)) {
        draft->status = limited ? ROW_STABLE : ROW_NOT_COMPARABLE;
        draft->cause = CAUSE_ZERO;
    } else if (draft->estimate->outdated) {
        draft->status = ROW_REGRESSED; /* unless its acceptance covers it */
        draft->cause = CAUSE_OUTDATED;
    } else if (draft->estimate->noise_known) {
        draft->tested = true;
    } else {
        draft->cause = CAUSE_PLAIN;
    }
}

void named_draft(const struct numbers *numbers, const struct policy *policy,
                 const struct named_metric *named, struct draft *out)
{
    const struct policy_metric *asked = policy_find_metric(policy, named->name);
    if (!asked)
        return;
    *out = (struct draft){.used = true,
                          .scope = &numbers->scopes[0],
                          .name = named->name,
                          .metric = policy_metric_kind(asked),
                          .estimate = &named->estimate[asked->better],
                          .threshold = asked->threshold,
                          .limit = asked->limit,
                          .target = (double)NAN,
                          .required = !asked->optional,
                          .judged = true,
                          .p = (double)NAN,
                          .p_better = (double)NAN,
                          .detectable = (double)NAN};
    open_row(decide_base(numbers, policy), named, out);
}
