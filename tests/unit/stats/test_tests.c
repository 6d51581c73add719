#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "stats/tests.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof *(a))

/* Darwin's maize, crossed less self-fertilised, in eighths of an inch. Fisher, The Design of
 * Experiments (1935), sections 17 and 21: t = 2.148 with 14 degrees of freedom (5 % on both sides),
 * and 863 of the 32,768 patterns of signs with a sum of 314 or more. */
static const double maize[] = {49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};

static void test_tests__label_swap_finds_fishers_share(void **state)
{
    (void)state;
    double p = 0;
    for (uint64_t seed = 0; seed < 50; seed++)
        p += test_label_swap(maize, ARRAY_SIZE(maize), seed) / 50;
    assert_true(fabs(p - 863.0 / 32768) < 0.003);
}

static void test_tests__paired_t_is_fishers(void **state)
{
    (void)state;
    /* P(T > 2.1480) with 14 degrees of freedom: 4.97 % on both sides */
    assert_true(fabs(2 * test_paired_t(maize, ARRAY_SIZE(maize), 0) - 0.0497) < 0.00005);
    assert_true(test_paired_t(maize, ARRAY_SIZE(maize), 1e4) > 0.03);
}

static void test_tests__label_swap_of_nothing_is_one(void **state)
{
    (void)state;
    static const double zeros[8] = {0};
    assert_true(test_label_swap(zeros, 8, 1) >= 1);
    assert_true(test_label_swap(NULL, 0, 1) >= 1);
    assert_true(test_paired_t(zeros, 8, 0) >= 1);
    assert_true(test_paired_t(zeros, 1, 0) >= 1);
}

static void test_tests__label_swap_below_its_resolution_is_zero(void **state)
{
    (void)state;
    double ones[40], five[] = {1, 1, 1, 1, 1};
    for (size_t i = 0; i < 40; i++)
        ones[i] = 0.1;
    assert_true(test_label_swap(ones, 40, 1) <= 0);
    assert_true(test_paired_t(ones, 40, 0) < 1e-100);
    double p = test_label_swap(five, 5, 1); /* 1 / 32 */
    assert_true(p > 0.015 && p < 0.06);
    for (size_t i = 0; i < 40; i++)
        ones[i] = -0.1;
    assert_true(test_label_swap(ones, 40, 1) >= 1);
}

/* Differences symmetric about 0 with tails as heavy as Cauchy's: the p of the swaps is uniform. */
static void test_tests__label_swap_keeps_its_level_under_heavy_tails(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 7, 0);
    size_t below_5 = 0, below_half = 0, runs = 4000;
    for (size_t run = 0; run < runs; run++) {
        double difference[30];
        for (size_t i = 0; i < ARRAY_SIZE(difference); i++)
            difference[i] = tan(M_PI * (rng_unit(&rng) - 0.5));
        double p = test_label_swap(difference, ARRAY_SIZE(difference), run);
        below_5 += p <= 0.05;
        below_half += p <= 0.5;
    }
    /* 4.5 standard deviations about 200 and 2,000 */
    assert_in_range(below_5, 138, 262);
    assert_in_range(below_half, 1858, 2142);
}

static void test_tests__rates_are_a_binomial_given_their_sum(void **state)
{
    (void)state;
    assert_true(fabs(test_rates(10, 1000, 0, 1000, 1) - 1.0 / 1024) < 1e-15);
    assert_true(fabs(test_rates(8, 500, 2, 500, 1) - 56.0 / 1024) < 1e-15);
    /* a third of the trials: P(at least 2 of 3) = 3 * (1/9)(2/3) + 1/27 */
    assert_true(fabs(test_rates(2, 100, 1, 200, 1) - 7.0 / 27) < 1e-14);
    assert_true(test_rates(80, 500, 20, 500, 4) > 100 * test_rates(80, 500, 20, 500, 1));
    assert_true(fabs(test_rates(80, 500, 20, 500, 10) - 56.0 / 1024) < 1e-14);
    assert_true(test_rates(8, 500, 2, 500, 0.1) <= test_rates(8, 500, 2, 500, 1));
    assert_true(test_rates(0, 100, 0, 100, 1) >= 1);
}

/* The example of p.adjust() in the documentation of R, and ties out of order. */
static void test_tests__holm_adjusts_as_r_does(void **state)
{
    (void)state;
    static const double p[] = {0.03, 0.01, 0.05, 0.02, 0.04};
    static const double expected[] = {0.09, 0.05, 0.09, 0.08, 0.09};
    double adjusted[5];
    test_holm(p, 5, adjusted);
    for (size_t i = 0; i < 5; i++)
        assert_true(fabs(adjusted[i] - expected[i]) < 1e-15);
    double high[] = {0.9, 0.8};
    test_holm(high, 2, high);
    assert_true(high[0] >= 1 && high[1] >= 1);
    test_holm(NULL, 0, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tests__label_swap_finds_fishers_share),
        cmocka_unit_test(test_tests__paired_t_is_fishers),
        cmocka_unit_test(test_tests__label_swap_of_nothing_is_one),
        cmocka_unit_test(test_tests__label_swap_below_its_resolution_is_zero),
        cmocka_unit_test(test_tests__label_swap_keeps_its_level_under_heavy_tails),
        cmocka_unit_test(test_tests__rates_are_a_binomial_given_their_sum),
        cmocka_unit_test(test_tests__holm_adjusts_as_r_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
