#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/rng.h"
#include "stats/spread.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof *(a))
#define BATCHES       24

/* Survival of mice in days: Efron and Tibshirani, An Introduction to the Bootstrap (1993),
 * table 2.1; the standard error of the mean of the treated is 25.24. */
static const double treated[] = {94, 197, 16, 38, 99, 141, 23};
static const double control[] = {52, 104, 146, 10, 51, 30, 40, 27, 46};

static double jackknife_of_mean(const double *values, size_t n)
{
    double left_out[16];
    for (size_t i = 0; i < n; i++) {
        left_out[i] = 0;
        for (size_t j = 0; j < n; j++)
            left_out[i] += i == j ? 0 : values[j] / (double)(n - 1);
    }
    return spread_jackknife(left_out, n);
}

static void test_spread__medians_are_those_of_the_mouse_data(void **state)
{
    (void)state;
    assert_true(fabs(spread_median(treated, 7) - 94) < 1e-12);
    assert_true(fabs(spread_median(control, 9) - 46) < 1e-12);
    assert_true(fabs(spread_median(control, 8) - 45.5) < 1e-12);
    assert_true(isnan(spread_median(NULL, 0)));
}

static void test_spread__jackknife_of_a_mean_is_the_known_standard_error(void **state)
{
    (void)state;
    assert_true(fabs(jackknife_of_mean(treated, 7) - 25.24) < 0.005);
    assert_true(fabs(spread_deviation(treated, 7) / sqrt(7) - 25.24) < 0.005);
    assert_true(fabs(jackknife_of_mean(control, 9) - spread_deviation(control, 9) / 3) < 1e-12);
    assert_true(isnan(spread_jackknife(treated, 1)) && isnan(spread_deviation(treated, 1)));
}

/* Exponential latencies of a mean, in batches. */
static void fill(struct histogram_sparse *batches, size_t per_batch, double mean_ns,
                 struct rng *rng, struct arena *arena)
{
    for (size_t i = 0; i < BATCHES; i++) {
        struct histogram histogram = {0};
        for (size_t j = 0; j < per_batch; j++)
            histogram_record(&histogram, (int64_t)(-mean_ns * log1p(-rng_unit(rng))));
        histogram_to_sparse(&histogram, arena, &batches[i]);
        histogram_release(&histogram);
    }
}

/* The standard error of the log of a quantile x is sqrt(q (1 - q) / n) / (f(x) x), with density
 * f(x) = (1 - q) / mean and x = -mean log(1 - q) for exponentials; two sides have sqrt(2) of it. */
static void test_spread__quantile_error_is_right_on_average(void **state)
{
    (void)state;
    const double q = 0.9, n = BATCHES * 400;
    double truth = sqrt(2 * q / ((1 - q) * n)) / -log(1 - q);
    double mean_variance = 0, left_out[BATCHES], swapped[BATCHES];
    struct rng rng;
    rng_init(&rng, 11, 0);
    for (int run = 0; run < 100; run++) {
        struct arena arena = {0};
        struct histogram_sparse a[BATCHES], b[BATCHES];
        fill(a, 400, 1e6, &rng, &arena);
        fill(b, 400, 1e6, &rng, &arena);
        assert_int_equal(spread_quantile(&(struct spread_side){a, BATCHES},
                                         &(struct spread_side){b, BATCHES}, q, left_out, swapped),
                         0);
        double error = spread_jackknife(left_out, BATCHES);
        mean_variance += error * error / 100;
        arena_release(&arena);
    }
    assert_true(sqrt(mean_variance) > 0.85 * truth && sqrt(mean_variance) < 1.25 * truth);
}

static void test_spread__quantile_scores_tell_the_slower_side(void **state)
{
    (void)state;
    double left_out[BATCHES], swapped[BATCHES], sum = 0, log_ratio = 0, back = 0;
    struct histogram_sparse a[BATCHES], b[BATCHES];
    struct arena arena = {0};
    struct rng rng;
    rng_init(&rng, 12, 0);
    fill(a, 400, 1.3e6, &rng, &arena);
    fill(b, 400, 1e6, &rng, &arena);
    struct spread_side x = {a, BATCHES}, y = {b, BATCHES};
    assert_int_equal(spread_quantile(&x, &y, 0.95, left_out, swapped), 0);
    for (size_t i = 0; i < BATCHES; i++) {
        sum += swapped[i];
        log_ratio += left_out[i] / BATCHES;
    }
    /* the pooled p95 has equal expected surplus and lack on the two sides */
    assert_true(sum > 100 && fabs(log_ratio - log(1.3)) < 0.08);
    assert_int_equal(spread_quantile(&y, &x, 0.95, left_out, swapped), 0);
    for (size_t i = 0; i < BATCHES; i++)
        back += swapped[i];
    assert_true(fabs(sum + back) < 1e-9);
    struct histogram_sparse empty[BATCHES] = {0};
    assert_int_equal(
        spread_quantile(&x, &(struct spread_side){empty, BATCHES}, 0.95, left_out, swapped), -1);
    arena_release(&arena);
}

static void test_spread__quantile_ratios_are_each_batchs_own(void **state)
{
    (void)state;
    double ratios[BATCHES], sum = 0;
    struct histogram_sparse a[BATCHES], b[BATCHES];
    struct arena arena = {0};
    struct rng rng;
    rng_init(&rng, 14, 0);
    fill(a, 400, 1.3e6, &rng, &arena);
    fill(b, 400, 1e6, &rng, &arena);
    struct spread_side x = {a, BATCHES}, y = {b, BATCHES};
    assert_int_equal(spread_quantile_ratios(&x, &y, 0.95, 200, ratios), BATCHES);
    for (size_t i = 0; i < BATCHES; i++)
        sum += ratios[i];
    assert_true(fabs(sum / BATCHES - log(1.3)) < 0.08);
    a[3] = (struct histogram_sparse){0};
    assert_int_equal(spread_quantile_ratios(&x, &y, 0.95, 200, ratios), BATCHES - 1);
    assert_int_equal(spread_quantile_ratios(&x, &y, 0.95, 401, ratios), 0);
    int64_t index[] = {10, 20}, counts[] = {9, 1};
    struct histogram_sparse one = {.count = 10, .n = 2, .index = index, .counts = counts};
    struct spread_side same = {&one, 1};
    assert_int_equal(spread_quantile_ratios(&same, &same, 0.5, 1, ratios), 1);
    assert_true(fabs(ratios[0]) < 1e-12);
    arena_release(&arena);
}

/* By hand: of 1 to 10, 3 to 8 are left; Winsorized 3, 3, 3, 4, 5, 6, 7, 8, 8, 8 has the variance
 * 42.5 / 9. */
static void test_spread__trimming_leaves_the_middle(void **state)
{
    (void)state;
    double values[] = {10, 1, 9, 2, 8, 3, 7, 4, 6, 5};
    struct spread_trimmed middle = spread_trim(values, 10);
    assert_true(fabs(middle.mean - 5.5) < 1e-12);
    assert_true(fabs(middle.error - sqrt(42.5 / 9 / 10) / 0.6) < 1e-12);
    assert_true(middle.df == 5);
    values[0] = 1e9;
    assert_true(fabs(spread_trim(values, 10).mean - 5.5) < 1e-12);
    assert_true(isnan(spread_trim(values, 4).mean));
}

static void test_spread__clipping_keeps_signs(void **state)
{
    (void)state;
    double values[] = {1, -2, 3, -4, 100};
    const double clipped[] = {1, -2, 3, -4, 4};
    spread_clip(values, 5);
    assert_memory_equal(values, clipped, sizeof values);
}

/* Twice the requests of one distribution are twice the observations over any quantile. */
static void test_spread__quantile_scores_do_not_count_requests(void **state)
{
    (void)state;
    double left_out[BATCHES], swapped[BATCHES], sum = 0;
    struct histogram_sparse a[BATCHES], b[BATCHES];
    struct arena arena = {0};
    struct rng rng;
    rng_init(&rng, 13, 0);
    fill(a, 800, 1e6, &rng, &arena);
    fill(b, 400, 1e6, &rng, &arena);
    assert_int_equal(spread_quantile(&(struct spread_side){a, BATCHES},
                                     &(struct spread_side){b, BATCHES}, 0.95, left_out, swapped),
                     0);
    for (size_t i = 0; i < BATCHES; i++)
        sum += swapped[i];
    assert_true(fabs(sum) < 100); /* 480 more are over it */
    arena_release(&arena);
}

/* Ten values of which the largest may have any size. */
static void fill_ten(struct histogram_sparse *batch, int64_t largest, struct arena *arena)
{
    struct histogram histogram = {0};
    for (int64_t value = 10; value < 100; value += 10)
        histogram_record(&histogram, value);
    histogram_record(&histogram, largest);
    histogram_to_sparse(&histogram, arena, batch);
    histogram_release(&histogram);
}

static void test_spread__low_ratios_heed_no_large_value(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct histogram_sparse a[2], b[2];
    double ratios[2];
    for (size_t i = 0; i < 2; i++) {
        fill_ten(&a[i], 10000 + (int64_t)i, &arena);
        fill_ten(&b[i], 100, &arena);
    }
    struct spread_side x = {a, 2}, y = {b, 2};
    assert_int_equal(spread_low_ratios(&x, &y, 0.9, 10, ratios), 2);
    assert_true(fabs(ratios[0]) < 1e-12 && fabs(ratios[1]) < 1e-12);
    assert_int_equal(spread_low_ratios(&x, &y, 1, 10, ratios), 2); /* (450 + 10000) / 550 */
    assert_true(fabs(ratios[0] - log(19)) < 0.01);
    assert_int_equal(spread_low_ratios(&x, &y, 0.95, 10, ratios), 2); /* half of the last one */
    assert_true(fabs(ratios[0] - log(5450.0 / 500)) < 0.01);
    b[1] = (struct histogram_sparse){0};
    assert_int_equal(spread_low_ratios(&x, &y, 0.9, 10, ratios), 1);
    assert_int_equal(spread_low_ratios(&x, &y, 0.9, 11, ratios), 0);
    arena_release(&arena);
}

/* What has no value at all is no division by zero. */
static void test_spread__low_ratios_of_nothing_are_equal(void **state)
{
    (void)state;
    int64_t index[] = {0}, counts[] = {20};
    struct histogram_sparse zeros = {.count = 20, .n = 1, .index = index, .counts = counts};
    struct spread_side side = {&zeros, 1};
    double ratio = 7;
    assert_int_equal(spread_low_ratios(&side, &side, 0.5, 10, &ratio), 1);
    assert_true(fabs(ratio) < 1e-12);
}

static void test_spread__low_ratios_follow_all_requests(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rng rng;
    struct histogram_sparse a[BATCHES], b[BATCHES];
    double ratios[BATCHES], sum = 0;
    rng_init(&rng, 1, 0);
    fill(a, 4000, 1.3e6, &rng, &arena);
    fill(b, 4000, 1e6, &rng, &arena);
    struct spread_side x = {a, BATCHES}, y = {b, BATCHES};
    size_t n = spread_low_ratios(&x, &y, 0.5, 1, ratios);
    for (size_t i = 0; i < n; i++)
        sum += ratios[i] / (double)n;
    assert_true(fabs(sum - log(1.3)) < 0.02);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spread__medians_are_those_of_the_mouse_data),
        cmocka_unit_test(test_spread__jackknife_of_a_mean_is_the_known_standard_error),
        cmocka_unit_test(test_spread__quantile_error_is_right_on_average),
        cmocka_unit_test(test_spread__quantile_scores_tell_the_slower_side),
        cmocka_unit_test(test_spread__quantile_ratios_are_each_batchs_own),
        cmocka_unit_test(test_spread__low_ratios_heed_no_large_value),
        cmocka_unit_test(test_spread__low_ratios_of_nothing_are_equal),
        cmocka_unit_test(test_spread__low_ratios_follow_all_requests),
        cmocka_unit_test(test_spread__trimming_leaves_the_middle),
        cmocka_unit_test(test_spread__clipping_keeps_signs),
        cmocka_unit_test(test_spread__quantile_scores_do_not_count_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
