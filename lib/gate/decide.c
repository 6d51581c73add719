#include "gate/decide.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/drift.h"
#include "gate/least.h"
#include "gate/named.h"
#include "stats/dist.h"
#include "stats/spending.h"
#include "stats/tests.h"

/* ---- the rule ---- */

void decide_wants(const struct policy *policy, bool wanted[METRIC_COUNT])
{
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        wanted[metric] |= !isnan(policy->overall.threshold[metric]);
        const struct policy_entry *entry;
        for (size_t i = 0; (entry = policy_entry(policy, i)); i++)
            wanted[metric] |= !isnan(entry->rules.threshold[metric]);
    }
}

bool decide_breach(enum metric metric, double base, double current, double threshold)
{
    if (!(base > 0))
        return false;
    return metric_info(metric)->higher_is_better ? current * threshold < base
                                                 : current > base * threshold;
}

const char *draft_title(const struct draft *draft)
{
    return draft->name ? draft->name : metric_info(draft->metric)->title;
}

static double figure(const struct draft *draft, enum side side)
{
    return draft->estimate->figure[side];
}

/* A base without failures has no ratio: the candidate is then held to the target. */
static bool is_over(const struct draft *draft)
{
    double base = figure(draft, SIDE_BASE), current = figure(draft, SIDE_CANDIDATE);
    if (draft->metric == METRIC_ERROR_RATE && base <= 0)
        return current > draft->target;
    return decide_breach(draft->metric, base, current, draft->threshold);
}

static void find_breach(struct draft *draft)
{
    bool over = is_over(draft);
    draft->least = over ? least_unmet(draft, SIDE_BASE) : LEAST_NONE;
    draft->breach = over && draft->least == LEAST_NONE;
}

static bool is_improvement(const struct draft *draft)
{
    if (draft->metric == METRIC_ERROR_RATE && figure(draft, SIDE_CANDIDATE) <= 0)
        return figure(draft, SIDE_BASE) > draft->target;
    return decide_breach(draft->metric, figure(draft, SIDE_CANDIDATE), figure(draft, SIDE_BASE),
                         draft->threshold) &&
           least_unmet(draft, SIDE_CANDIDATE) == LEAST_NONE;
}

/* ---- first: can the row be judged? ---- */

/* Requests per side that a figure needs: a hundred for a mean, ten beyond a quantile. */
static size_t minimum_of(enum metric metric)
{
    const struct metric_info *info = metric_info(metric);
    double needed = info->kind == KIND_QUANTILE ? round(10 / (1 - info->quantile)) : 0;
    return needed > 100 ? (size_t)needed : 100;
}

static void settle(struct draft *draft, enum row_status status, enum cause cause)
{
    draft->status = status;
    draft->cause = cause;
}

static int64_t both(const int64_t counts[SIDES])
{
    return counts[SIDE_BASE] + counts[SIDE_CANDIDATE];
}

/* Both sides' counts together decide what is judged, because a choice that looked at one side
 * could prefer rows by how they came out. */
static bool too_few(const struct draft *draft)
{
    return draft->metric != METRIC_ERROR_RATE &&
           both(draft->estimate->requests) < 2 * (int64_t)draft->minimum;
}

static void open_paired(const struct numbers *numbers, struct draft *draft)
{
    const struct estimate *estimate = draft->estimate;
    if (too_few(draft))
        settle(draft, ROW_INSUFFICIENT, CAUSE_TOO_FEW);
    else if (!draft->scope->there[SIDE_CANDIDATE] || !estimate->requests[SIDE_CANDIDATE])
        settle(draft, ROW_NOT_COMPARABLE, CAUSE_GONE);
    else if (draft->metric == METRIC_ERROR_RATE && both(estimate->failures) < DECIDE_MIN_FAILURES)
        settle(draft, figure(draft, SIDE_CANDIDATE) > draft->target ? ROW_INSUFFICIENT : ROW_STABLE,
               figure(draft, SIDE_CANDIDATE) > draft->target ? CAUSE_FEW_HIGH : CAUSE_FEW_FAILURES);
    else if (isnan(figure(draft, SIDE_CANDIDATE)))
        settle(draft, ROW_ERRORED, CAUSE_NO_FIGURE);
    else if (isnan(figure(draft, SIDE_BASE)))
        settle(draft, ROW_MISSING_BASELINE, CAUSE_NEW);
    else if (numbers->batches < DECIDE_MIN_BATCHES)
        settle(draft, ROW_INSUFFICIENT, CAUSE_FEW_BATCHES);
    else if (!estimate->noise_known)
        settle(draft, ROW_INSUFFICIENT, CAUSE_NO_NOISE);
    else
        draft->tested = true;
}

enum base_state decide_base(const struct numbers *numbers, const struct policy *policy)
{
    if (numbers->base_state != BASE_OTHER_SOURCE)
        return numbers->base_state;
    return policy->sources == SOURCES_ANY ? BASE_THERE : BASE_NOT_COMPARABLE;
}

static void open_unpaired(enum base_state base, struct draft *draft)
{
    const struct scope *scope = draft->scope;
    if (!scope->there[SIDE_CANDIDATE])
        settle(draft, ROW_NOT_COMPARABLE, CAUSE_GONE);
    else if (isnan(figure(draft, SIDE_CANDIDATE)))
        settle(draft, ROW_ERRORED, CAUSE_NO_FIGURE);
    else if (base != BASE_THERE)
        settle(draft, base == BASE_MISSING ? ROW_MISSING_BASELINE : ROW_NOT_COMPARABLE,
               CAUSE_NO_BASE);
    else if (isnan(figure(draft, SIDE_BASE)) && !draft->estimate->outdated)
        settle(draft, ROW_MISSING_BASELINE, CAUSE_NEW);
    else if (scope->name && !draft->required && too_few(draft))
        settle(draft, ROW_INSUFFICIENT, CAUSE_TOO_FEW);
    else if (draft->estimate->outdated)
        settle(draft, ROW_REGRESSED, CAUSE_OUTDATED); /* unless its acceptance covers it */
    else if (draft->estimate->noise_known)
        draft->tested = true;
    else
        settle(draft, ROW_STABLE, CAUSE_PLAIN);
}

static void open_draft(const struct numbers *numbers, const struct policy *policy,
                       struct draft *draft)
{
    draft->p = draft->p_better = draft->detectable = (double)NAN;
    if (isnan(draft->threshold))
        settle(draft, ROW_STABLE, CAUSE_LIMIT_ONLY);
    else if (numbers->comparison == COMPARISON_PAIRED)
        open_paired(numbers, draft);
    else
        open_unpaired(decide_base(numbers, policy), draft);
    draft->judged =
        draft->required || (draft->cause != CAUSE_TOO_FEW && draft->cause != CAUSE_FEW_HIGH &&
                            draft->cause != CAUSE_NO_NOISE);
}

/* ---- second: what do the tested rows say? ---- */

double decide_alpha(const struct numbers *numbers, const struct policy *policy)
{
    const struct look_window *look = &numbers->look;
    return spending_until(policy->alpha, 1 - look->rest) -
           spending_until(policy->alpha, look->from);
}

/* Rows are judged together with those of their kind: the anchor's apart from the others, so that
 * they take nothing from what these can find. */
static double level_of(const struct numbers *numbers, const struct policy *policy, bool anchored)
{
    if (anchored)
        return fmax(policy->alpha, DECIDE_ANCHOR_ALPHA);
    return numbers->comparison == COMPARISON_STORED ? fmax(policy->alpha, DECIDE_STORED_ALPHA)
                                                    : decide_alpha(numbers, policy);
}

/* p of a tested row. A latency has two chances: its own test, and that of the typical batch, which
 * a block that stood still does not blind, but which counts only where it is over the threshold
 * itself; hence twice the smaller one (Bonferroni). */
static double p_of(const struct draft *draft)
{
    const struct estimate *estimate = draft->estimate;
    const struct typical *typical = &estimate->typical;
    if (isnan(typical->log_worse))
        return estimate->p;
    double p = typical->log_worse > log(least_ratio(draft)) ? typical->p : 1;
    return fmin(1, 2 * fmin(estimate->p, p));
}

/* Fills p of the tested rows of one kind, and returns their number. */
static size_t adjust(struct drafts *drafts, bool anchored)
{
    struct draft **tested = mem_array(drafts->n ? drafts->n : 1, sizeof *tested);
    double *p = mem_array(drafts->n ? drafts->n : 1, sizeof *p);
    size_t n = 0;
    for (size_t i = 0; i < drafts->n; i++)
        if (drafts->all[i].tested && drafts->all[i].anchored == anchored)
            tested[n++] = &drafts->all[i];
    for (size_t i = 0; i < n; i++)
        p[i] = p_of(tested[i]);
    test_holm(p, n, p);
    for (size_t i = 0; i < n; i++) {
        tested[i]->p = p[i];
        tested[i]->p_better = fmin(1, tested[i]->estimate->p_better * (double)n);
    }
    free(p);
    free(tested);
    return n;
}

/* The log of a change that a test at `level` finds with DECIDE_POWER. */
static double found_from(double level, double error, double df)
{
    return (dist_t_quantile(level, df) + dist_t_quantile(1 - DECIDE_POWER, df)) * error;
}

/* The log of a change that is beyond what the stored runs reach with DECIDE_POWER; 0 without. */
static double found_beyond(enum metric metric, const struct estimate *estimate)
{
    struct estimate at_reach = *estimate;
    if (!(estimate->reach > 0))
        return 0;
    at_reach.figure[SIDE_CANDIDATE] = estimate->reach;
    return compare_log_worse(metric, &at_reach) +
           dist_t_quantile(1 - DECIDE_POWER, estimate->df) * estimate->error;
}

/* The smallest change that would have been found with DECIDE_POWER, as ratio - 1: that
 * of the better of its two chances; the figure has to be over the threshold in either, so what
 * outliers took off the figure comes on top of what the typical batch would have shown. */
static double detectable(const struct draft *draft, double level, size_t n_tested)
{
    const struct estimate *estimate = draft->estimate;
    const struct typical *typical = &estimate->typical;
    double ratio = least_ratio(draft);
    if (isnan(estimate->error))
        return (double)NAN;
    level /= (double)n_tested;
    if (isnan(typical->log_worse))
        return fmax(ratio - 1, expm1(fmax(found_from(level, estimate->error, estimate->df),
                                          found_beyond(draft->metric, estimate))));
    double own = found_from(level / 2, estimate->error, estimate->df);
    double outliers = typical->log_worse - compare_log_worse(draft->metric, estimate);
    double middle = fmax(found_from(level / 2, typical->error, typical->df), log(ratio) + outliers);
    return fmax(ratio - 1, expm1(fmin(own, middle)));
}

/* A pass of a latency that could hide twice the change that is allowed is no pass. */
static bool is_coarse(const struct numbers *numbers, const struct draft *draft)
{
    enum metric_kind kind = metric_info(draft->metric)->kind;
    double allowance = least_ratio(draft) - 1;
    return numbers->comparison == COMPARISON_PAIRED && !draft->anchored &&
           (kind == KIND_MEAN || kind == KIND_QUANTILE) && allowance > 0 &&
           draft->detectable > 2 * allowance;
}

/* Half of the base's requests fail, say, and twice as many are allowed: no rate of the candidate
 * would be a breach, so that it is none says nothing. */
static bool is_blind(const struct draft *draft)
{
    return draft->metric == METRIC_ERROR_RATE && figure(draft, SIDE_BASE) * draft->threshold >= 1;
}

/* Not within what the worst of the stored runs leaves room for. */
static bool is_beyond_runs(const struct draft *draft)
{
    const struct estimate *estimate = draft->estimate;
    return !(estimate->reach > 0) ||
           metric_is_beyond(draft->metric, figure(draft, SIDE_CANDIDATE), estimate->reach);
}

static void conclude_tested(const struct numbers *numbers, double level, struct draft *draft)
{
    bool sure = draft->p <= level && is_beyond_runs(draft);
    find_breach(draft);
    draft->spared = draft->least != LEAST_NONE && sure;
    if (draft->breach && sure)
        settle(draft, ROW_REGRESSED, CAUSE_TESTED);
    else if (draft->breach)
        settle(draft, ROW_INSUFFICIENT, CAUSE_NOISE);
    else if (is_improvement(draft) && draft->p_better <= level)
        settle(draft, ROW_IMPROVED, CAUSE_TESTED);
    else if (is_blind(draft))
        settle(draft, ROW_NOT_COMPARABLE, CAUSE_BLIND);
    else if (is_coarse(numbers, draft))
        settle(draft, ROW_INSUFFICIENT, CAUSE_COARSE);
    else
        settle(draft, ROW_STABLE, CAUSE_TESTED);
    draft->lenient = draft->cause == CAUSE_NOISE &&
                     (draft->anchored || numbers->comparison == COMPARISON_STORED);
}

static void conclude_plain(struct draft *draft)
{
    find_breach(draft);
    draft->spared = draft->least != LEAST_NONE;
    if (draft->breach)
        draft->status = ROW_REGRESSED;
    else if (is_improvement(draft))
        draft->status = ROW_IMPROVED;
    else if (is_blind(draft))
        settle(draft, ROW_NOT_COMPARABLE, CAUSE_BLIND);
}

/* ---- third: the limits ---- */

static void apply_limits(struct draft *draft)
{
    double base = figure(draft, SIDE_BASE), current = figure(draft, SIDE_CANDIDATE);
    draft->over_critical = metric_is_beyond(draft->metric, current, draft->limit.critical);
    draft->base_over_critical = metric_is_beyond(draft->metric, base, draft->limit.critical);
    draft->over_target = metric_is_beyond(draft->metric, current, draft->limit.target);
    if (draft->over_critical && !draft->base_over_critical && !draft->limit_warns) {
        draft->judged = true;
        if (draft->status > ROW_OVER_LIMIT)
            draft->status = ROW_OVER_LIMIT;
    }
}

/* ---- the drafts ---- */

/* The error rate that a scope is held to where its base has none. */
static double error_target(const struct policy *policy, const struct policy_rules *rules)
{
    const struct policy_limit *own = &rules->limit[METRIC_ERROR_RATE];
    const struct policy_limit *overall = &policy->overall.limit[METRIC_ERROR_RATE];
    const double choices[] = {own->target, own->critical, overall->target, overall->critical};
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (!isnan(choices[i]))
            return choices[i];
    return 0;
}

/* Resources, unless the policy file itself sets the limit and the figure is the target's own. */
static bool limit_warns(const struct numbers *numbers, const struct policy_rules *rules,
                        enum metric metric)
{
    return metric_info(metric)->kind == KIND_RESOURCE &&
           (!rules->limit_set[metric] || numbers->of_machine);
}

static void draft_scope(const struct numbers *numbers, const struct policy *policy,
                        const struct scope *scope, struct draft *out)
{
    struct policy_rules rules = policy->overall;
    if (scope->name)
        policy_rules_for(policy, scope->method, scope->name, &scope->tags, &rules);
    for (int i = 0; i < METRIC_COUNT; i++) {
        enum metric metric = (enum metric)i;
        const struct policy_limit *limit = &rules.limit[i];
        bool limited = !isnan(limit->target) || !isnan(limit->critical);
        bool known = !isnan(scope->metrics[i].figure[SIDE_CANDIDATE]);
        if (isnan(rules.threshold[i]) && !(limited && known))
            continue;
        out[i] = (struct draft){
            .used = true,
            .scope = scope,
            .metric = metric,
            .estimate = &scope->metrics[i],
            .threshold = rules.threshold[i],
            .min_change = fmax(rules.min_change[i], 0),
            .rounding = {least_rounding(numbers->resolution_ns[SIDE_BASE], metric),
                         least_rounding(numbers->resolution_ns[SIDE_CANDIDATE], metric)},
            .limit = *limit,
            .limit_warns = limit_warns(numbers, &rules, metric),
            .of_machine = metric_info(metric)->kind == KIND_RESOURCE && numbers->of_machine,
            .target = error_target(policy, &rules),
            .minimum = minimum_of(metric),
            .required = !scope->name || rules.required,
        };
        open_draft(numbers, policy, &out[i]);
    }
}

bool decide_matches(const struct policy_entry *entry, const struct numbers *numbers)
{
    for (size_t i = 1; i < numbers->n_scopes; i++) {
        const struct scope *scope = &numbers->scopes[i];
        if (policy_entry_matches(entry, scope->method, scope->name, &scope->tags))
            return true;
    }
    return false;
}

/* Endpoints that must be decided, but that no report has, must not pass unseen. */
static void draft_pattern(const struct numbers *numbers, const struct policy_entry *entry,
                          struct draft *out)
{
    if (!entry->rules.required || decide_matches(entry, numbers))
        return;
    static const struct estimate unknown = {.figure = {(double)NAN, (double)NAN},
                                            .error = (double)NAN};
    static const struct scope nowhere = {0};
    *out = (struct draft){.used = true,
                          .scope = &nowhere,
                          .entry = entry,
                          .metric = METRIC_AVERAGE,
                          .estimate = &unknown,
                          .threshold = (double)NAN,
                          .limit = {(double)NAN, (double)NAN},
                          .required = true,
                          .judged = true,
                          .p = (double)NAN,
                          .detectable = (double)NAN,
                          .status = ROW_ERRORED,
                          .cause = CAUSE_UNKNOWN_PATTERN};
}

static void conclude_rows(const struct numbers *numbers, const struct policy *policy, bool anchored,
                          struct drafts *drafts)
{
    double level = level_of(numbers, policy, anchored);
    size_t n_tested = adjust(drafts, anchored);
    for (size_t i = 0; i < drafts->n; i++) {
        struct draft *draft = &drafts->all[i];
        if (!draft->used || draft->anchored != anchored)
            continue;
        if (draft->tested) {
            draft->detectable = detectable(draft, level, n_tested);
            conclude_tested(numbers, level, draft);
        } else if (draft->cause == CAUSE_PLAIN) {
            conclude_plain(draft);
        }
        apply_limits(draft);
    }
}

void decide_rows(const struct numbers *numbers, const struct policy *policy, struct arena *arena,
                 struct drafts *out)
{
    size_t rows = numbers->n_scopes * METRIC_COUNT;
    size_t named = rows + (numbers->anchor ? METRIC_COUNT : 0);
    out->n_figures = named + numbers->n_named;
    out->n = out->n_figures + policy->n_tags + policy->n_endpoints;
    out->all = arena_array(arena, out->n, sizeof *out->all);
    for (size_t i = 0; i < numbers->n_scopes; i++)
        draft_scope(numbers, policy, &numbers->scopes[i], &out->all[i * METRIC_COUNT]);
    if (numbers->anchor)
        drift_draft(numbers, policy, error_target(policy, &policy->overall), &out->all[rows]);
    for (size_t i = 0; i < numbers->n_named; i++)
        named_draft(numbers, policy, &numbers->named[i], &out->all[named + i]);
    for (size_t i = out->n_figures; i < out->n; i++)
        draft_pattern(numbers, policy_entry(policy, i - out->n_figures), &out->all[i]);
    conclude_rows(numbers, policy, false, out);
    conclude_rows(numbers, policy, true, out);
}

static struct draft worse_of(const struct draft *base, const struct draft *candidate)
{
    bool take = !base->used || (candidate->used && candidate->status < base->status);
    const struct draft *other = take ? base : candidate;
    struct draft worse = take ? *candidate : *base;
    worse.from_candidate_policy = take;
    worse.differs =
        base->used != candidate->used || (base->used && base->status != candidate->status);
    worse.other_status = other->used ? other->status : ROW_STATUS_COUNT;
    worse.required = base->required || candidate->required;
    worse.judged = base->judged || candidate->judged;
    return worse;
}

static bool is_same_entry(const struct policy_entry *a, const struct policy_entry *b)
{
    return a->is_tag == b->is_tag && strcmp(a->pattern, b->pattern) == 0;
}

void decide_worse(struct drafts *drafts, const struct drafts *candidate, struct arena *arena)
{
    size_t n = drafts->n_figures;
    size_t patterns = drafts->n - n, candidate_patterns = candidate->n - n;
    struct draft *all = arena_array(arena, n + patterns + candidate_patterns, sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = worse_of(&drafts->all[i], &candidate->all[i]);
    memcpy(all + n, drafts->all + n, patterns * sizeof *all);
    for (size_t i = 0; i < candidate_patterns; i++) {
        struct draft *pattern = &all[n + patterns + i];
        *pattern = candidate->all[n + i];
        for (size_t j = 0; pattern->used && j < patterns; j++)
            if (drafts->all[n + j].used && is_same_entry(drafts->all[n + j].entry, pattern->entry))
                pattern->used = false;
    }
    drafts->all = all;
    drafts->n = n + patterns + candidate_patterns;
}
