/* Moderated variances, against limma's figures, closed forms and simulation. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "stats/moderate.h"

static void assert_close(double found, double expected, double relative)
{
    if (!(fabs(found - expected) <= relative * fabs(expected)))
        fail_msg("found %.17g, expected %.17g", found, expected);
}

/* Standard normal (Box and Muller 1958). */
static double normal(struct rng *rng)
{
    return sqrt(-2 * log1p(-rng_unit(rng))) * cos(2 * M_PI * rng_unit(rng));
}

/* squeezeVar(c(0.5, 1.3, 7.8), df = 3) of Bioconductor's limma, as InMoose's tests have it. */
static void test_moderate__gives_the_figures_of_limma(void **state)
{
    (void)state;
    static const double variances[] = {0.5, 1.3, 7.8}, df[] = {3, 3, 3};
    static const double posterior[] = {1.071385, 1.482994, 4.827317};
    struct moderate_prior prior = moderate_fit(variances, df, 3);
    assert_close(prior.df, 2.830777, 5e-7);
    assert_close(prior.variance, 1.676927, 5e-7);
    for (size_t i = 0; i < 3; i++)
        assert_close(moderate_variance(&prior, variances[i], 3), posterior[i], 5e-7);
}

static void test_moderate__rows_that_are_alike_have_one_variance(void **state)
{
    (void)state;
    static const double variances[] = {1, 1.1, 0.9, 1}, df[] = {9, 9, 9, 9};
    struct moderate_prior prior = moderate_fit(variances, df, 4);
    assert_true(isinf(prior.df));
    assert_close(prior.variance, 1.11, 0.02); /* log 4.5 - psi(4.5) = 0.115 more than 1 */
    assert_true(moderate_variance(&prior, 7, 9) == prior.variance);
    struct moderate_prior nothing = {0};
    assert_true(moderate_variance(&nothing, 7, 9) == 7);
}

/* True variances of variance0 * df0 / chi-square with df0 degrees of freedom, measured with others.
 * The estimates of 20,000 rows are near. */
static void test_moderate__finds_the_prior_that_made_the_rows(void **state)
{
    (void)state;
    enum { ROWS = 20000 };
    static double variances[ROWS], df[ROWS];
    const double variance0 = 0.04;
    struct rng rng;
    rng_init(&rng, 3, 0);
    for (int df0 = 2; df0 <= 16; df0 *= 2) {
        for (size_t i = 0; i < ROWS; i++) {
            double chi_square = 0, sum = 0;
            df[i] = i % 2 ? 4 : 9;
            for (int k = 0; k < df0; k++)
                chi_square += pow(normal(&rng), 2);
            for (int k = 0; k < (int)df[i]; k++)
                sum += pow(normal(&rng), 2);
            variances[i] = variance0 * df0 / chi_square * sum / df[i];
        }
        struct moderate_prior prior = moderate_fit(variances, df, ROWS);
        assert_close(prior.df, df0, 0.1);
        assert_close(prior.variance, variance0, 0.05);
    }
}

/* ---- what correlated rows are worth ---- */

enum { MANY = 40, VALUES = 10 };

/* Each a share of what all have, the rest its own; at its own scale. */
static double worth(double shared, uint64_t seed)
{
    static double values[MANY * VALUES];
    struct rng rng;
    double worth = 0;
    rng_init(&rng, seed, 0);
    for (int k = 0; k < 20; k++) {
        double common[VALUES];
        for (size_t j = 0; j < VALUES; j++)
            common[j] = normal(&rng);
        for (size_t i = 0; i < MANY; i++)
            for (size_t j = 0; j < VALUES; j++)
                values[i * VALUES + j] = 100 + (double)(i + 1) * (sqrt(shared) * common[j] +
                                                                  sqrt(1 - shared) * normal(&rng));
        worth += moderate_rows(values, MANY, VALUES) / 20;
    }
    return worth;
}

static void test_moderate__correlated_rows_are_worth_fewer(void **state)
{
    (void)state;
    assert_true(worth(0, 1) > 0.8 * MANY);
    assert_close(worth(1, 2), 1, 1e-9);
    /* 40 / (1 + 39 / 4) = 3.7 for r = 1/2, and more where ten values happen to say less */
    assert_close(worth(0.5, 3), 5, 0.3);
    assert_true(worth(0.9, 4) < 1.5);
}

static void test_moderate__of_two_groups_and_of_rows_without_spread(void **state)
{
    (void)state;
    double groups[] = {1, 2, 3, 4, 3, 5, 7, 9, 1, -1, -1, 1, 5, 4, 4, 5};
    /* r^2 = 1 within the groups and 0 between: 4 of 12 pairs; by chance 1/3 of each */
    assert_close(moderate_rows(groups, 4, 4), 4, 1e-12);
    double constant[] = {1, 1, 1, 1, 2, 2, 2, 2};
    assert_close(moderate_rows(constant, 2, 4), 2, 1e-12);
    assert_close(moderate_rows(constant, 1, 4), 1, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moderate__gives_the_figures_of_limma),
        cmocka_unit_test(test_moderate__rows_that_are_alike_have_one_variance),
        cmocka_unit_test(test_moderate__finds_the_prior_that_made_the_rows),
        cmocka_unit_test(test_moderate__correlated_rows_are_worth_fewer),
        cmocka_unit_test(test_moderate__of_two_groups_and_of_rows_without_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
