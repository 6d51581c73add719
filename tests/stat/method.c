#include "tests/stat/method.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "stats/dist.h"
#include "stats/spread.h"
#include "stats/tests.h"

#define SEED UINT64_C(0x6d6574686f6473)

const char *method_name(enum method method)
{
    static const char *const names[METHODS] = {
        [METHOD_PLAIN] = "plain",     [METHOD_WELCH] = "welch",
        [METHOD_STUDENT] = "student", [METHOD_SWAP] = "swap",
        [METHOD_LARGER] = "larger",   [METHOD_STARTS] = "starts",
        [METHOD_TRIMMED] = "trimmed", [METHOD_BOOTSTRAP] = "bootstrap",
        [METHOD_SHIPS] = "ships",
    };
    return names[method];
}

/* ---- figures of weighted batches ---- */

static double log_mean(const struct row *row, enum side side, const double *weight)
{
    const struct evidence *evidence = row->evidence;
    double sum = 0, count = 0;
    for (size_t i = 0, pair = 0; i < evidence->n_batches; i++)
        for (; pair < evidence->batch_end[i]; pair++) {
            sum += weight[i] * (double)evidence->columns[side][COLUMN_SUM_NS][pair];
            count += weight[i] * (double)evidence->columns[side][COLUMN_COUNT][pair];
        }
    return log(sum / count);
}

/* Of the merged histograms, interpolated within the bucket as stats/spread.h does. */
static double log_quantile(const struct row *row, enum side side, const double *weight)
{
    double *buckets = mem_array(HISTOGRAM_BUCKETS, sizeof *buckets);
    double wanted = 0, seen = 0;
    size_t bucket = 0;
    for (size_t i = 0; i < row->evidence->n_batches; i++) {
        const struct histogram_sparse *batch = &row->evidence->batches[side][i];
        wanted += weight[i] * (double)batch->count;
        for (size_t j = 0; weight[i] > 0 && j < batch->n; j++)
            buckets[batch->index[j]] += weight[i] * (double)batch->counts[j];
    }
    wanted *= metric_info(row->metric)->quantile;
    while (bucket + 1 < HISTOGRAM_BUCKETS && seen + buckets[bucket] < wanted)
        seen += buckets[bucket++];
    double low = (double)histogram_bucket_low(bucket);
    double width = (double)histogram_bucket_low(bucket + 1) - low;
    double value = wanted > 0 ? low + width * (wanted - seen) / buckets[bucket] : (double)NAN;
    free(buckets);
    return log(value);
}

/* The log of a side's figure, each batch having this weight. */
static double log_figure(const struct row *row, enum side side, const double *weight)
{
    return metric_info(row->metric)->kind == KIND_QUANTILE ? log_quantile(row, side, weight)
                                                           : log_mean(row, side, weight);
}

static double log_ratio(const struct row *row, const double *weight)
{
    return log_figure(row, SIDE_CANDIDATE, weight) - log_figure(row, SIDE_BASE, weight);
}

static double floor_of(const struct row *row)
{
    return metric_info(row->metric)->kind == KIND_QUANTILE ? HISTOGRAM_RESOLUTION : 0;
}

/* A method that has nothing to say finds nothing. */
static double known(double p)
{
    return isnan(p) ? 1 : p;
}

/* Requests of a batch on a side that make a figure of its own: one beyond the quantile. */
static bool has_figure(const struct row *row, enum side side, size_t batch)
{
    const struct metric_info *info = metric_info(row->metric);
    double needed = info->kind == KIND_QUANTILE ? round(1 / (1 - info->quantile)) : 1;
    return (double)row->evidence->batches[side][batch].count >= needed;
}

/* ---- the methods ---- */

struct sample {
    double *values;
    size_t n;
};

/* Logs of the figures that one side's batches have each. */
static void fill_sample(const struct row *row, enum side side, double *weight,
                        struct sample *sample)
{
    sample->n = 0;
    for (size_t i = 0; i < row->evidence->n_batches; i++) {
        weight[i] = 1;
        if (has_figure(row, side, i))
            sample->values[sample->n++] = log_figure(row, side, weight);
        weight[i] = 0;
    }
}

static double mean_of(const struct sample *sample)
{
    double sum = 0;
    for (size_t i = 0; i < sample->n; i++)
        sum += sample->values[i];
    return sum / (double)sample->n;
}

/* B. L. Welch, The generalization of "Student's" problem, Biometrika 34 (1947). */
static double welch(const struct row *row, double *weight, struct sample *sample)
{
    double mean[SIDES], variance[SIDES], df[SIDES];
    for (int side = 0; side < SIDES; side++) {
        fill_sample(row, (enum side)side, weight, sample);
        double deviation = spread_deviation(sample->values, sample->n);
        mean[side] = mean_of(sample);
        variance[side] = deviation * deviation / (double)sample->n;
        df[side] = (double)sample->n - 1;
    }
    double all = variance[SIDE_BASE] + variance[SIDE_CANDIDATE];
    double degrees = all * all /
                     (variance[SIDE_BASE] * variance[SIDE_BASE] / df[SIDE_BASE] +
                      variance[SIDE_CANDIDATE] * variance[SIDE_CANDIDATE] / df[SIDE_CANDIDATE]);
    return dist_t_upper((mean[SIDE_CANDIDATE] - mean[SIDE_BASE]) / sqrt(all), degrees);
}

static double trimmed(const struct row *row, double *weight, double *values)
{
    size_t n = 0;
    for (size_t i = 0; i < row->evidence->n_batches; i++) {
        weight[i] = 1;
        if (has_figure(row, SIDE_BASE, i) && has_figure(row, SIDE_CANDIDATE, i))
            values[n++] = log_ratio(row, weight);
        weight[i] = 0;
    }
    struct spread_trimmed middle = spread_trim(values, n);
    return dist_t_upper(middle.mean / fmax(middle.error, floor_of(row)), middle.df);
}

static double bootstrap(const struct row *row, double *weight, double log_r)
{
    size_t n = row->evidence->n_batches, resamples = 0;
    double ratios[METHOD_RESAMPLES];
    struct rng rng;
    rng_init(&rng, SEED, n);
    for (size_t resample = 0; resample < METHOD_RESAMPLES; resample++) {
        for (size_t i = 0; i < n; i++)
            weight[rng_below(&rng, n)]++;
        double ratio = log_ratio(row, weight);
        if (isfinite(ratio))
            ratios[resamples++] = ratio;
        for (size_t i = 0; i < n; i++)
            weight[i] = 0;
    }
    double error = fmax(spread_deviation(ratios, resamples), floor_of(row));
    return erfc(log_r / error / sqrt(2)) / 2;
}

static double jackknife(const struct row *row, double *weight, double *left_out, double log_r)
{
    size_t n = row->evidence->n_batches;
    for (size_t i = 0; i < n; i++)
        weight[i] = 1;
    for (size_t i = 0; i < n; i++) {
        weight[i] = 0;
        left_out[i] = log_ratio(row, weight);
        weight[i] = 1;
    }
    for (size_t i = 0; i < n; i++)
        weight[i] = 0;
    double error = fmax(spread_jackknife(left_out, n), floor_of(row));
    return dist_t_upper(log_r / error, (double)(n - 1));
}

/* What the batches of the candidate have beyond the mean of both sides together, less the same of
 * the base. */
static void mean_differences(const struct evidence *evidence, double *out)
{
    double sum[SIDES] = {0}, count[SIDES] = {0};
    for (int side = 0; side < SIDES; side++)
        for (size_t i = 0; i < evidence->n_pairs; i++) {
            sum[side] += (double)evidence->columns[side][COLUMN_SUM_NS][i];
            count[side] += (double)evidence->columns[side][COLUMN_COUNT][i];
        }
    double mean =
        (sum[SIDE_BASE] + sum[SIDE_CANDIDATE]) / (count[SIDE_BASE] + count[SIDE_CANDIDATE]);
    for (size_t i = 0, pair = 0; i < evidence->n_batches; i++) {
        out[i] = 0;
        for (; pair < evidence->batch_end[i]; pair++)
            for (int side = 0; side < SIDES; side++)
                out[i] += (side == SIDE_CANDIDATE ? 1 : -1) *
                          ((double)evidence->columns[side][COLUMN_SUM_NS][pair] -
                           mean * (double)evidence->columns[side][COLUMN_COUNT][pair]);
    }
}

static double swap(const struct row *row, double *left_out, double *differences)
{
    const struct evidence *evidence = row->evidence;
    struct spread_side candidate = {evidence->batches[SIDE_CANDIDATE], evidence->n_batches};
    struct spread_side base = {evidence->batches[SIDE_BASE], evidence->n_batches};
    if (metric_info(row->metric)->kind != KIND_QUANTILE)
        mean_differences(evidence, differences);
    else if (spread_quantile(&candidate, &base, metric_info(row->metric)->quantile, left_out,
                             differences) < 0)
        return 1;
    return test_label_swap(differences, evidence->n_batches, SEED);
}

/* As gate/decide.c gives a latency its two chances. */
static double two_chances(const struct row *row)
{
    const struct typical *typical = &row->estimate->typical;
    if (isnan(typical->log_worse))
        return row->estimate->p;
    double p = typical->log_worse > log(row->threshold) ? typical->p : 1;
    return fmin(1, 2 * fmin(row->estimate->p, p));
}

void method_ask(const struct row *row, double p[METHODS])
{
    size_t n = row->evidence->n_batches;
    double *weight = mem_array(n ? n : 1, sizeof *weight);
    double *values = mem_array(n ? n : 1, sizeof *values);
    double *others = mem_array(n ? n : 1, sizeof *others);
    double log_r = compare_log_worse(row->metric, row->estimate);
    p[METHOD_PLAIN] = 0;
    p[METHOD_WELCH] = known(welch(row, weight, &(struct sample){values, 0}));
    p[METHOD_STUDENT] = known(jackknife(row, weight, values, log_r));
    p[METHOD_SWAP] = swap(row, values, others);
    p[METHOD_LARGER] = fmax(p[METHOD_STUDENT], p[METHOD_SWAP]);
    p[METHOD_STARTS] = known(row->estimate->p);
    p[METHOD_TRIMMED] = known(trimmed(row, weight, values));
    p[METHOD_BOOTSTRAP] = known(bootstrap(row, weight, log_r));
    p[METHOD_SHIPS] = known(two_chances(row));
    free(weight);
    free(values);
    free(others);
}
