/*
 * Distributions: the tails and quantiles that tests and intervals need.
 *
 * Those of Student's t and of the binomial rest on the regularised incomplete beta function,
 * evaluated by the continued fraction of DLMF 8.17.22 (https://dlmf.nist.gov/8.17#v) with the
 * modified Lentz algorithm. Relative accuracy is about 1e-12 for parameters up to thousands and
 * 1e-9 for millions, in small tails too. Pure functions; arguments out of range give NAN.
 */
#ifndef PERFGATE_STATS_DIST_H
#define PERFGATE_STATS_DIST_H

/* I_x(a, b) for a, b > 0 and 0 <= x <= 1. */
double dist_beta(double x, double a, double b);

/* P(T > t) of Student's t with df > 0 degrees of freedom (DLMF 8.17 with x = df / (df + t^2)). */
double dist_t_upper(double t, double df);

/* The t with P(T > t) = upper, 0 < upper < 1. */
double dist_t_quantile(double upper, double df);

/* P(Z > z) of the standard normal (DLMF 7.18.1: erfc(z / sqrt 2) / 2). */
double dist_normal_upper(double z);

/* The z with P(Z > z) = upper, 0 < upper < 1. */
double dist_normal_quantile(double upper);

/* P(X >= k) of a binomial with n trials of chance p: I_p(k, n - k + 1). k and n need not be whole:
 * scaled counts of overdispersed data are taken as they are. 1 for k <= 0, 0 for k > n. */
double dist_binomial_upper(double k, double n, double p);

/* psi and psi', the first two derivatives of log Gamma, for x > 0: DLMF 5.11.2 and its derivative
 * from 10 on, and the recurrences of 5.5.2 and 5.15.5 below. */
double dist_digamma(double x);
double dist_trigamma(double x);

/* The x > 0 with psi'(x) = y > 0. */
double dist_trigamma_inverse(double y);

#endif
