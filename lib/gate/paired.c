#include "gate/paired.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "gate/evidence.h"
#include "gate/ratio.h"
#include "gate/starts.h"
#include "stats/dist.h"
#include "stats/spread.h"
#include "stats/tests.h"

/* Any will do; one that is fixed makes verdicts repeatable. */
#define SWAP_SEED UINT64_C(0x7061697265640001)

/* Fewer pairs (or batches) with requests on both sides than this have no middle to speak of. */
#define TYPICAL_MIN_PAIRS 20
/* Observations, of a quantile those beyond it, that a batch needs on each side, or its own figure
 * says little. */
#define TYPICAL_MIN_BEYOND 10
/* The mean of a typical batch is that of so much of it, the fastest: what a neighbour delays is
 * among the rest. */
#define TYPICAL_SHARE 0.5

/* What the evidence of a scope says of one metric. */
struct signs {
    double *left_out;   /* log(candidate / base) without each batch */
    double *difference; /* candidate less base, per unit that changes sides in the label swap */
    size_t n_units;     /* pairs, or batches where only those have histograms */
    double floor;       /* of the standard error: what the data cannot resolve */
};

/* What each pair adds to the candidate's side beyond the ratio of both sides together, less the
 * same of the base. That ratio stays when pairs change sides, so the sum is a fair statistic for
 * the label swap, and positive exactly where the candidate's ratio is the larger one. */
static void fill_differences(const struct ratio *ratio, size_t n, double *difference)
{
    const int64_t *const *top = ratio->top, *const *bottom = ratio->bottom;
    double both = (double)(ratio->top_sum[SIDE_BASE] + ratio->top_sum[SIDE_CANDIDATE]) /
                  (double)(ratio->bottom_sum[SIDE_BASE] + ratio->bottom_sum[SIDE_CANDIDATE]);
    for (size_t i = 0; i < n; i++)
        difference[i] = (double)(top[SIDE_CANDIDATE][i] - top[SIDE_BASE][i]) -
                        both * (double)(bottom[SIDE_CANDIDATE][i] - bottom[SIDE_BASE][i]);
}

static int signs_of_ratio(const struct evidence *evidence, enum metric_kind kind,
                          struct signs *signs)
{
    struct ratio ratio = ratio_of(evidence, kind);
    if (ratio.bottom_sum[SIDE_BASE] <= 0 || ratio.bottom_sum[SIDE_CANDIDATE] <= 0)
        return -1;
    ratio_leave_out(&ratio, evidence, signs->left_out);
    fill_differences(&ratio, evidence->n_pairs, signs->difference);
    signs->n_units = evidence->n_pairs;
    return 0;
}

static int signs_of_quantile(const struct evidence *evidence, double quantile, struct signs *signs)
{
    struct spread_side candidate = {evidence->batches[SIDE_CANDIDATE], evidence->n_batches};
    struct spread_side base = {evidence->batches[SIDE_BASE], evidence->n_batches};
    signs->n_units = evidence->n_batches;
    signs->floor = HISTOGRAM_RESOLUTION;
    return spread_quantile(&candidate, &base, quantile, signs->left_out, signs->difference);
}

/* Error rates have no useful logarithm near zero, so the difference of failures is tested as it is,
 * by batch, because failures come in bursts, and held to be no surer than if they came one by one.
 */
static double rate_tail(const struct evidence *evidence, const struct signs *signs,
                        const struct estimate *estimate, enum side worse, double start_variance)
{
    double more = (double)estimate->failures[worse], fewer = (double)estimate->failures[!worse];
    double *sums = mem_array(evidence->n_batches, sizeof *sums);
    for (size_t i = 0, pair = 0; i < evidence->n_batches; i++)
        for (; pair < evidence->batch_end[i]; pair++)
            sums[i] += signs->difference[pair];
    /* a start that shifts log(rate) by x shifts the difference by x * failures / 2 */
    double extra = start_variance * (more + fewer) * (more + fewer) / 4;
    double p = test_paired_t(sums, evidence->n_batches, extra);
    free(sums);
    return fmax(p, test_rates(more, (double)estimate->requests[worse], fewer,
                              (double)estimate->requests[!worse], 1));
}

/* One scope and metric, and what was found of it. */
struct question {
    const struct scope *scope;
    const struct evidence *evidence;
    enum metric metric;
    struct starts_spread starts;
};

/* The error with what starts add; returns its degrees of freedom (Satterthwaite 1946), never more
 * than those within starts. */
static double add_starts(const struct question *ask, double within, double df, double *error)
{
    double variance = within * within, starts = ask->starts.variance, all = variance + starts;
    *error = sqrt(all);
    return fmin(df, all * all / (variance * variance / df + starts * starts / ask->starts.df));
}

/* p that `worse` looks this much worse by chance. The differences are those of `worse` less the
 * other side's, `log_worse` too. */
static double p_of(const struct question *ask, const struct signs *signs, enum side worse,
                   double log_worse)
{
    const struct estimate *estimate = &ask->scope->metrics[ask->metric];
    double tail = metric_info(ask->metric)->kind == KIND_RATE
                      ? rate_tail(ask->evidence, signs, estimate, worse, ask->starts.variance)
                      : dist_t_upper(log_worse / estimate->error, estimate->df);
    return fmax(tail, test_label_swap(signs->difference, signs->n_units, SWAP_SEED));
}

static void turn(struct signs *signs)
{
    for (size_t i = 0; i < signs->n_units; i++)
        signs->difference[i] = -signs->difference[i];
}

static void conclude(const struct question *ask, struct signs *signs, struct estimate *estimate)
{
    size_t n = ask->evidence->n_batches;
    double within = spread_jackknife(signs->left_out, n);
    double log_worse = compare_log_worse(ask->metric, estimate);
    bool rate = metric_info(ask->metric)->kind == KIND_RATE;
    if (within < signs->floor)
        within = signs->floor;
    estimate->df = add_starts(ask, within, (double)(n - 1), &estimate->error);
    if (n < 2 || (!rate && (!isfinite(estimate->error) || isnan(log_worse)))) {
        estimate->error = (double)NAN;
        return;
    }
    if (!isfinite(estimate->error))
        estimate->error = (double)NAN; /* no failures on a side: tested, but no interval */
    if (metric_info(ask->metric)->higher_is_better)
        turn(signs);
    estimate->noise_known = true;
    estimate->within = within;
    estimate->p = p_of(ask, signs, SIDE_CANDIDATE, log_worse);
    turn(signs);
    estimate->p_better = p_of(ask, signs, SIDE_BASE, -log_worse);
}

/* What the pairs, or the batches, say each by itself. */
static size_t typical_ratios(const struct question *ask, double *out)
{
    const struct evidence *evidence = ask->evidence;
    double quantile = metric_info(ask->metric)->quantile;
    struct spread_side candidate = {evidence->batches[SIDE_CANDIDATE], evidence->n_batches};
    struct spread_side base = {evidence->batches[SIDE_BASE], evidence->n_batches};
    if (metric_info(ask->metric)->kind == KIND_QUANTILE)
        return spread_quantile_ratios(&candidate, &base, quantile,
                                      (int64_t)ceil(TYPICAL_MIN_BEYOND / (1 - quantile)), out);
    size_t n = spread_low_ratios(&candidate, &base, TYPICAL_SHARE, TYPICAL_MIN_BEYOND, out);
    if (n >= TYPICAL_MIN_PAIRS)
        return n;
    struct ratio ratio = ratio_of(evidence, KIND_MEAN);
    return ratio_pairs(&ratio, 0, evidence->n_pairs, out);
}

static void estimate_typical(const struct question *ask, double floor, struct typical *typical)
{
    const struct evidence *evidence = ask->evidence;
    size_t room = evidence->n_pairs > evidence->n_batches ? evidence->n_pairs : evidence->n_batches;
    double *ratios = mem_array(room, sizeof *ratios);
    size_t n = typical_ratios(ask, ratios);
    if (n >= TYPICAL_MIN_PAIRS) {
        struct spread_trimmed middle = spread_trim(ratios, n);
        typical->log_worse = middle.mean;
        typical->df = add_starts(ask, fmax(middle.error, floor), middle.df, &typical->error);
        spread_clip(ratios, n);
        typical->p = fmax(dist_t_upper(middle.mean / typical->error, typical->df),
                          test_label_swap(ratios, n, SWAP_SEED));
    }
    free(ratios);
}

static void estimate_metric(const struct question *ask, struct estimate *estimate)
{
    const struct metric_info *info = metric_info(ask->metric);
    const struct evidence *evidence = ask->evidence;
    size_t room = evidence->n_pairs > evidence->n_batches ? evidence->n_pairs : evidence->n_batches;
    if (info->kind == KIND_EXTREME || info->kind == KIND_RESOURCE)
        return;
    struct signs signs = {.left_out = mem_array(evidence->n_batches, sizeof(double)),
                          .difference = mem_array(room, sizeof(double))};
    if (info->kind == KIND_QUANTILE ? signs_of_quantile(evidence, info->quantile, &signs) == 0
                                    : signs_of_ratio(evidence, info->kind, &signs) == 0)
        conclude(ask, &signs, estimate);
    if ((info->kind == KIND_MEAN || info->kind == KIND_QUANTILE) && estimate->noise_known)
        estimate_typical(ask, signs.floor, &estimate->typical);
    free(signs.left_out);
    free(signs.difference);
}

static void estimate_scope(const struct evidence *evidence, const bool wanted[METRIC_COUNT],
                           const struct starts_spread *starts, struct scope *scope)
{
    struct question ask = {scope, evidence, METRIC_AVERAGE, *starts};
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        ask.metric = (enum metric)metric;
        if (wanted[metric])
            estimate_metric(&ask, &scope->metrics[metric]);
    }
}

void paired_estimate(const struct gate_input *in, const bool wanted[METRIC_COUNT],
                     struct numbers *numbers)
{
    size_t n = numbers->n_scopes;
    struct evidence *evidence = mem_array(n, sizeof *evidence);
    struct starts_spread *starts = mem_array(n, sizeof *starts);
    for (size_t i = 0; i < n; i++)
        evidence_load(in, &numbers->scopes[i], &evidence[i]);
    numbers->starts = (int64_t)in->n_candidates;
    numbers->pairs = (int64_t)evidence[0].n_pairs;
    numbers->batches = (int64_t)evidence[0].n_batches;
    starts_estimate(evidence, n, starts);
    for (size_t i = 0; i < n; i++) {
        estimate_scope(&evidence[i], wanted, &starts[i], &numbers->scopes[i]);
        evidence_release(&evidence[i]);
    }
    free(starts);
    free(evidence);
}
