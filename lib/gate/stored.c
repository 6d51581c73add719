#include "gate/stored.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/dist.h"
#include "stats/histogram.h"
#include "stats/moderate.h"
#include "stats/spread.h"
#include "stats/tests.h"

/* ---- which runs count ---- */

/* A run that was stored from one of the candidate's own reports. */
static bool is_among(const struct report *run, const struct gate_input *in)
{
    for (size_t i = 0; i < in->n_candidates; i++)
        if (compare_same_run(run, in->candidates[i]))
            return true;
    return false;
}

/* Why runs were left out, by number. */
struct left_out {
    size_t itself, invalid, workload, machine;
};

static void explain(const struct left_out *left, size_t n, struct numbers *numbers)
{
    if (left->itself)
        numbers_note(numbers, "the stored run of this very report was left out: a run compared "
                              "with itself says nothing");
    if (n) {
        size_t all = left->invalid + left->workload + left->machine;
        if (all)
            numbers_note(numbers,
                         "%zu stored run%s left out: %zu of another workload, %zu of another kind "
                         "of machine, %zu invalid",
                         all, all == 1 ? "" : "s", left->workload, left->machine, left->invalid);
        return;
    }
    numbers->base_state = BASE_NOT_COMPARABLE;
    if (left->machine)
        numbers->base_reason = "the stored runs are of other kinds of machine than this one; store "
                               "a run of this kind";
    else if (left->workload)
        numbers->base_reason = "the stored runs are of another workload (scenario, users or pacing "
                               "differ); store a run of this one";
    else {
        numbers->base_state = BASE_MISSING;
        numbers->base_reason = left->itself    ? "the stored run is this very report"
                               : left->invalid ? "all stored runs are invalid; store a valid one"
                                               : "no run is stored for this suite and environment";
    }
}

size_t stored_select(const struct gate_input *in, const struct report *candidate,
                     struct numbers *numbers, const struct report **counting)
{
    struct left_out left = {0};
    size_t n = 0;
    for (size_t i = 0; i < in->n_bases; i++) {
        const struct report *run = in->bases[i];
        if (is_among(run, in))
            left.itself++;
        else if (!report_is_usable(run))
            left.invalid++;
        else if (!report_same_workload(run, candidate))
            left.workload++;
        else if (!fingerprint_same_kind(&run->environment, &candidate->environment))
            left.machine++;
        else
            counting[n++] = run;
    }
    explain(&left, n, numbers);
    return n;
}

/* ---- figures and noise ---- */

/* What is looked at, and room for one number per run. */
struct runs {
    const struct report *const *reports;
    size_t n, replicates;
    bool any_start; /* they are not stored: no acceptance puts an end to them */
    double *values;
};

/* Whether run `i` is from before the acceptance of this figure. */
static bool is_outdated(const struct runs *runs, size_t i, const struct estimate *estimate)
{
    return !runs->any_start && !estimate->outdated && estimate->acceptance &&
           runs->reports[i]->started_ns < estimate->acceptance->accepted_ns;
}

/* What run `i` says of a scope, as far as a metric may use it; NULL = nothing. */
static const struct metrics *metrics_of(const struct runs *runs, size_t i,
                                        const struct scope *scope, enum metric metric)
{
    const struct report *report = runs->reports[i];
    const struct report_endpoint *endpoint;
    if (is_outdated(runs, i, &scope->metrics[metric]))
        return NULL;
    if (!scope->name)
        return &report->metrics;
    endpoint = compare_find(report, scope->name, scope->method);
    return endpoint && endpoint->metrics.total_requests > 0 ? &endpoint->metrics : NULL;
}

/* The runs that have a figure for a scope, and the requests behind it. */
struct sample {
    size_t n;
    int64_t requests, failures;
};

/* Their figures are then in runs->values. */
static struct sample collect(const struct runs *runs, const struct scope *scope, enum metric metric)
{
    struct sample sample = {0};
    for (size_t i = 0; i < runs->n; i++) {
        const struct metrics *metrics = metrics_of(runs, i, scope, metric);
        if (!metrics)
            continue;
        double value = metric == METRIC_ERROR_RATE
                           ? (double)metrics->total_failures / (double)metrics->total_requests
                           : metric_value(metrics, metric);
        if (!isnan(value))
            runs->values[sample.n++] = value;
        sample.requests += metrics->total_requests;
        sample.failures += metrics->total_failures;
    }
    return sample;
}

/* ---- how far the rows spread ---- */

/* What is known of the noise of all rows. */
struct pool {
    struct moderate_prior prior;
    double rows; /* independent ones behind the prior; 0: it is from elsewhere */
};

/* The logs of a row's figures, in runs->values; returns their number, 0 where there are too few
 * runs or a figure is not positive. */
static size_t collect_logs(const struct runs *runs, const struct scope *scope, enum metric metric)
{
    size_t n = collect(runs, scope, metric).n;
    if (n < STORED_MIN_RUNS || scope->metrics[metric].outdated)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (!(runs->values[i] > 0) || isinf(runs->values[i]))
            return 0;
        runs->values[i] = log(runs->values[i]);
    }
    return n;
}

/* Of the logs in runs->values; no figure is known better than a histogram's. */
static double variance_of(const struct runs *runs, size_t n)
{
    double deviation = fmax(spread_deviation(runs->values, n), HISTOGRAM_RESOLUTION);
    return deviation * deviation;
}

/* The rows that are pooled: all latencies and rates per second, in room for n. */
struct pooled {
    size_t n, n_full;
    double *variances, *df;
    double *logs; /* of those that every run has, one after the other */
};

static void pool_row(const struct runs *runs, size_t n, struct pooled *rows)
{
    if (!n)
        return;
    rows->variances[rows->n] = variance_of(runs, n);
    rows->df[rows->n++] = (double)(n - 1);
    if (n == runs->n)
        memcpy(rows->logs + n * rows->n_full++, runs->values, n * sizeof *rows->logs);
}

/* The prior of the rows themselves, or where they are too few to tell, that of public data. */
static struct pool pool_rows(const struct runs *runs, const bool *wanted,
                             const struct numbers *numbers)
{
    size_t most = numbers->n_scopes * METRIC_COUNT;
    struct pooled rows = {.variances = mem_array(most, sizeof *rows.variances),
                          .df = mem_array(most, sizeof *rows.df),
                          .logs = mem_array(most * runs->n, sizeof *rows.logs)};
    struct pool pool = {
        .prior = {.variance = STORED_PRIOR_SPREAD * STORED_PRIOR_SPREAD, .df = STORED_PRIOR_DF}};
    for (size_t i = 0; i < numbers->n_scopes; i++)
        for (int metric = 0; metric < METRIC_COUNT; metric++)
            if (wanted[metric] && metric != METRIC_ERROR_RATE)
                pool_row(runs, collect_logs(runs, &numbers->scopes[i], (enum metric)metric), &rows);
    if (rows.n >= STORED_MIN_ROWS) {
        pool.prior = moderate_fit(rows.variances, rows.df, rows.n);
        pool.rows = rows.n_full ? moderate_rows(rows.logs, rows.n_full, runs->n) : 1;
    }
    free(rows.variances);
    free(rows.df);
    free(rows.logs);
    return pool;
}

/* ---- the bounds ---- */

/* The figure that the worst of the runs leaves room for. */
static double reach_of(enum metric metric, double worst, double margin)
{
    return metric_info(metric)->higher_is_better ? worst * exp(-margin) : worst * exp(margin);
}

/* Fills the noise of a row whose logs are in runs->values. */
static void estimate_latency(const struct runs *runs, size_t n, const struct pool *pool,
                             enum metric metric, struct estimate *estimate)
{
    double log_worse = compare_log_worse(metric, estimate), df = (double)(n - 1);
    if (!n || isnan(log_worse))
        return;
    double deviation = sqrt(moderate_variance(&pool->prior, variance_of(runs, n), df));
    double worst = runs->values[0];
    for (size_t i = 1; i < n; i++)
        worst = metric_info(metric)->higher_is_better ? fmin(worst, runs->values[i])
                                                      : fmax(worst, runs->values[i]);
    estimate->noise_known = true;
    estimate->error = deviation * sqrt(1.0 / (double)runs->replicates + M_PI / (2 * (double)n));
    estimate->df = df + pool->prior.df;
    if (pool->rows > 0)
        estimate->df = fmin(estimate->df, df * pool->rows);
    estimate->p = dist_t_upper(log_worse / estimate->error, estimate->df);
    estimate->p_better = dist_t_upper(-log_worse / estimate->error, estimate->df);
    estimate->worst = exp(worst);
    estimate->reach =
        reach_of(metric, estimate->worst,
                 fmin(STORED_MARGIN_10 * 10 / (double)n, STORED_MARGIN_SPREADS * deviation));
}

/* The variance of the runs' failures in units of the binomial's; at least 1. */
static double dispersion(const struct runs *runs, const struct scope *scope, double rate)
{
    double chi_square = 0;
    size_t n = 0;
    for (size_t i = 0; i < runs->n; i++) {
        const struct metrics *metrics = metrics_of(runs, i, scope, METRIC_ERROR_RATE);
        if (!metrics)
            continue;
        double expected = rate * (double)metrics->total_requests;
        double off = (double)metrics->total_failures - expected;
        chi_square += off * off / (expected * (1 - rate));
        n++;
    }
    double ratio = chi_square / (double)(n > 1 ? n - 1 : 1);
    return isfinite(ratio) && ratio > 1 ? ratio : 1;
}

static void estimate_rate(const struct runs *runs, const struct scope *scope,
                          struct estimate *estimate)
{
    double base = (double)estimate->requests[SIDE_BASE];
    double candidate = (double)estimate->requests[SIDE_CANDIDATE];
    double base_failures = (double)estimate->failures[SIDE_BASE];
    double candidate_failures = (double)estimate->failures[SIDE_CANDIDATE];
    double wider = dispersion(runs, scope, base_failures / base);
    estimate->noise_known = true;
    estimate->p = test_rates(candidate_failures, candidate, base_failures, base, wider);
    estimate->p_better = test_rates(base_failures, base, candidate_failures, candidate, wider);
}

/* Fewer runs for one figure than for the rest, as some are from before its acceptance. */
static const char *plain_text(const struct runs *runs, size_t n, struct arena *arena)
{
    return arena_printf(arena,
                        "%zu of the %zu stored runs %s newer than its acceptance, and noise is "
                        "estimated from %d on",
                        n, runs->n, n == 1 ? "is" : "are", STORED_MIN_RUNS);
}

/* The sums over the runs, and the median. Where none counts since the acceptance, those from
 * before it, for people to see; the acceptance then decides. */
static void fill_base(const struct runs *runs, struct scope *scope, enum metric metric,
                      struct arena *arena)
{
    struct estimate *estimate = &scope->metrics[metric];
    struct sample sample = collect(runs, scope, metric);
    estimate->outdated = estimate->acceptance && !sample.n;
    if (estimate->outdated)
        sample = collect(runs, scope, metric);
    else if (estimate->acceptance && sample.n < STORED_MIN_RUNS && sample.n < runs->n)
        estimate->plain = plain_text(runs, sample.n, arena);
    estimate->figure[SIDE_BASE] = spread_median(runs->values, sample.n);
    estimate->requests[SIDE_BASE] = sample.requests;
    estimate->failures[SIDE_BASE] = sample.failures;
    scope->there[SIDE_BASE] |= sample.requests > 0;
}

void stored_fill_repeats(const struct report *const *repeats, size_t n, struct numbers *numbers)
{
    struct runs runs = {
        .reports = repeats, .n = n, .any_start = true, .values = mem_array(n, sizeof *runs.values)};
    for (size_t i = 0; i < numbers->n_scopes; i++)
        for (int metric = 0; metric < METRIC_COUNT; metric++) {
            struct scope *scope = &numbers->scopes[i];
            double *figure = &scope->metrics[metric].figure[SIDE_CANDIDATE];
            if (isnan(*figure))
                *figure = spread_median(runs.values, collect(&runs, scope, (enum metric)metric).n);
        }
    free(runs.values);
}

static void estimate_scope(const struct runs *runs, const bool *wanted, const struct pool *pool,
                           struct scope *scope)
{
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        struct estimate *estimate = &scope->metrics[metric];
        if (!wanted[metric] || !scope->there[SIDE_CANDIDATE])
            continue;
        if (metric != METRIC_ERROR_RATE)
            estimate_latency(runs, collect_logs(runs, scope, (enum metric)metric), pool,
                             (enum metric)metric, estimate);
        else if (collect(runs, scope, METRIC_ERROR_RATE).n >= STORED_MIN_RUNS)
            estimate_rate(runs, scope, estimate);
    }
}

void stored_estimate(const struct report *const *reports, size_t n, size_t replicates,
                     const bool wanted[METRIC_COUNT], struct numbers *numbers)
{
    struct runs runs = {.reports = reports,
                        .n = n,
                        .replicates = replicates,
                        .values = mem_array(n, sizeof *runs.values)};
    for (size_t i = 0; i < n; i++) {
        numbers_coarsen(numbers, SIDE_BASE, reports[i]);
        for (size_t j = 0; j < reports[i]->n_endpoints; j++)
            numbers_scope(numbers, reports[i]->endpoints[j].name, reports[i]->endpoints[j].method);
    }
    for (size_t i = 0; i < numbers->n_scopes; i++)
        for (int metric = 0; metric < METRIC_COUNT; metric++)
            fill_base(&runs, &numbers->scopes[i], (enum metric)metric, &numbers->arena);
    if (n >= STORED_MIN_RUNS) {
        struct pool pool = pool_rows(&runs, wanted, numbers);
        for (size_t i = 0; i < numbers->n_scopes; i++)
            estimate_scope(&runs, wanted, &pool, &numbers->scopes[i]);
    }
    free(runs.values);
}
