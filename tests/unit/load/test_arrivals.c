#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "load/arrivals.h"

#define STAGES(list)                                                                               \
    {                                                                                              \
        .n = sizeof(list) / sizeof(list)[0], .items = (list)                                       \
    }

/* ---- the curve ---- */

static void test_curve__jumps_and_ramps(void **state)
{
    (void)state;
    struct scenario_stage list[] = {{2 * NS_PER_S, 100, STAGE_RAMP},
                                    {3 * NS_PER_S, 100, STAGE_STEP},
                                    {NS_PER_S, 500, STAGE_STEP},
                                    {4 * NS_PER_S, 0, STAGE_RAMP}};
    static const struct {
        double at_s, level;
    } rows[] = {{0, 0},   {1, 50},  {2, 100}, {4.9, 100}, {5, 500},
                {6, 500}, {8, 250}, {10, 0},  {99, 0}};
    struct scenario_stages stages = STAGES(list);
    struct arena arena = {0};
    struct curve curve;
    curve_init_stages(&curve, &stages, &arena);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (fabs(curve_level(&curve, rows[i].at_s) - rows[i].level) > 1e-9)
            fail_msg("at %g s: %g", rows[i].at_s, curve_level(&curve, rows[i].at_s));
    arena_release(&arena);
}

/* What the trapezoidal rule makes of the level, which it is exact for. */
static double integral(const struct curve *curve, double to_s)
{
    double sum = 0;
    for (size_t i = 0; i < curve->n && curve->stages[i].begin_s < to_s; i++) {
        double from_s = curve->stages[i].begin_s, end_s = fmin(curve->stages[i].end_s, to_s);
        double first = curve_level(curve, from_s), last = curve_level(curve, nextafter(end_s, 0));
        sum += (first + last) / 2 * (end_s - from_s);
    }
    return sum;
}

static void test_curve__integral_is_reached_when_it_is(void **state)
{
    (void)state;
    struct scenario_stage list[] = {
        {2 * NS_PER_S, 100, STAGE_RAMP}, {3 * NS_PER_S, 100, STAGE_STEP}, {NS_PER_S, 0, STAGE_STEP},
        {NS_PER_S, 500, STAGE_STEP},     {4 * NS_PER_S, 10, STAGE_RAMP},
    };
    struct scenario_stages stages = STAGES(list);
    struct arena arena = {0};
    struct curve curve;
    size_t stage = 0;
    double before_s = 0;
    curve_init_stages(&curve, &stages, &arena);
    assert_true(curve_when(&curve, 0, &stage) <= 0);
    for (int half = 1; half < 4000; half++) {
        double x = half / 2.0;
        double at_s = curve_when(&curve, x, &stage);
        assert_true(at_s > before_s);
        assert_false(at_s > 5 && at_s < 6); /* nothing comes at a rate of 0 */
        if (fabs(integral(&curve, at_s) - x) > 1e-6)
            fail_msg("%g: at %.9g s the integral is %.9g", x, at_s, integral(&curve, at_s));
        assert_true(fabs(curve_integral(&curve, at_s) - x) < 1e-6);
        before_s = at_s;
    }
    arena_release(&arena);
}

static void test_curve__nothing_comes_behind_a_ramp_to_nothing(void **state)
{
    (void)state;
    struct scenario_stage list[] = {{NS_PER_S, 10, STAGE_STEP}, {2 * NS_PER_S, 0, STAGE_RAMP}};
    struct scenario_stages stages = STAGES(list);
    struct arena arena = {0};
    struct curve curve;
    size_t stage = 0;
    curve_init_stages(&curve, &stages, &arena);
    assert_true(curve_when(&curve, 19.999, &stage) <= 3);
    assert_true(isinf(curve_when(&curve, 20, &stage)));
    assert_true(isinf(curve_when(&curve, 1e9, &stage)));
    arena_release(&arena);
}

static void test_curve__reaches_a_level_at_the_first_moment(void **state)
{
    (void)state;
    struct scenario_stage list[] = {{NS_PER_S, 2, STAGE_STEP},
                                    {4 * NS_PER_S, 10, STAGE_RAMP},
                                    {NS_PER_S, 1, STAGE_STEP},
                                    {NS_PER_S, 5, STAGE_STEP}};
    static const struct {
        double from_s, level, at_s;
    } rows[] = {{0, 1, 0},          {0, 2, 0},   {0, 3, 1.5},      {0, 10, 5},
                {2, 3, 2},          {5, 3, 6},   {5.5, 1, 5.5},    {6.5, 5, 6.5},
                {6.5, 6, INFINITY}, {99, 5, 99}, {0, 11, INFINITY}};
    struct scenario_stages stages = STAGES(list);
    struct arena arena = {0};
    struct curve curve;
    curve_init_stages(&curve, &stages, &arena);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double at_s = curve_reaches(&curve, rows[i].from_s, rows[i].level);
        if (!(isinf(rows[i].at_s) ? isinf(at_s) : fabs(at_s - rows[i].at_s) < 1e-12))
            fail_msg("row %zu: %g", i, at_s);
    }
    arena_release(&arena);
}

/* ---- arrivals ---- */

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The first `each` arrivals of all workers together, in order. The caller frees. */
static int64_t *gather(struct arrivals_plan plan, size_t each)
{
    int64_t *all = mem_array(each * (size_t)plan.n_workers, sizeof *all);
    size_t n = 0;
    for (plan.worker = 0; plan.worker < plan.n_workers; plan.worker++) {
        struct arrivals arrivals;
        arrivals_init(&arrivals, &plan);
        for (size_t i = 0; i < each; i++, arrivals_next(&arrivals))
            all[n++] = arrivals.due_ns;
    }
    qsort(all, n, sizeof *all, compare);
    return all;
}

/* Whatever the number of workers, and to the ns after millions of arrivals. */
static void test_arrivals__constant_ones_are_evenly_spaced_and_never_drift(void **state)
{
    (void)state;
    static const double rates[] = {1000, 300, 7};
    struct arena arena = {0};
    for (size_t r = 0; r < 3; r++) {
        for (int workers = 1; workers <= 5; workers += 2) {
            struct curve curve;
            curve_init_level(&curve, rates[r], &arena);
            struct arrivals_plan plan = {.rate = &curve, .n_workers = workers};
            size_t each = 3000000 / (size_t)workers, n = each * (size_t)workers;
            int64_t *all = gather(plan, each);
            for (size_t k = 0; k < n; k += 997)
                if (fabsl((long double)all[k] - (long double)k * 1e9L / (long double)rates[r]) > 1)
                    fail_msg("%g/s, %d workers: arrival %zu at %lld", rates[r], workers, k,
                             (long long)all[k]);
            free(all);
        }
    }
    arena_release(&arena);
}

static void test_arrivals__follow_a_ramp(void **state)
{
    (void)state;
    struct scenario_stage list[] = {{10 * NS_PER_S, 100, STAGE_RAMP}, {NS_PER_S, 0, STAGE_STEP}};
    struct scenario_stages stages = STAGES(list);
    struct arena arena = {0};
    struct curve curve;
    curve_init_stages(&curve, &stages, &arena);
    struct arrivals_plan plan = {.rate = &curve, .n_workers = 2};
    int64_t *all = gather(plan, 251);
    for (size_t k = 0; k < 500; k++) { /* t^2 / 2 * 10 = k */
        double expected_ns = sqrt((double)k / 5) * 1e9;
        assert_true(fabs((double)all[k] - expected_ns) <= 1);
    }
    assert_int_equal(all[500], INT64_MAX); /* 10 s * 100/s / 2, and then none */
    free(all);
    arena_release(&arena);
}

/* Distances of a Poisson process are exponential, whoever sees to which arrival: the largest
 * difference of their distribution (Kolmogorov and Smirnov) is below 1.63 / sqrt(n) with a chance
 * of 99 %, and neighbours are not correlated. */
static void test_arrivals__poisson_ones_have_exponential_distances(void **state)
{
    (void)state;
    enum { EACH = 20000 };
    struct arena arena = {0};
    struct curve curve;
    curve_init_level(&curve, 50, &arena);
    for (int workers = 1; workers <= 4; workers += 3) {
        struct arrivals_plan plan = {
            .rate = &curve, .poisson = true, .n_workers = workers, .seed = 5};
        int64_t *all = gather(plan, EACH);
        size_t n = EACH - EACH / 10; /* until then no worker's last arrival is missing */
        double *gaps = mem_array(n, sizeof *gaps), product = 0, worst = 0, last = 0;
        int64_t *sorted = mem_array(n, sizeof *sorted);
        for (size_t i = 0; i < n; i++) {
            sorted[i] = all[i] - (i ? all[i - 1] : 0);
            gaps[i] = (double)sorted[i] / 1e9 * 50;
            product += i ? (gaps[i] - 1) * (last - 1) : 0;
            last = gaps[i];
        }
        qsort(sorted, n, sizeof *sorted, compare);
        for (size_t i = 0; i < n; i++) {
            double expected = -expm1(-(double)sorted[i] / 1e9 * 50);
            worst = fmax(worst, fabs(expected - ((double)i + 0.5) / (double)n));
        }
        assert_true(worst < 1.63 / sqrt((double)n));
        assert_true(fabs(product / (double)n) < 2.58 / sqrt((double)n));
        free(gaps);
        free(sorted);
        free(all);
    }
    arena_release(&arena);
}

static void test_arrivals__a_seed_repeats_them(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct curve curve;
    curve_init_level(&curve, 50, &arena);
    struct arrivals_plan plan = {.rate = &curve, .poisson = true, .n_workers = 1, .seed = 5};
    int64_t *a = gather(plan, 100), *b = gather(plan, 100);
    plan.seed = 6;
    int64_t *c = gather(plan, 100);
    assert_memory_equal(a, b, 100 * sizeof *a);
    assert_memory_not_equal(a, c, 100 * sizeof *a);
    free(a);
    free(b);
    free(c);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curve__jumps_and_ramps),
        cmocka_unit_test(test_curve__integral_is_reached_when_it_is),
        cmocka_unit_test(test_curve__nothing_comes_behind_a_ramp_to_nothing),
        cmocka_unit_test(test_curve__reaches_a_level_at_the_first_moment),
        cmocka_unit_test(test_arrivals__constant_ones_are_evenly_spaced_and_never_drift),
        cmocka_unit_test(test_arrivals__follow_a_ramp),
        cmocka_unit_test(test_arrivals__poisson_ones_have_exponential_distances),
        cmocka_unit_test(test_arrivals__a_seed_repeats_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
