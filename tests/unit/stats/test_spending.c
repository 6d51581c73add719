#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "stats/dist.h"
#include "stats/spending.h"

#define LOOKS 4

/* The README of SeqBounds.jl (github.com/PharmCat/SeqBounds.jl) has this table for four looks at
 * 0.05, one-sided: what the function leaves until each, and the level of each look that uses it up
 * exactly where the increments are normal. */
static const struct {
    double share, spent, level;
} published[LOOKS] = {
    {0.25, 8.85754e-5, 8.85754e-5},
    {0.5, 0.0055746, 0.00554366},
    {0.75, 0.0236251, 0.0218979},
    {1, 0.05, 0.0427037},
};

static void test_spending__is_that_of_the_published_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < LOOKS; i++) {
        double spent = spending_until(0.05, published[i].share);
        if (!(fabs(spent / published[i].spent - 1) < 1e-5))
            fail_msg("at %g: %.6g", published[i].share, spent);
    }
}

/* What gate/look.h says of the default policy: erfc(3.2905 / sqrt(2 t)). */
static void test_spending__leaves_the_end_most(void **state)
{
    (void)state;
    const double alpha = 0.001;
    double before = 0;
    static const double spent[] = {4.68e-11, 3.26e-6, 1.41e-4, 8.55e-4};
    for (size_t i = 0; i < LOOKS; i++) {
        double until = spending_until(alpha, published[i].share);
        if (!(fabs((until - before) / spent[i] - 1) < 0.01))
            fail_msg("look %zu: %.4g", i + 1, until - before);
        before = until;
    }
}

static void test_spending__spends_nothing_at_first_and_all_at_the_end(void **state)
{
    (void)state;
    assert_true(spending_until(0.001, 0) <= 0 && spending_until(0.001, -1) <= 0);
    assert_true(spending_until(0.001, 1) >= 0.001 && spending_until(0.001, 1) <= 0.001);
    assert_true(spending_until(0.001, 2) <= 0.001);
    for (int i = 0; i < 100; i++)
        assert_true(spending_until(0.001, i / 100.0) <= spending_until(0.001, (i + 1) / 100.0));
}

/* Standard normal: Box and Muller 1958. */
static double normal(struct rng *rng)
{
    return sqrt(-2 * log1p(-rng_unit(rng))) * cos(2 * M_PI * rng_unit(rng));
}

/* Whether any look at a sum of normal increments, tested one-sidedly, is beyond its level. */
static int alarms(struct rng *rng, const double level[LOOKS])
{
    double sum = 0;
    int found = 0;
    for (int i = 0; i < LOOKS; i++) {
        sum += normal(rng);
        found |= dist_normal_upper(sum / sqrt(i + 1)) <= level[i];
    }
    return found;
}

/* Of looks at data that say nothing. The published levels are there to tell that the simulation is
 * right; four looks at the full level are wrong about 2.5 times as often. */
static void test_spending__all_looks_together_keep_to_alpha(void **state)
{
    (void)state;
    const double alpha = 0.05;
    const int runs = 40000;
    double spent[LOOKS], exact[LOOKS], full[LOOKS];
    int wrong = 0, wrong_exact = 0, wrong_full = 0;
    struct rng rng;
    rng_init(&rng, 1, 1);
    for (int i = 0; i < LOOKS; i++) {
        spent[i] =
            spending_until(alpha, (i + 1.0) / LOOKS) - spending_until(alpha, (double)i / LOOKS);
        exact[i] = published[i].level;
        full[i] = alpha;
    }
    for (int i = 0; i < runs; i++) {
        wrong += alarms(&rng, spent);
        wrong_exact += alarms(&rng, exact);
        wrong_full += alarms(&rng, full);
    }
    assert_in_range(wrong, runs * 0.03, runs * alpha);
    assert_in_range(wrong_exact, runs * 0.046, runs * 0.054);
    assert_true(wrong_full > 2 * runs * alpha);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spending__is_that_of_the_published_table),
        cmocka_unit_test(test_spending__leaves_the_end_most),
        cmocka_unit_test(test_spending__spends_nothing_at_first_and_all_at_the_end),
        cmocka_unit_test(test_spending__all_looks_together_keep_to_alpha),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
