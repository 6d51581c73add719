/*
 * Where a sample lies and how far it spreads: medians, standard deviations, and standard errors by
 * leaving batches out.
 *
 * The jackknife (Quenouille, Tukey; Efron and Tibshirani 1993, chapter 11) estimates the error of
 * any figure from what it becomes when one batch of the data is left out. A batch holds enough data
 * that this is sound for quantiles too, where leaving out single observations is not (Shao and Wu
 * 1989), and it carries whatever correlation there is within a batch.
 */
#ifndef PERFGATE_STATS_SPREAD_H
#define PERFGATE_STATS_SPREAD_H

#include <stddef.h>

#include "stats/histogram.h"

/* The middle value, or the mean of the two in the middle; NAN for n = 0. */
double spread_median(const double *values, size_t n);

/* The standard deviation with n - 1; NAN for n < 2. */
double spread_deviation(const double *values, size_t n);

/* The jackknife standard error from the n figures that leaving out one batch each gave:
 * sqrt((n - 1) / n * sum((figure - mean)^2)); NAN for n < 2. */
double spread_jackknife(const double *left_out, size_t n);

/* A mean that a few outliers do not move. */
struct spread_trimmed {
    double mean;  /* of what is left when the smallest and the largest fifth are left out */
    double error; /* its standard error, s_w / (0.6 sqrt(n)) with the Winsorized deviation s_w */
    double df;    /* n - 2 floor(n / 5) - 1 */
};

/* Tukey and McLaughlin 1963; Yuen 1974. All NAN for n < 5. */
struct spread_trimmed spread_trim(const double *values, size_t n);

/* Cuts values down to the size that four fifths of them do not exceed, signs kept. A swap of
 * labels, which turns signs, cuts none differently. */
void spread_clip(double *values, size_t n);

/* One side of a comparison in batches of histograms. */
struct spread_side {
    const struct histogram_sparse *batches;
    size_t n;
};

/*
 * What batches say of the q quantile of two sides with as many batches, a over b. Quantiles are
 * interpolated within their bucket here, so that small shifts show.
 * left_out[n]: log(quantile of a / quantile of b) with batch i left out of both.
 * swapped[n]: for the label-swap test, how many observations over the quantile of both sides
 * together batch i of a has beyond its share of 1 - q, less the same of b. The quantile of both
 * sides does not change when batches change sides, so the sum of these is a fair statistic.
 * -1 where a side is empty (nothing is filled).
 */
int spread_quantile(const struct spread_side *a, const struct spread_side *b, double q,
                    double *left_out, double *swapped) __attribute__((warn_unused_result));

/* log(quantile of a / quantile of b) of each batch in which both have at least `least`
 * observations; returns how many there are. */
size_t spread_quantile_ratios(const struct spread_side *a, const struct spread_side *b, double q,
                              int64_t least, double *ratios);

/* The same of the means of the smallest `share` of each batch. */
size_t spread_low_ratios(const struct spread_side *a, const struct spread_side *b, double share,
                         int64_t least, double *ratios);

#endif
