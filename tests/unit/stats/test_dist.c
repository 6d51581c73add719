#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stats/dist.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof *(a))

static void assert_close(double found, double expected, double relative)
{
    if (!(fabs(found - expected) <= relative * fabs(expected)))
        fail_msg("found %.17g, expected %.17g", found, expected);
}

/* NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2 (three decimals; its
 * 318.313 is 318.309 by the closed form). */
static void test_dist__t_quantiles_are_those_of_the_nist_table(void **state)
{
    (void)state;
    static const struct {
        double df, upper, t;
    } table[] = {
        {1, 0.05, 6.314},  {1, 0.01, 31.821}, {1, 0.001, 318.309}, {2, 0.025, 4.303},
        {4, 0.05, 2.132},  {4, 0.01, 3.747},  {4, 0.005, 4.604},   {4, 0.001, 7.173},
        {9, 0.01, 2.821},  {9, 0.001, 4.297}, {10, 0.1, 1.372},    {10, 0.001, 4.144},
        {19, 0.05, 1.729}, {19, 0.01, 2.539}, {19, 0.005, 2.861},  {19, 0.001, 3.579},
        {49, 0.05, 1.677}, {49, 0.01, 2.405}, {100, 0.025, 1.984}, {100, 0.001, 3.174},
    };
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        double t = dist_t_quantile(table[i].upper, table[i].df);
        assert_true(fabs(t - table[i].t) < 0.0006);
        assert_close(dist_t_upper(t, table[i].df), table[i].upper, 1e-11);
        assert_close(dist_t_quantile(1 - table[i].upper, table[i].df), -t, 1e-9);
    }
}

/* The closed forms for 1 and 2 degrees of freedom (Cauchy; Johnson, Kotz and Balakrishnan 28). */
static void test_dist__t_tails_agree_with_closed_forms_far_out(void **state)
{
    (void)state;
    static const double ts[] = {0, 0.1, 1, 3, 10, 1000, 1e6};
    for (size_t i = 0; i < ARRAY_SIZE(ts); i++) {
        double t = ts[i], root = sqrt(2 + t * t);
        assert_close(dist_t_upper(t, 1), t > 0 ? atan(1 / t) / M_PI : 0.5, 1e-12);
        assert_close(dist_t_upper(t, 2), 1 / (root * (root + t)), 1e-12);
        assert_close(dist_t_upper(-t, 2), 1 - 1 / (root * (root + t)), 1e-12);
    }
    /* The normal's tails, to which t tends: 1.349898031630095e-3 at 3, 9.865876450376946e-10 at 6
     * (Abramowitz and Stegun, table 26.1 and 26.2). */
    assert_close(dist_t_upper(3, 1e9), 1.349898031630095e-3, 1e-6);
    assert_close(dist_t_upper(6, 1e9), 9.865876450376946e-10, 1e-6);
    assert_true(dist_t_upper(INFINITY, 5) <= 0);
}

/* Abramowitz and Stegun, tables 26.1, 26.2 and 26.5, and the quantiles of every textbook. */
static void test_dist__normal_agrees_with_the_tables(void **state)
{
    (void)state;
    static const struct {
        double z, upper;
    } table[] = {
        {0, 0.5},
        {1, 0.158655253931457},
        {1.6448536269514727, 0.05},
        {1.959963984540054, 0.025},
        {3, 1.349898031630095e-3},
        {3.2905267314919255, 0.0005},
        {6, 9.865876450376946e-10},
    };
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        assert_close(dist_normal_upper(table[i].z), table[i].upper, 1e-12);
        assert_close(dist_normal_upper(-table[i].z), 1 - table[i].upper, 1e-12);
        assert_true(fabs(dist_normal_quantile(table[i].upper) - table[i].z) < 1e-11);
        assert_true(fabs(dist_normal_quantile(1 - table[i].upper) + table[i].z) < 1e-6);
    }
    assert_true(isnan(dist_normal_quantile(0)) && isnan(dist_normal_quantile(1)));
}

static void test_dist__beta_agrees_with_polynomials_and_symmetry(void **state)
{
    (void)state;
    for (int i = 0; i <= 100; i++) {
        double x = i / 100.0;
        assert_true(fabs(dist_beta(x, 1, 1) - x) < 1e-14);
        /* I_x(2, 3) = P(at least 2 of 4) */
        double at_least_2 = x * x * (6 * (1 - x) * (1 - x) + 4 * x * (1 - x) + x * x);
        assert_true(fabs(dist_beta(x, 2, 3) - at_least_2) < 1e-14);
        assert_true(fabs(dist_beta(x, 7.5, 0.5) + dist_beta(1 - x, 0.5, 7.5) - 1) < 1e-13);
    }
    assert_close(dist_beta(0.5, 1e6, 1e6), 0.5, 1e-8);
}

static void test_dist__binomial_tails_are_exact_sums(void **state)
{
    (void)state;
    assert_close(dist_binomial_upper(8, 10, 0.5), 56.0 / 1024, 1e-13);
    assert_close(dist_binomial_upper(15, 20, 0.5), 21700.0 / 1048576, 1e-13);
    assert_close(dist_binomial_upper(30, 30, 0.5), ldexp(1, -30), 1e-13);
    assert_close(dist_binomial_upper(1, 1000, 0.001), 1 - pow(0.999, 1000), 1e-12);
    assert_true(dist_binomial_upper(0, 10, 0.3) >= 1);
    assert_true(dist_binomial_upper(11, 10, 0.3) <= 0);
}

static void test_dist__arguments_out_of_range_give_nan(void **state)
{
    (void)state;
    assert_true(isnan(dist_beta(-0.1, 1, 1)) && isnan(dist_beta(0.5, 0, 1)));
    assert_true(isnan(dist_beta((double)NAN, 1, 1)) && isnan(dist_t_upper((double)NAN, 3)));
    assert_true(isnan(dist_t_upper(1, 0)) && isnan(dist_t_quantile(0, 3)));
    assert_true(isnan(dist_t_quantile(1, 3)) && isnan(dist_binomial_upper(1, 2, 1.5)));
}

/* Closed forms: DLMF 5.4.12, 5.4.13, 5.15.1 and the recurrences. */
static void test_dist__digamma_and_trigamma_have_their_known_values(void **state)
{
    (void)state;
    const double euler = 0.57721566490153286061;
    double harmonic = 0, squares = 0;
    assert_close(dist_digamma(1), -euler, 1e-14);
    assert_close(dist_digamma(0.5), -euler - 2 * M_LN2, 1e-14);
    assert_close(dist_trigamma(1), M_PI * M_PI / 6, 1e-14);
    assert_close(dist_trigamma(0.5), M_PI * M_PI / 2, 1e-14);
    assert_close(dist_trigamma(1e-8), 1e16, 1e-12);
    for (int n = 1; n < 200; n++) {
        harmonic += 1.0 / n;
        squares += 1.0 / n / n;
        assert_close(dist_digamma(n + 1), harmonic - euler, 1e-13);
        assert_close(dist_trigamma(n + 1), M_PI * M_PI / 6 - squares, 1e-11);
    }
    assert_close(dist_digamma(1e8), log(1e8) - 0.5e-8, 1e-14);
    assert_true(isnan(dist_digamma(0)) && isnan(dist_trigamma(-1)));
}

static void test_dist__trigamma_inverse_is_one(void **state)
{
    (void)state;
    for (int i = -60; i <= 90; i++) {
        double x = pow(10, i / 10.0);
        assert_close(dist_trigamma_inverse(dist_trigamma(x)), x, 1e-9);
    }
    assert_close(dist_trigamma_inverse(M_PI * M_PI / 6), 1, 1e-13);
    assert_true(isnan(dist_trigamma_inverse(0)) && isnan(dist_trigamma_inverse(INFINITY)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dist__t_quantiles_are_those_of_the_nist_table),
        cmocka_unit_test(test_dist__t_tails_agree_with_closed_forms_far_out),
        cmocka_unit_test(test_dist__normal_agrees_with_the_tables),
        cmocka_unit_test(test_dist__beta_agrees_with_polynomials_and_symmetry),
        cmocka_unit_test(test_dist__binomial_tails_are_exact_sums),
        cmocka_unit_test(test_dist__arguments_out_of_range_give_nan),
        cmocka_unit_test(test_dist__digamma_and_trigamma_have_their_known_values),
        cmocka_unit_test(test_dist__trigamma_inverse_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
