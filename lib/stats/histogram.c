#include "stats/histogram.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SUB_BUCKETS ((size_t)1 << HISTOGRAM_SUB_BITS)
#define MAX_VALUE   ((INT64_C(1) << HISTOGRAM_MAX_BITS) - 1)

/* Values below 2 * SUB_BUCKETS are their own bucket. Above, with k the power of two that the value
 * lies in, the SUB_BITS bits below the leading one number the bucket within it. */
size_t histogram_bucket(int64_t value_ns)
{
    if (value_ns < 0)
        return 0;
    uint64_t value = (uint64_t)(value_ns > MAX_VALUE ? MAX_VALUE : value_ns);
    if (value < 2 * SUB_BUCKETS)
        return (size_t)value;
    unsigned shift = 63U - (unsigned)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
    return ((size_t)shift << HISTOGRAM_SUB_BITS) + (size_t)(value >> shift);
}

int64_t histogram_bucket_low(size_t bucket)
{
    if (bucket < 2 * SUB_BUCKETS)
        return (int64_t)bucket;
    size_t shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
    return (int64_t)((SUB_BUCKETS + bucket % SUB_BUCKETS) << shift);
}

int64_t histogram_bucket_value(size_t bucket)
{
    return (histogram_bucket_low(bucket) + histogram_bucket_low(bucket + 1) - 1) / 2;
}

static void add_extremes(struct histogram *histogram, int64_t min_ns, int64_t max_ns)
{
    if (!histogram->count || min_ns < histogram->min_ns)
        histogram->min_ns = min_ns;
    if (!histogram->count || max_ns > histogram->max_ns)
        histogram->max_ns = max_ns;
}

static int64_t *buckets_of(struct histogram *histogram)
{
    if (!histogram->buckets)
        histogram->buckets = mem_array(HISTOGRAM_BUCKETS, sizeof *histogram->buckets);
    return histogram->buckets;
}

void histogram_record(struct histogram *histogram, int64_t value_ns)
{
    add_extremes(histogram, value_ns, value_ns);
    histogram->count++;
    histogram->sum_ns += value_ns;
    buckets_of(histogram)[histogram_bucket(value_ns)]++;
}

void histogram_prefetch(const struct histogram *histogram, int64_t value_ns)
{
    if (histogram->buckets)
        __builtin_prefetch(&histogram->buckets[histogram_bucket(value_ns)], 1);
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    if (!from->count)
        return;
    add_extremes(into, from->min_ns, from->max_ns);
    into->count += from->count;
    into->sum_ns += from->sum_ns;
    int64_t *buckets = buckets_of(into);
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        buckets[i] += from->buckets[i];
}

void histogram_merge_sparse(struct histogram *into, const struct histogram_sparse *from)
{
    if (!from->count)
        return;
    add_extremes(into, from->min_ns, from->max_ns);
    into->count += from->count;
    into->sum_ns += from->sum_ns;
    int64_t *buckets = buckets_of(into);
    for (size_t i = 0; i < from->n; i++)
        buckets[from->index[i]] += from->counts[i];
}

double histogram_quantile(const struct histogram *histogram, double q)
{
    if (!histogram->count)
        return (double)NAN;
    double rank = ceil(q * (double)histogram->count);
    int64_t wanted = rank < 1 ? 1 : (int64_t)rank, seen = 0;
    if (wanted >= histogram->count)
        return (double)histogram->max_ns;
    size_t bucket = histogram_bucket(histogram->min_ns);
    while ((seen += histogram->buckets[bucket]) < wanted)
        bucket++;
    int64_t value = histogram_bucket_value(bucket);
    if (value < histogram->min_ns)
        value = histogram->min_ns;
    return (double)(value > histogram->max_ns ? histogram->max_ns : value);
}

double histogram_mean(const struct histogram *histogram)
{
    return histogram->count ? (double)histogram->sum_ns / (double)histogram->count : (double)NAN;
}

void histogram_to_sparse(const struct histogram *histogram, struct arena *arena,
                         struct histogram_sparse *out)
{
    *out = (struct histogram_sparse){.count = histogram->count,
                                     .sum_ns = histogram->sum_ns,
                                     .min_ns = histogram->min_ns,
                                     .max_ns = histogram->max_ns};
    if (!histogram->count)
        return;
    size_t first = histogram_bucket(histogram->min_ns), last = histogram_bucket(histogram->max_ns);
    for (size_t i = first; i <= last; i++)
        out->n += histogram->buckets[i] != 0;
    out->index = arena_array(arena, out->n, sizeof *out->index);
    out->counts = arena_array(arena, out->n, sizeof *out->counts);
    size_t n = 0;
    for (size_t i = first; i <= last; i++) {
        if (!histogram->buckets[i])
            continue;
        out->index[n] = (int64_t)i;
        out->counts[n++] = histogram->buckets[i];
    }
}

size_t histogram_pick(const struct histogram_sparse *from, size_t most, int64_t *out_ns)
{
    size_t n = from->count < (int64_t)most ? (size_t)from->count : most, bucket = 0, picked = 0;
    int64_t seen = 0; /* samples of the buckets before */
    while (picked < n && bucket < from->n) {
        double rank = ((double)picked + 0.5) / (double)n * (double)from->count;
        if (rank >= (double)(seen + from->counts[bucket])) {
            seen += from->counts[bucket++];
            continue;
        }
        size_t index = (size_t)from->index[bucket];
        assert(index < HISTOGRAM_BUCKETS);
        int64_t value = histogram_bucket_value(index);
        value = value < from->min_ns ? from->min_ns : value;
        out_ns[picked++] = value > from->max_ns ? from->max_ns : value;
    }
    return picked;
}

/* ---- scaling ---- */

/* A scaling under way. */
struct scaling {
    const struct histogram_sparse *from;
    struct histogram *out;
    double factor;
    size_t first, last; /* buckets of the scaled minimum and maximum; nothing lies beyond */
    int64_t seen;       /* samples of `from` in the buckets done */
    int64_t given;      /* of them in `out` */
};

static int64_t scaled(int64_t value_ns, double factor)
{
    double product = (double)value_ns * factor;
    return product < 0x1p62 ? llround(product) : INT64_C(1) << 62;
}

static size_t bucket_within(const struct scaling *scaling, double value)
{
    size_t bucket = histogram_bucket(value < (double)MAX_VALUE ? (int64_t)value : MAX_VALUE);
    bucket = bucket < scaling->first ? scaling->first : bucket;
    return bucket > scaling->last ? scaling->last : bucket;
}

/* Adds what of `out` lies below `below` more samples than were seen, to `bucket`. */
static void give(struct scaling *scaling, size_t bucket, double below)
{
    double share = ((double)scaling->seen + below) / (double)scaling->from->count;
    int64_t due = llround(share * (double)scaling->out->count);
    scaling->out->buckets[bucket] += due - scaling->given;
    scaling->given = due;
}

/* The samples of bucket `i` of `from`, over the range of values that it becomes. */
static void scale_bucket(struct scaling *scaling, size_t i)
{
    const struct histogram_sparse *from = scaling->from;
    size_t index = (size_t)from->index[i];
    double samples = (double)from->counts[i];
    double low = (double)histogram_bucket_low(index),
           high = (double)histogram_bucket_low(index + 1);
    low = scaling->factor * fmin(fmax(low, (double)from->min_ns), high - 1);
    high = scaling->factor * fmax(fmin(high, (double)from->max_ns + 1), low / scaling->factor + 1);
    size_t bucket = bucket_within(scaling, low), last = bucket_within(scaling, high);
    for (; bucket < last; bucket++) {
        double edge = (double)histogram_bucket_low(bucket + 1);
        give(scaling, bucket, samples * fmin(1, (edge - low) / (high - low)));
    }
    give(scaling, last, samples);
    scaling->seen += from->counts[i];
}

void histogram_scale(const struct histogram_sparse *from, double factor, int64_t count,
                     struct histogram *out)
{
    histogram_reset(out);
    if (!from->count || !count)
        return;
    buckets_of(out);
    out->count = count;
    out->sum_ns = scaled(from->sum_ns, factor * (double)count / (double)from->count);
    out->min_ns = scaled(from->min_ns, factor);
    out->max_ns = scaled(from->max_ns, factor);
    struct scaling scaling = {.from = from, .out = out, .factor = factor};
    scaling.first = histogram_bucket(out->min_ns);
    scaling.last = histogram_bucket(out->max_ns);
    for (size_t i = 0; i < from->n; i++)
        scale_bucket(&scaling, i);
}

void histogram_reset(struct histogram *histogram)
{
    int64_t *buckets = histogram->buckets;
    if (buckets)
        memset(buckets, 0, HISTOGRAM_BUCKETS * sizeof *buckets);
    *histogram = (struct histogram){.buckets = buckets};
}

void histogram_release(struct histogram *histogram)
{
    free(histogram->buckets);
    *histogram = (struct histogram){0};
}
