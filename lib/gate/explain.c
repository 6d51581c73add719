#include "gate/explain.h"

#include <math.h>
#include <string.h>

#include "gate/accept.h"
#include "gate/digits.h"
#include "gate/least.h"
#include "gate/runs.h"
#include "stats/dist.h"

/* Of the interval that is shown. */
#define CONFIDENCE 0.99

static const char *take(struct arena *arena, struct buf *text)
{
    const char *copy = arena_strdup(arena, buf_text(text));
    buf_release(text);
    return copy;
}

static double base_of(const struct draft *draft)
{
    return draft->estimate->figure[SIDE_BASE];
}

static double current_of(const struct draft *draft)
{
    return draft->estimate->figure[SIDE_CANDIDATE];
}

static bool has_ratio(const struct draft *draft)
{
    return base_of(draft) > 0 && !isnan(current_of(draft));
}

/* ---- pieces of sentences ---- */

static void add_figure(struct buf *out, const struct draft *draft, double value, int digits)
{
    metric_add_text(out, draft->metric, value, digits);
}

static void add_percent(struct buf *out, double ratio, int decimals)
{
    buf_addf(out, "%+.*f %%", decimals, (ratio - 1) * 100);
}

static void add_allowed(struct buf *out, const struct draft *draft)
{
    double ratio =
        metric_info(draft->metric)->higher_is_better ? 1 / draft->threshold : draft->threshold;
    buf_addf(out, "%+.6g %%", (ratio - 1) * 100);
    least_say_allowed(out, draft);
}

/* "average +52.1 % (allowed +10 %), base 12.1 ms, candidate 18.4 ms" */
static void add_change(struct buf *out, const struct draft *draft)
{
    int digits = digits_of(draft);
    buf_addf(out, "%s ", draft_title(draft));
    if (has_ratio(draft)) {
        add_percent(out, current_of(draft) / base_of(draft), 1 + digits);
        buf_add_str(out, " (allowed ");
        add_allowed(out, draft);
    } else {
        add_figure(out, draft, current_of(draft), digits);
        buf_add_str(out, " (allowed ");
        if (draft->metric == METRIC_ERROR_RATE)
            add_figure(out, draft, draft->target, 0);
        else
            buf_add_str(out, "anything, as the base is 0");
    }
    buf_add_str(out, draft->anchored ? "), anchor " : "), base ");
    add_figure(out, draft, base_of(draft), digits);
    buf_add_str(out, ", candidate ");
    add_figure(out, draft, current_of(draft), digits);
    least_say(out, draft, digits);
}

static void add_p(struct buf *out, const struct draft *draft)
{
    double p = draft->status == ROW_IMPROVED ? draft->p_better : draft->p;
    if (p < 0.001)
        buf_add_str(out, "; p < 0.001");
    else
        buf_addf(out, "; p = %.2g", p);
}

/* ---- the sentence ---- */

static void say_few(struct buf *out, const struct draft *draft)
{
    buf_addf(out,
             "too few requests: %lld on the base side and %lld on the candidate's; the %s "
             "needs %zu on a side",
             (long long)draft->estimate->requests[SIDE_BASE],
             (long long)draft->estimate->requests[SIDE_CANDIDATE], draft_title(draft),
             draft->minimum);
}

static void say_failures(struct buf *out, const struct draft *draft)
{
    buf_addf(out,
             "%lld failures on the base side and %lld on the candidate's are too few to "
             "test; its error rate of ",
             (long long)draft->estimate->failures[SIDE_BASE],
             (long long)draft->estimate->failures[SIDE_CANDIDATE]);
    add_figure(out, draft, current_of(draft), 0);
    buf_add_str(out, draft->cause == CAUSE_FEW_HIGH ? " is over the target of "
                                                    : " is within the target of ");
    add_figure(out, draft, draft->target, 0);
}

static void say_noise(struct buf *out, const struct numbers *numbers, const struct draft *draft)
{
    int digits = digits_of(draft);
    add_change(out, draft);
    add_p(out, draft);
    if (draft->anchored) {
        buf_add_str(out, ": within what two runs of one code may differ by");
        return;
    }
    if (numbers->comparison != COMPARISON_STORED) {
        buf_add_str(out, ": may be noise; a longer run or more starts can tell");
        return;
    }
    buf_add_str(out, ": within what the stored runs differ by");
    if (!(draft->estimate->reach > 0))
        return;
    buf_addf(out, ", the %s of which is ",
             metric_info(draft->metric)->higher_is_better ? "smallest" : "largest");
    add_figure(out, draft, draft->estimate->worst, digits);
    buf_add_str(out, " and leaves room for ");
    add_figure(out, draft, draft->estimate->reach, digits);
}

static void say_coarse(struct buf *out, const struct draft *draft)
{
    add_change(out, draft);
    buf_add_str(out, ", but only from ");
    add_percent(out, 1 + draft->detectable, 0);
    buf_add_str(out, " on would a change have been found, over twice the allowance; a longer run "
                     "or more starts can tell");
}

static void say_plain(struct buf *out, const struct numbers *numbers, const struct draft *draft)
{
    add_change(out, draft);
    const char *why = draft->estimate->plain ? draft->estimate->plain : numbers->plain;
    buf_add_str(out, "; by the threshold alone");
    if (why)
        buf_addf(out, " (%s)", why);
}

/* "average +26.0 % from 100 ms before the acceptance to 126 ms, and no run …" */
static void say_outdated(struct buf *out, const struct draft *draft)
{
    int digits = digits_of(draft);
    buf_addf(out, "%s ", draft_title(draft));
    if (has_ratio(draft)) {
        add_percent(out, current_of(draft) / base_of(draft), 1 + digits);
        buf_add_str(out, " from ");
        add_figure(out, draft, base_of(draft), digits);
        buf_add_str(out, " before the acceptance to ");
    }
    add_figure(out, draft, current_of(draft), digits);
    buf_add_str(out, ", and no run that counts is stored since");
    if (!has_ratio(draft))
        buf_add_str(out, " the acceptance");
}

static void say_no_noise(struct buf *out, const struct draft *draft)
{
    if (!draft->anchored) {
        buf_addf(out, "the noise of its %s is not known, so that it cannot be judged",
                 draft_title(draft));
        return;
    }
    add_change(out, draft);
    buf_addf(out, "; not judged: %d stored runs of this kind would tell how much runs differ",
             RUNS_MIN);
}

static void say_blind(struct buf *out, const struct draft *draft)
{
    buf_addf(out, "%s ", draft_title(draft));
    add_figure(out, draft, base_of(draft), 0);
    buf_add_str(out, " on the base side: no candidate could be over the threshold; mend the "
                     "scenario, or what the base runs on");
}

static void say_limits(struct buf *out, const struct draft *draft)
{
    buf_addf(out, "%s ", draft_title(draft));
    add_figure(out, draft, current_of(draft), 0);
    buf_add_str(out, ", judged by its limits only");
    if (draft->cause == CAUSE_ZERO)
        buf_add_str(out, ", as the base is 0");
}

static void say_zero(struct buf *out, const struct draft *draft)
{
    if (draft->status == ROW_STABLE) {
        say_limits(out, draft);
        return;
    }
    buf_addf(out, "%s ", draft_title(draft));
    add_figure(out, draft, current_of(draft), 0);
    buf_add_str(out, ", and 0 on the base side, of which no ratio is over a threshold; give it a "
                     "limit");
}

/* What a draft's figures are of. */
static const char *whose(const struct draft *draft)
{
    return draft->name ? "" : " of it";
}

/* Why there is nothing to compare. */
static void say_absent(struct buf *out, const struct numbers *numbers, const struct draft *draft)
{
    const char *title = draft_title(draft);
    if (draft->cause == CAUSE_NO_BASE)
        buf_add_str(out, numbers->base_reason);
    else if (draft->cause == CAUSE_NEW)
        buf_addf(out, "the base has no %s%s to compare with", title, whose(draft));
    else if (draft->cause == CAUSE_GONE)
        buf_add_str(out, "the candidate made no request to it");
    else if (draft->cause == CAUSE_NO_FIGURE)
        buf_addf(out, "the candidate's report has no %s%s", title, whose(draft));
    else if (draft->cause == CAUSE_SHARED)
        buf_addf(out,
                 "%s is of both sides together, which it cannot tell apart; give each side its own "
                 "in the scenario, or judge it by a limit",
                 title);
    else
        buf_addf(out, "the policy requires it, but no endpoint of the reports %s",
                 draft->entry->is_tag ? "has the tag" : "matches");
}

static void say(struct buf *out, const struct numbers *numbers, const struct draft *draft)
{
    switch (draft->cause) {
    case CAUSE_LIMIT_ONLY:
        say_limits(out, draft);
        break;
    case CAUSE_NO_BASE:
    case CAUSE_NEW:
    case CAUSE_GONE:
    case CAUSE_NO_FIGURE:
    case CAUSE_SHARED:
    case CAUSE_UNKNOWN_PATTERN:
        say_absent(out, numbers, draft);
        break;
    case CAUSE_OUTDATED:
        say_outdated(out, draft);
        break;
    case CAUSE_TOO_FEW:
        say_few(out, draft);
        break;
    case CAUSE_FEW_FAILURES:
    case CAUSE_FEW_HIGH:
        say_failures(out, draft);
        break;
    case CAUSE_FEW_BATCHES:
        buf_addf(out, "the evidence has %lld batches of pairs, and %d are needed; run longer",
                 (long long)numbers->batches, DECIDE_MIN_BATCHES);
        break;
    case CAUSE_NO_NOISE:
        say_no_noise(out, draft);
        break;
    case CAUSE_ANCHOR:
        buf_add_str(out, numbers->anchor_reason);
        break;
    case CAUSE_PLAIN:
        say_plain(out, numbers, draft);
        break;
    case CAUSE_NOISE:
        say_noise(out, numbers, draft);
        break;
    case CAUSE_COARSE:
        say_coarse(out, draft);
        break;
    case CAUSE_BLIND:
        say_blind(out, draft);
        break;
    case CAUSE_ZERO:
        say_zero(out, draft);
        break;
    case CAUSE_TESTED:
    case CAUSE_COUNT:
        add_change(out, draft);
        add_p(out, draft);
        break;
    }
}

static void say_over(struct buf *out, const struct draft *draft, double limit, const char *what)
{
    int digits = digits_beyond(draft, limit);
    buf_addf(out, "%s ", draft_title(draft));
    if (draft->of_machine)
        buf_add_str(out, "of the whole machine ");
    add_figure(out, draft, current_of(draft), digits);
    buf_addf(out, " is %s its %s of ",
             metric_info(draft->metric)->higher_is_better ? "under" : "over", what);
    add_figure(out, draft, limit, digits);
}

/* ---- warnings ---- */

static void warn(struct verdict_row *row, struct arena *arena, struct buf *text)
{
    arena_append(arena, &row->warnings, &row->n_warnings, take(arena, text));
}

static void warn_limits(const struct draft *draft, struct arena *arena, struct verdict_row *row)
{
    struct buf text = {0};
    if (!draft->over_critical && !draft->over_target)
        return;
    if (row->status == ROW_OVER_LIMIT)
        return; /* the reason says it */
    if (draft->over_critical) {
        say_over(&text, draft, draft->limit.critical, "limit");
        if (draft->base_over_critical)
            buf_add_str(&text, ", and so is the base");
    } else {
        say_over(&text, draft, draft->limit.target, "target");
    }
    warn(row, arena, &text);
}

static void warn_policies(const struct draft *draft, struct arena *arena, struct verdict_row *row)
{
    struct buf text = {0};
    if (!draft->differs)
        return;
    buf_addf(&text, "by the %s policy; ", draft->from_candidate_policy ? "candidate's" : "base's");
    buf_addf(&text, "the %s ", draft->from_candidate_policy ? "base's" : "candidate's");
    if (draft->other_status == ROW_STATUS_COUNT)
        buf_add_str(&text, "does not ask for it");
    else
        buf_addf(&text, "says %s", row_status_name(draft->other_status));
    warn(row, arena, &text);
}

static void warn_ended(const struct draft *draft, struct arena *arena, struct verdict_row *row)
{
    struct buf text = {0};
    accept_say_ended(&text, draft);
    if (text.len)
        warn(row, arena, &text);
}

/* A pass whose reason nobody reads. */
static void warn_plain(const struct draft *draft, struct arena *arena, struct verdict_row *row)
{
    struct buf text = {0};
    if (draft->cause != CAUSE_PLAIN || !draft->estimate->plain || row->status < ROW_ACCEPTED)
        return;
    buf_addf(&text, "by the threshold alone: %s", draft->estimate->plain);
    warn(row, arena, &text);
}

/* So does this. */
static void warn_least(const struct draft *draft, struct arena *arena, struct verdict_row *row)
{
    struct buf text = {0};
    if (!draft->spared)
        return;
    buf_add_str(&text, "over its threshold");
    least_say(&text, draft, digits_of(draft));
    warn(row, arena, &text);
}

static void warn_lenient(const struct draft *draft, struct arena *arena, struct verdict_row *row)
{
    struct buf text = {0};
    if (!draft->lenient || row->status != ROW_INSUFFICIENT)
        return;
    buf_add_str(&text, "over its threshold, but not beyond the bound for noise");
    warn(row, arena, &text);
}

/* ---- the row ---- */

static void fill_numbers(const struct draft *draft, struct verdict_row *row)
{
    const struct estimate *estimate = draft->estimate;
    row->base = base_of(draft);
    row->candidate = current_of(draft);
    row->change = has_ratio(draft) ? (row->candidate / row->base - 1) * 100 : (double)NAN;
    row->threshold = draft->cause == CAUSE_OUTDATED ? (double)NAN : draft->threshold;
    row->min_change = draft->min_change > 0 ? draft->min_change : (double)NAN;
    row->limit = draft->limit.critical;
    row->p = draft->p;
    row->detectable = draft->detectable;
    row->interval_low = row->interval_high = (double)NAN;
    if (!draft->tested || isnan(estimate->error) || !has_ratio(draft))
        return;
    double half = dist_t_quantile((1 - CONFIDENCE) / 2, estimate->df) * estimate->error;
    row->interval_low = row->candidate / row->base * exp(-half);
    row->interval_high = row->candidate / row->base * exp(half);
}

static struct verdict_anchor *anchor_record(const struct numbers *numbers, struct arena *arena)
{
    struct verdict_anchor *record = arena_array(arena, 1, sizeof *record);
    *record = (struct verdict_anchor){.run = arena_strdup(arena, numbers->anchor_run),
                                      .label = arena_strdup(arena, numbers->anchor_label)};
    return record;
}

/* Of what matches nothing: the pattern, or "tag checkout". */
static const char *endpoint_of(const struct draft *draft, struct arena *arena)
{
    const struct policy_entry *entry = draft->entry;
    if (entry && entry->is_tag)
        return arena_printf(arena, "tag %s", entry->pattern);
    return arena_strdup(arena, entry ? entry->pattern : draft->scope->name);
}

void explain_row(const struct numbers *numbers, const struct draft *draft, struct arena *arena,
                 struct verdict_row *row)
{
    struct buf reason = {0};
    const struct scope *scope = draft->scope;
    *row = (struct verdict_row){.endpoint = endpoint_of(draft, arena),
                                .method = arena_strdup(arena, scope->method),
                                .base_count = draft->estimate->requests[SIDE_BASE],
                                .candidate_count = draft->estimate->requests[SIDE_CANDIDATE],
                                .name = arena_strdup(arena, draft->name),
                                .metric = (int)draft->metric,
                                .status = (int)draft->status,
                                .required = draft->required,
                                .judged = draft->judged,
                                .text_digits = digits_of(draft)};
    if (draft->anchored) {
        row->against = AGAINST_ANCHOR;
        row->anchor = anchor_record(numbers, arena);
    }
    fill_numbers(draft, row);
    if (row->status == ROW_OVER_LIMIT)
        say_over(&reason, draft, draft->limit.critical, "limit");
    else if (row->status == ROW_ACCEPTED && draft->breach)
        add_change(&reason, draft); /* how sure that is does not matter */
    else
        say(&reason, numbers, draft);
    accept_say(&reason, draft);
    row->reason = take(arena, &reason);
    row->acceptance = accept_record(draft, arena);
    warn_limits(draft, arena, row);
    warn_policies(draft, arena, row);
    warn_ended(draft, arena, row);
    warn_plain(draft, arena, row);
    warn_least(draft, arena, row);
    warn_lenient(draft, arena, row);
}
