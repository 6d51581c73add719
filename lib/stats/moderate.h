/*
 * Moderated variances: what the variances of many rows say of each of them.
 *
 * A variance of five or ten values is itself very uncertain: by luck they may agree. Where many
 * rows were measured together, their true variances are taken to be draws from one scaled inverse
 * chi-square distribution, df0 and variance0 of which the rows' own variances tell; a row's
 * variance is then the mean of its own and of the common one, each weighted by its degrees of
 * freedom, and it has the degrees of freedom of both (Smyth 2004, "Linear models and empirical
 * Bayes methods for assessing differential expression in microarray experiments", section 6.2;
 * limma's squeezeVar()).
 *
 * That theory has independent rows. The endpoints of one run are not: they share its machine, so
 * that all of them agree by luck, or none. Hence moderate_rows(): the degrees of freedom are never
 * more than those of as many independent rows as the correlated ones are worth. Without that, 20
 * rows that correlate by 0.99 gave 9 % false alarms at a level of 5 %, with it 1.5 %.
 */
#ifndef PERFGATE_STATS_MODERATE_H
#define PERFGATE_STATS_MODERATE_H

#include <stddef.h>

/* What is known of a row's variance before it is measured. */
struct moderate_prior {
    double variance;
    double df; /* 0: nothing; INFINITY: the rows do not differ by more than chance */
};

/* By the method of moments on the logs of n > 1 positive variances, which have df[i] > 0 degrees of
 * freedom each. */
struct moderate_prior moderate_fit(const double *variances, const double *df, size_t n);

/* The variance of a row that was measured with `df` degrees of freedom, given the prior. */
double moderate_variance(const struct moderate_prior *prior, double variance, double df);

/* How many independent rows the `rows` rows of n > 2 values each are worth, from 1 to `rows`:
 * rows^2 / sum r^2 over all pairs of rows, the variance of a mean of variances (that of normal
 * values correlate by the square of what the values do), with the mean r^2 freed of what chance
 * adds to it, 1 / (n - 1). `values` holds the rows one after the other; they are centred and scaled
 * in place. Rows without variance count as independent. */
double moderate_rows(double *values, size_t rows, size_t n);

#endif
