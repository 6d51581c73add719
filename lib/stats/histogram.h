/*
 * A log-linear histogram of durations that merges exactly.
 *
 * Buckets: values below 128 ns have one each; above, every power of two is cut into 64 equal
 * buckets, so a value is known to 1/128 (0.8 %) when the bucket's middle stands for it. Count, sum,
 * minimum and maximum are exact. Merging adds counts, so a merge of parts equals the histogram of
 * the whole. Values range from 0 to 2^43 - 1 ns (2 h 26 min); larger ones are counted in the last
 * bucket, with their true sum and maximum.
 * (The layout is that of HdrHistogram with 6 significant bits: G. Tene, hdrhistogram.org.)
 *
 * Dense form: an array of counters, allocated at the first record, for the measured path. Sparse
 * form: the non-zero buckets as two columns, for documents and for keeping many. A zeroed struct of
 * either is empty. The owner releases; nothing here is thread-safe.
 */
#ifndef PERFGATE_STATS_HISTOGRAM_H
#define PERFGATE_STATS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define HISTOGRAM_SUB_BITS 6
#define HISTOGRAM_MAX_BITS 43
#define HISTOGRAM_BUCKETS  (((HISTOGRAM_MAX_BITS - HISTOGRAM_SUB_BITS) << HISTOGRAM_SUB_BITS) + 64)
/* Largest relative error of a value that a bucket's middle stands for. */
#define HISTOGRAM_RESOLUTION (1.0 / 128)

struct histogram {
    int64_t count;
    int64_t sum_ns, min_ns, max_ns; /* min and max are 0 while empty */
    int64_t *buckets;               /* HISTOGRAM_BUCKETS counters, or NULL while empty */
};

struct histogram_sparse {
    int64_t count;
    int64_t sum_ns, min_ns, max_ns;
    size_t n;        /* non-zero buckets */
    int64_t *index;  /* ascending, each in [0, HISTOGRAM_BUCKETS) */
    int64_t *counts; /* each > 0; together they make `count` */
};

/* The bucket of a value; negative values count as 0. */
size_t histogram_bucket(int64_t value_ns);

/* The smallest value of a bucket, and the first beyond it. */
int64_t histogram_bucket_low(size_t bucket);

/* The value that stands for a bucket: its middle. */
int64_t histogram_bucket_value(size_t bucket);

void histogram_record(struct histogram *histogram, int64_t value_ns);

/* Begins to load the bucket of a value that is to be recorded soon. */
void histogram_prefetch(const struct histogram *histogram, int64_t value_ns);

/* into += from */
void histogram_merge(struct histogram *into, const struct histogram *from);
void histogram_merge_sparse(struct histogram *into, const struct histogram_sparse *from);

/* The `q` quantile, 0 < q <= 1, in ns: the value of the sample of rank ceil(q * count) (the
 * "nearest rank", type 1 of Hyndman and Fan 1996) to within HISTOGRAM_RESOLUTION, never outside
 * [min, max]. NAN where the histogram is empty. */
double histogram_quantile(const struct histogram *histogram, double q);

/* sum / count in ns; NAN where empty. */
double histogram_mean(const struct histogram *histogram);

/* The sparse form, in `arena`. */
void histogram_to_sparse(const struct histogram *histogram, struct arena *arena,
                         struct histogram_sparse *out);

/* Up to `most` values that stand for the samples, ascending, into `out_ns`; returns how many. All
 * of them where there are no more, else those of the ranks (i + 1/2) count / most, the middles of
 * equal shares: a quantile of them is one of the samples to within 1 / (2 most) of its rank. Each
 * value is its bucket's, but never outside [min, max]. */
size_t histogram_pick(const struct histogram_sparse *from, size_t most, int64_t *out_ns);

/* What `from` would be with every value times `factor` > 0 and `count` >= 0 samples in place of its
 * own, into `out`, whose memory is used again. Samples lie evenly within their bucket for this, and
 * shares of them are rounded so that the sum up to any value is right to half a sample: none leaves
 * the range of values that its bucket becomes. */
void histogram_scale(const struct histogram_sparse *from, double factor, int64_t count,
                     struct histogram *out);

/* Empties it and keeps the memory. */
void histogram_reset(struct histogram *histogram);
void histogram_release(struct histogram *histogram);

#endif
