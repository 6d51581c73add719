/*
 * Significance tests on plain arrays, and what several of them together mean.
 *
 * All p are one-sided. Seeds are passed in, so that equal inputs give equal results.
 */
#ifndef PERFGATE_STATS_TESTS_H
#define PERFGATE_STATS_TESTS_H

#include <stddef.h>
#include <stdint.h>

/* How many random swaps the test below draws at most. */
#define TEST_SWAPS 19999
/* More pairs than this change sides in groups of neighbours, which is as fair and faster. */
#define TEST_SWAP_UNITS 256

/*
 * The label-swap test (sign-flip permutation test; Fisher 1935, section 21) of n pairs:
 * `pairs` holds what each pair adds to the statistic; swapping the labels within a pair turns
 * its sign. The order within a pair having been drawn by coin, each pattern of signs is equally
 * likely where the labels mean nothing, whatever the distribution. Returns the share of patterns
 * whose sum is at least the observed one, estimated from TEST_SWAPS random ones, or from fewer once
 * 20 were found (Besag and Clifford 1991). 0 where none of them reached it, or none can be expected
 * to: p is then below the resolution of 1 / (TEST_SWAPS + 1).
 */
double test_label_swap(const double *pairs, size_t n_pairs, uint64_t seed);

/* Paired t-test on the same differences: P(T > mean / standard error), n - 1 degrees of freedom;
 * `extra_variance` is added to the variance of their sum. 1 for n < 2, or where nothing varies and
 * the sum is not positive; 0 where it is. */
double test_paired_t(const double *difference, size_t n, double extra_variance);

/* The conditional test of two rates (Przyborowski and Wilenski 1940): given a + b events in all,
 * the a of them that fell into trials_a are binomial. p that side a has the higher rate by chance
 * alone. `dispersion` >= 1 divides the counts: the variance in units of the Poisson's. */
double test_rates(double a, double trials_a, double b, double trials_b, double dispersion);

/* Adjusts n p-values for testing them together (Holm 1979). `adjusted` may be `p`. */
void test_holm(const double *p, size_t n, double *adjusted);

#endif
