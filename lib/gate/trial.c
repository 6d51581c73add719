#include "gate/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "gate/explain.h"

/* Just over, for sums and figures: rounding to whole ns moves them by less. */
#define JUST_OVER 1e-4
/* … for a quantile of a histogram, which is the middle of a bucket: what was a bucket becomes a
 * range as wide, its quantile may lie in any of the buckets there, so 1/128 above or below, and is
 * read off as that one's middle, again by 1/128: together 1/64, and 1 / (1 - 1/64) - 1 = 1/63. */
#define JUST_OVER_BUCKETS (1.0 / 63 + JUST_OVER)
/* From one try to the next, the log of a latency, or the failures, grow by this. */
#define GROWTH 1.25
/* A report's sums of latencies stay below, with room for what rounding adds. */
#define MOST_SUM_NS 0x1p59

/* ---- comparing what was changed ---- */

static void change_report(struct trials *trials, const struct report *from, bool whole,
                          struct report *out)
{
    struct inject **changes = mem_array(from->n_endpoints + 1, sizeof *changes);
    for (size_t i = 0; i < from->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &from->endpoints[i];
        const struct scope *scope = numbers_find(&trials->real, endpoint->name, endpoint->method);
        changes[i] = &trials->changes[whole || !scope ? 0 : scope - trials->real.scopes];
    }
    inject_report(from, &trials->changes[0], changes, out);
    free(changes);
}

/* The candidate's reports as trials->changes has them. */
struct changed {
    size_t n;
    struct report *reports;
    const struct report **candidates;
};

/* Each endpoint by itself, or `whole`, all of it as the first one says. */
static struct changed change_all(struct trials *trials, bool whole)
{
    size_t n = trials->in.n_candidates;
    struct changed changed = {n, mem_array(n, sizeof *changed.reports),
                              mem_array(n, sizeof *changed.candidates)};
    for (size_t i = 0; i < n; i++) {
        change_report(trials, trials->in.candidates[i], whole, &changed.reports[i]);
        changed.candidates[i] = &changed.reports[i];
    }
    return changed;
}

static void changed_release(struct changed *changed)
{
    for (size_t i = 0; i < changed->n; i++)
        report_release(&changed->reports[i]);
    free(changed->candidates);
    free(changed->reports);
}

static int compare_changed(struct trials *trials, bool whole, struct numbers *out, struct err *err)
{
    struct changed changed = change_all(trials, whole);
    struct gate_input in = trials->in;
    in.candidates = changed.candidates;
    int status = compare_reports(&in, trials->wanted, out, err);
    changed_release(&changed);
    return status;
}

/* ---- sizes ---- */

/* What gives the candidate a figure of this size. */
static struct inject change_for(const struct estimate *real, enum metric metric, double size)
{
    struct inject change = INJECT_NOTHING;
    double ratio = real->figure[SIDE_CANDIDATE] / real->figure[SIDE_BASE];
    double requests = (double)real->requests[SIDE_CANDIDATE];
    double failures = (double)real->failures[SIDE_CANDIDATE];
    if (metric_info(metric)->kind == KIND_RATE) {
        if (size < failures)
            change.kept = size / failures;
        else if (size > failures)
            change.added = (size - failures) / (requests - failures);
    } else if (ratio > 0 && isfinite(ratio)) {
        if (metric_info(metric)->higher_is_better)
            change.requests = 1 / (size * ratio);
        else
            change.latency = size / ratio;
    }
    return change;
}

/* The most failures whose share is at most `rate`. */
static double failures_at(const struct estimate *estimate, double rate)
{
    return floor(rate * (double)estimate->requests[SIDE_CANDIDATE] * (1 + 1e-9));
}

static double equal_size(const struct estimate *real, enum metric metric)
{
    double base = real->figure[SIDE_BASE];
    if (metric_info(metric)->kind != KIND_RATE)
        return 1;
    return isnan(base) ? (double)real->failures[SIDE_CANDIDATE] : failures_at(real, base);
}

/* The first size at which a rate is over `ratio` times the base's. */
static double rate_over(const struct draft *draft, double ratio)
{
    double base = draft->estimate->figure[SIDE_BASE];
    return failures_at(draft->estimate, base > 0 ? base * ratio : draft->target) + 1;
}

/* … and can be tested. */
static double rate_testable(const struct trials *trials, const struct draft *draft)
{
    bool paired = trials->in.comparison == COMPARISON_PAIRED;
    return paired ? (double)(DECIDE_MIN_FAILURES - draft->estimate->failures[SIDE_BASE]) : 0;
}

/* … at which a latency or a throughput is. */
static double size_over(const struct draft *draft, double ratio)
{
    const struct metric_info *info = metric_info(draft->metric);
    double now = draft->estimate->figure[SIDE_CANDIDATE] / draft->estimate->figure[SIDE_BASE];
    double requests = (double)draft->estimate->requests[SIDE_CANDIDATE];
    if (info->kind == KIND_THROUGHPUT) /* one of the requests that are left may be rounded off */
        return ratio * (1 + JUST_OVER + 1 / fmax(1, requests / (ratio * now)));
    return ratio * (1 + (info->kind == KIND_QUANTILE ? JUST_OVER_BUCKETS : JUST_OVER));
}

/* The last size of a throughput: with fewer requests the row would be too rare to be judged. */
static double most_throughput(const struct draft *draft)
{
    const struct estimate *estimate = draft->estimate;
    double now = estimate->figure[SIDE_CANDIDATE] / estimate->figure[SIDE_BASE];
    double needed = fmax(1, 2 * (double)draft->minimum - (double)estimate->requests[SIDE_BASE]);
    return (double)estimate->requests[SIDE_CANDIDATE] / (now * needed);
}

/* … of a latency: what a histogram can hold, and sums can. */
static double most_latency(const struct draft *draft)
{
    const struct estimate *mean = &draft->scope->metrics[METRIC_AVERAGE];
    double base_ns = draft->estimate->figure[SIDE_BASE] * (double)NS_PER_MS;
    double longest_ns = (double)histogram_bucket_low(HISTOGRAM_BUCKETS);
    double sum_ns =
        mean->figure[SIDE_CANDIDATE] * (double)NS_PER_MS * (double)mean->requests[SIDE_CANDIDATE];
    return fmin(longest_ns / base_ns, MOST_SUM_NS / sum_ns);
}

struct trial trials_plan(const struct trials *trials, const struct draft *draft)
{
    enum metric_kind kind = metric_info(draft->metric)->kind;
    double claimed = fmax(draft->threshold, 1 + draft->detectable); /* the former where NAN */
    struct trial trial = {.scope = (size_t)(draft->scope - trials->equal.scopes),
                          .metric = draft->metric};
    if (kind == KIND_RATE) {
        trial.most = (double)draft->estimate->requests[SIDE_CANDIDATE];
        trial.least = rate_over(draft, draft->threshold);
        trial.size = fmax(rate_over(draft, claimed), rate_testable(trials, draft));
    } else {
        trial.most = kind == KIND_THROUGHPUT ? most_throughput(draft) : most_latency(draft);
        trial.least = size_over(draft, draft->threshold);
        trial.size = size_over(draft, claimed);
    }
    trial.size = fmin(trial.size, trial.most);
    return trial;
}

static double next_size(const struct trial *trial)
{
    bool rate = metric_info(trial->metric)->kind == KIND_RATE;
    double next = rate ? ceil(trial->size * GROWTH) : pow(trial->size, GROWTH);
    return fmin(trial->most, rate ? next : fmax(next, 1 + JUST_OVER_BUCKETS));
}

/* ---- sides that are equal ---- */

static void copy_scopes(const struct numbers *from, struct numbers *out)
{
    *out = *from;
    out->arena = (struct arena){0};
    out->scopes = arena_array(&out->arena, from->n_scopes, sizeof *out->scopes);
    memcpy(out->scopes, from->scopes, from->n_scopes * sizeof *out->scopes);
}

/* Takes one metric's estimates over, of the whole or of the endpoints. */
static void take_estimates(struct trials *trials, const struct numbers *from, bool whole,
                           enum metric metric)
{
    size_t first = whole ? 0 : 1, end = whole ? 1 : from->n_scopes;
    for (size_t i = first; i < end; i++)
        trials->equal.scopes[i].metrics[metric] = from->scopes[i].metrics[metric];
}

static int equalise(struct trials *trials, bool whole, enum metric metric, struct err *err)
{
    struct numbers numbers;
    for (size_t i = 0; i < trials->real.n_scopes; i++) {
        const struct estimate *real = &trials->real.scopes[i].metrics[metric];
        trials->changes[i] = change_for(real, metric, equal_size(real, metric));
    }
    if (compare_changed(trials, whole, &numbers, err) < 0)
        return -1;
    take_estimates(trials, &numbers, whole, metric);
    numbers_release(&numbers);
    return 0;
}

int trials_open(const struct gate_input *in, const struct policy *policy, struct trials *out,
                struct err *err)
{
    *out = (struct trials){.in = *in, .policy = policy};
    decide_wants(policy, out->wanted);
    if (compare_reports(in, out->wanted, &out->real, err) < 0)
        return -1;
    copy_scopes(&out->real, &out->equal);
    out->changes = arena_array(&out->equal.arena, out->real.n_scopes, sizeof *out->changes);
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        if (out->wanted[metric] && (equalise(out, true, (enum metric)metric, err) < 0 ||
                                    equalise(out, false, (enum metric)metric, err) < 0)) {
            trials_close(out);
            return -1;
        }
    return 0;
}

void trials_close(struct trials *trials)
{
    numbers_release(&trials->equal);
    numbers_release(&trials->real);
    *trials = (struct trials){0};
}

/* ---- trying ---- */

/* Noise, or too few failures: then the row is not passed. */
static bool is_undecided(const struct draft *draft)
{
    return (draft->cause == CAUSE_NOISE || draft->cause == CAUSE_FEW_HIGH) && !draft->lenient;
}

/* What the threshold alone says: its limit may fail the row as well. */
static const char *reason_of(struct trials *trials, const struct draft *draft)
{
    struct verdict_row row;
    struct draft alone = *draft;
    if (alone.status == ROW_OVER_LIMIT)
        alone.status = is_undecided(draft) ? ROW_INSUFFICIENT : ROW_STABLE;
    explain_row(&trials->equal, &alone, &trials->equal.arena, &row);
    return row.reason;
}

static void conclude(struct trials *trials, struct trial *trial, const struct draft *draft)
{
    trial->is_found = draft->used && draft->status == ROW_REGRESSED;
    trial->is_done = trial->is_found || trial->size >= trial->most;
    trial->figure = draft->estimate->figure[SIDE_CANDIDATE];
    if (!trial->is_done) {
        trial->size = next_size(trial);
    } else if (!trial->is_found) {
        trial->reason = reason_of(trials, draft);
        trial->is_undecided = is_undecided(draft);
    }
}

/* Judges the row with this estimate, alone among those that are equal. */
static void try_one(struct trials *trials, struct trial *trial, const struct estimate *estimate)
{
    struct estimate *place = &trials->equal.scopes[trial->scope].metrics[trial->metric];
    struct estimate kept = *place;
    struct arena arena = {0};
    struct drafts drafts;
    *place = *estimate;
    decide_rows(&trials->equal, trials->policy, &arena, &drafts);
    conclude(trials, trial, &drafts.all[trial->scope * METRIC_COUNT + trial->metric]);
    arena_release(&arena);
    *place = kept;
}

static bool is_due(const struct trial *trial, bool whole, enum metric metric)
{
    return !trial->is_done && trial->metric == metric && whole == (trial->scope == 0);
}

/* One try of the trials of a metric that are due. Returns how many are due still, or -1. */
static int try_metric(struct trials *trials, struct trial *list, size_t n, bool whole,
                      enum metric metric, struct err *err)
{
    struct numbers numbers;
    int due = 0;
    for (size_t i = 0; i < trials->real.n_scopes; i++)
        trials->changes[i] = INJECT_NOTHING;
    for (size_t i = 0; i < n; i++) {
        if (!is_due(&list[i], whole, metric))
            continue;
        size_t scope = list[i].scope;
        trials->changes[scope] =
            change_for(&trials->real.scopes[scope].metrics[metric], metric, list[i].size);
        due++;
    }
    if (!due)
        return 0;
    if (compare_changed(trials, whole, &numbers, err) < 0)
        return -1;
    due = 0;
    for (size_t i = 0; i < n; i++)
        if (is_due(&list[i], whole, metric)) {
            try_one(trials, &list[i], &numbers.scopes[list[i].scope].metrics[metric]);
            due += !list[i].is_done;
        }
    numbers_release(&numbers);
    return due;
}

int trials_run(struct trials *trials, struct trial *list, size_t n, struct err *err)
{
    for (int pass = 0; pass < 2 * METRIC_COUNT; pass++) {
        int due = 1;
        while (due > 0)
            due = try_metric(trials, list, n, pass % 2, (enum metric)(pass / 2), err);
        if (due < 0)
            return -1;
    }
    return 0;
}

/* ---- the worst of all ---- */

/* Of all that was found, twice over: in logs of latencies, in shares of failures. Fewer requests
 * would leave other rows too rare, so they are taken only where nothing else was found. */
static struct inject worst_change(const struct trials *trials, const struct trial *list, size_t n)
{
    struct inject worst = INJECT_NOTHING, fewer = INJECT_NOTHING;
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        const struct trial *trial = &list[i];
        const struct estimate *real = &trials->real.scopes[trial->scope].metrics[trial->metric];
        enum metric_kind kind = metric_info(trial->metric)->kind;
        if (!trial->is_found)
            continue;
        struct inject change = change_for(real, trial->metric, trial->size);
        if (kind == KIND_THROUGHPUT)
            fewer.requests = fmin(fewer.requests, change.requests);
        else if (kind == KIND_RATE)
            worst.added = fmax(worst.added,
                               fmin(1, 2 * trial->size / (double)real->requests[SIDE_CANDIDATE]));
        else
            worst.latency = fmax(worst.latency, change.latency * fmax(trial->size, 1));
        any |= kind != KIND_THROUGHPUT;
    }
    return any ? worst : fewer;
}

int trials_judge_worst(struct trials *trials, const struct gate_input *in, const struct trial *list,
                       size_t n, struct verdict *out, struct err *err)
{
    const struct estimate *mean = &trials->real.scopes[0].metrics[METRIC_AVERAGE];
    double sum_ns =
        mean->figure[SIDE_CANDIDATE] * (double)NS_PER_MS * (double)mean->requests[SIDE_CANDIDATE];
    trials->changes[0] = worst_change(trials, list, n);
    trials->changes[0].latency = fmin(trials->changes[0].latency, MOST_SUM_NS / sum_ns);
    struct changed changed = change_all(trials, true);
    struct gate_input worst = *in;
    worst.candidates = changed.candidates;
    int status = gate_judge(&worst, out, err);
    changed_release(&changed);
    return status;
}
