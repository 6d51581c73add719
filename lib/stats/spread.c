#include "stats/spread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double *sorted_copy(const double *values, size_t n)
{
    double *sorted = mem_array(n, sizeof *sorted);
    memcpy(sorted, values, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_value);
    return sorted;
}

double spread_median(const double *values, size_t n)
{
    if (!n)
        return (double)NAN;
    double *sorted = sorted_copy(values, n);
    double median = n % 2 ? sorted[n / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
    free(sorted);
    return median;
}

static double sum_of_squares(const double *values, size_t n)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += values[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return squares;
}

double spread_deviation(const double *values, size_t n)
{
    return n < 2 ? (double)NAN : sqrt(sum_of_squares(values, n) / (double)(n - 1));
}

struct spread_trimmed spread_trim(const double *values, size_t n)
{
    size_t cut = n / 5, left = n - 2 * cut;
    struct spread_trimmed out = {(double)NAN, (double)NAN, (double)NAN};
    if (n < 5)
        return out;
    double *sorted = sorted_copy(values, n);
    out.mean = 0;
    for (size_t i = cut; i < n - cut; i++)
        out.mean += sorted[i] / (double)left;
    for (size_t i = 0; i < cut; i++) {
        sorted[i] = sorted[cut];
        sorted[n - 1 - i] = sorted[n - 1 - cut];
    }
    out.error = spread_deviation(sorted, n) / (0.6 * sqrt((double)n));
    out.df = (double)(left - 1);
    free(sorted);
    return out;
}

void spread_clip(double *values, size_t n)
{
    double *sizes = mem_array(n ? n : 1, sizeof *sizes);
    for (size_t i = 0; i < n; i++)
        sizes[i] = fabs(values[i]);
    qsort(sizes, n, sizeof *sizes, by_value);
    for (size_t i = 0; i < n; i++)
        values[i] = copysign(fmin(fabs(values[i]), sizes[n - 1 - n / 5]), values[i]);
    free(sizes);
}

double spread_jackknife(const double *left_out, size_t n)
{
    return n < 2 ? (double)NAN : sqrt(sum_of_squares(left_out, n) * (double)(n - 1) / (double)n);
}

/* Where the quantile lies: within `bucket`, `below` of whose share lies under it. */
struct position {
    size_t bucket;
    double below;
};

/* `first` is a bucket with nothing before it. */
static struct position locate(const struct histogram *histogram, size_t first, double q)
{
    double wanted = q * (double)histogram->count;
    int64_t seen = 0;
    size_t bucket = first;
    while (bucket + 1 < HISTOGRAM_BUCKETS && (double)(seen + histogram->buckets[bucket]) < wanted)
        seen += histogram->buckets[bucket++];
    double within = (double)histogram->buckets[bucket];
    return (struct position){bucket, within > 0 ? (wanted - (double)seen) / within : 0};
}

static double value_at(struct position position)
{
    double low = (double)histogram_bucket_low(position.bucket);
    double width = (double)histogram_bucket_low(position.bucket + 1) - low;
    return low + width * position.below;
}

static void add_batch(struct histogram *total, const struct histogram_sparse *batch, int64_t sign)
{
    total->count += sign * batch->count;
    for (size_t i = 0; i < batch->n; i++)
        total->buckets[batch->index[i]] += sign * batch->counts[i];
}

/* NAN where nothing is left. */
static double log_quantile_without(struct histogram *total, const struct histogram_sparse *batch,
                                   double q)
{
    add_batch(total, batch, -1);
    size_t first = histogram_bucket(total->min_ns);
    double value = total->count ? log(value_at(locate(total, first, q))) : (double)NAN;
    add_batch(total, batch, 1);
    return value;
}

static double count_over(const struct histogram_sparse *batch, struct position position)
{
    double over = 0;
    for (size_t i = 0; i < batch->n; i++) {
        if ((size_t)batch->index[i] > position.bucket)
            over += (double)batch->counts[i];
        else if ((size_t)batch->index[i] == position.bucket)
            over += (double)batch->counts[i] * (1 - position.below);
    }
    return over;
}

int spread_quantile(const struct spread_side *a, const struct spread_side *b, double q,
                    double *left_out, double *swapped)
{
    struct histogram of_a = {0}, of_b = {0}, both = {0};
    int status = -1;
    for (size_t i = 0; i < a->n; i++) {
        histogram_merge_sparse(&of_a, &a->batches[i]);
        histogram_merge_sparse(&of_b, &b->batches[i]);
    }
    if (!of_a.count || !of_b.count)
        goto out;
    histogram_merge(&both, &of_a);
    histogram_merge(&both, &of_b);
    struct position centre = locate(&both, histogram_bucket(both.min_ns), q);
    for (size_t i = 0; i < a->n; i++) {
        const struct histogram_sparse *x = &a->batches[i], *y = &b->batches[i];
        left_out[i] = log_quantile_without(&of_a, x, q) - log_quantile_without(&of_b, y, q);
        swapped[i] =
            count_over(x, centre) - count_over(y, centre) - (1 - q) * (double)(x->count - y->count);
    }
    status = 0;
out:
    histogram_release(&of_a);
    histogram_release(&of_b);
    histogram_release(&both);
    return status;
}

/* The quantile of a batch, interpolated within its bucket. */
static double batch_quantile(const struct histogram_sparse *batch, double q)
{
    double wanted = q * (double)batch->count, seen = 0;
    size_t i = 0;
    while (i + 1 < batch->n && seen + (double)batch->counts[i] < wanted)
        seen += (double)batch->counts[i++];
    return value_at(
        (struct position){(size_t)batch->index[i], (wanted - seen) / (double)batch->counts[i]});
}

size_t spread_quantile_ratios(const struct spread_side *a, const struct spread_side *b, double q,
                              int64_t least, double *ratios)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        if (a->batches[i].count >= least && b->batches[i].count >= least)
            ratios[n++] =
                log(batch_quantile(&a->batches[i], q) / batch_quantile(&b->batches[i], q));
    return n;
}

/* The mean of the smallest `share` of a batch, at least 1 ns. */
static double low_mean(const struct histogram_sparse *batch, double share)
{
    double sum = 0, wanted = share * (double)batch->count, left = wanted;
    for (size_t i = 0; i < batch->n && left > 0; i++) {
        double count = fmin((double)batch->counts[i], left);
        sum += (double)histogram_bucket_value((size_t)batch->index[i]) * count;
        left -= count;
    }
    return fmax(sum / wanted, 1);
}

size_t spread_low_ratios(const struct spread_side *a, const struct spread_side *b, double share,
                         int64_t least, double *ratios)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        if (a->batches[i].count >= least && b->batches[i].count >= least)
            ratios[n++] = log(low_mean(&a->batches[i], share) / low_mean(&b->batches[i], share));
    return n;
}
