#include "gate/runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/dist.h"
#include "stats/histogram.h"
#include "stats/spread.h"
#include "stats/tests.h"

/* ---- which runs count ---- */

static bool is_among(const struct report *run, const struct gate_input *in)
{
    for (size_t i = 0; i < in->n_candidates; i++)
        if (compare_same_run(run, in->candidates[i]))
            return true;
    return false;
}

enum runs_apart runs_tell(const struct gate_input *in, const struct report *run,
                          const struct report *candidate)
{
    if (is_among(run, in))
        return RUN_ITSELF;
    if (!report_is_usable(run))
        return RUN_INVALID;
    if (!report_same_workload(run, candidate))
        return RUN_OTHER_WORKLOAD;
    return fingerprint_same_kind(&run->environment, &candidate->environment) ? RUN_COUNTS
                                                                             : RUN_OTHER_MACHINE;
}

/* ---- figures ---- */

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
    if (is_outdated(runs, i, &scope->metrics[metric]) ||
        (metric == METRIC_ERROR_RATE && !report_counts_failures(report)))
        return NULL;
    if (!scope->name)
        return &report->metrics;
    endpoint = compare_find(report, scope->name, scope->method);
    return endpoint && endpoint->metrics.total_requests > 0 ? &endpoint->metrics : NULL;
}

/* Resources are the whole run's, and what is the machine's says nothing of the target. */
static double figure_of(const struct runs *runs, size_t i, const struct scope *scope,
                        enum metric metric, const struct metrics *metrics)
{
    const struct report *report = runs->reports[i];
    if (scope->name || metric_info(metric)->kind != KIND_RESOURCE)
        return metric_value(metrics, metric);
    bool of_machine = report->resources && report->resources->of_machine;
    return of_machine ? (double)NAN : report_figure(report, metric);
}

struct runs_sample runs_collect(const struct runs *runs, const struct scope *scope,
                                enum metric metric)
{
    struct runs_sample sample = {0};
    for (size_t i = 0; i < runs->n; i++) {
        const struct metrics *metrics = metrics_of(runs, i, scope, metric);
        if (!metrics)
            continue;
        double value = metric == METRIC_ERROR_RATE
                           ? (double)metrics->total_failures / (double)metrics->total_requests
                           : figure_of(runs, i, scope, metric, metrics);
        if (!isnan(value))
            runs->values[sample.n++] = value;
        sample.requests += metrics->total_requests;
        sample.failures += metrics->total_failures;
    }
    return sample;
}

size_t runs_collect_logs(const struct runs *runs, const struct scope *scope, enum metric metric)
{
    size_t n = runs_collect(runs, scope, metric).n;
    if (n < RUNS_MIN || scope->metrics[metric].outdated)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (!(runs->values[i] > 0) || isinf(runs->values[i]))
            return 0;
        runs->values[i] = log(runs->values[i]);
    }
    return n;
}

/* ---- how far the rows spread ---- */

static double mean_square_step(const double *values, size_t n)
{
    double squares = 0;
    for (size_t i = 1; i < n; i++)
        squares += (values[i] - values[i - 1]) * (values[i] - values[i - 1]);
    return squares / (double)(n - 1);
}

/* Of the logs in runs->values; no figure is known better than a histogram's. */
static double variance_of(const struct runs *runs, size_t n)
{
    double deviation = runs->by_steps ? sqrt(mean_square_step(runs->values, n) / 2)
                                      : spread_deviation(runs->values, n);
    deviation = fmax(deviation, HISTOGRAM_RESOLUTION);
    return deviation * deviation;
}

static double df_of(const struct runs *runs, size_t n)
{
    double steps = (double)(n - 1);
    return runs->by_steps ? 2 * steps * steps / (3 * (double)n - 4) : steps;
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
    rows->df[rows->n++] = df_of(runs, n);
    if (n == runs->n)
        memcpy(rows->logs + n * rows->n_full++, runs->values, n * sizeof *rows->logs);
}

struct runs_pool runs_pool(const struct runs *runs, const bool wanted[METRIC_COUNT],
                           const struct numbers *numbers)
{
    size_t most = numbers->n_scopes * METRIC_COUNT;
    struct pooled rows = {.variances = mem_array(most, sizeof *rows.variances),
                          .df = mem_array(most, sizeof *rows.df),
                          .logs = mem_array(most * runs->n, sizeof *rows.logs)};
    struct runs_pool pool = {
        .prior = {.variance = RUNS_PRIOR_SPREAD * RUNS_PRIOR_SPREAD, .df = RUNS_PRIOR_DF}};
    for (size_t i = 0; i < numbers->n_scopes; i++)
        for (int metric = 0; metric < METRIC_COUNT; metric++)
            if (wanted[metric] && metric != METRIC_ERROR_RATE)
                pool_row(runs, runs_collect_logs(runs, &numbers->scopes[i], (enum metric)metric),
                         &rows);
    if (rows.n >= RUNS_MIN_ROWS) {
        pool.prior = moderate_fit(rows.variances, rows.df, rows.n);
        pool.rows = rows.n_full ? moderate_rows(rows.logs, rows.n_full, runs->n) : 1;
    }
    free(rows.variances);
    free(rows.df);
    free(rows.logs);
    return pool;
}

struct runs_spread runs_spread(const struct runs *runs, size_t n, const struct runs_pool *pool)
{
    double df = df_of(runs, n);
    struct runs_spread spread = {
        .deviation = sqrt(moderate_variance(&pool->prior, variance_of(runs, n), df)),
        .df = df + pool->prior.df,
    };
    if (pool->rows > 0)
        spread.df = fmin(spread.df, df * pool->rows);
    return spread;
}

/* ---- estimates ---- */

void runs_estimate(const struct runs_spread *spread, double variance, enum metric metric,
                   struct estimate *estimate)
{
    double log_worse = compare_log_worse(metric, estimate);
    if (isnan(log_worse))
        return;
    estimate->noise_known = true;
    estimate->error = spread->deviation * sqrt(variance);
    estimate->df = spread->df;
    estimate->p = dist_t_upper(log_worse / estimate->error, estimate->df);
    estimate->p_better = dist_t_upper(-log_worse / estimate->error, estimate->df);
}

/* The variance of the runs' failures in units of the binomial's; at least 1. */
static double dispersion(const struct runs *runs, const struct scope *scope)
{
    struct runs_sample all = runs_collect(runs, scope, METRIC_ERROR_RATE);
    double rate = (double)all.failures / (double)all.requests, chi_square = 0;
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

void runs_estimate_rate(const struct runs *runs, const struct scope *scope,
                        struct estimate *estimate)
{
    double base = (double)estimate->requests[SIDE_BASE];
    double candidate = (double)estimate->requests[SIDE_CANDIDATE];
    double base_failures = (double)estimate->failures[SIDE_BASE];
    double candidate_failures = (double)estimate->failures[SIDE_CANDIDATE];
    double wider = dispersion(runs, scope);
    estimate->noise_known = true;
    estimate->p = test_rates(candidate_failures, candidate, base_failures, base, wider);
    estimate->p_better = test_rates(base_failures, base, candidate_failures, candidate, wider);
}
