#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "stats/histogram.h"

#define MAX_VALUE ((INT64_C(1) << HISTOGRAM_MAX_BITS) - 1)

static int64_t draw(struct rng *rng)
{
    return (int64_t)(rng_u64(rng) >> (64 - (unsigned)rng_between(rng, 1, HISTOGRAM_MAX_BITS)));
}

static void test_histogram__buckets_tile_the_range(void **state)
{
    (void)state;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        assert_int_equal(histogram_bucket(histogram_bucket_low(i)), i);
        assert_int_equal(histogram_bucket(histogram_bucket_low(i + 1) - 1), i);
        assert_int_equal(histogram_bucket(histogram_bucket_value(i)), i);
    }
    assert_int_equal(histogram_bucket_low(HISTOGRAM_BUCKETS), MAX_VALUE + 1);
    assert_int_equal(histogram_bucket(-1), 0);
    assert_int_equal(histogram_bucket(INT64_MAX), HISTOGRAM_BUCKETS - 1);
}

static void test_histogram__error_is_bounded(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1, 1);
    for (int i = 0; i < 100000; i++) {
        int64_t value = draw(&rng), shown = histogram_bucket_value(histogram_bucket(value));
        assert_true(fabs((double)(shown - value)) <= HISTOGRAM_RESOLUTION * (double)value);
        if (value < 128)
            assert_int_equal(shown, value);
    }
}

static void test_histogram__empty_knows_nothing(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    struct histogram_sparse sparse;
    struct arena arena = {0};
    assert_true(isnan(histogram_quantile(&histogram, 0.5)));
    assert_true(isnan(histogram_mean(&histogram)));
    histogram_to_sparse(&histogram, &arena, &sparse);
    assert_int_equal(sparse.n, 0);
    histogram_merge_sparse(&histogram, &sparse);
    assert_null(histogram.buckets);
    histogram_release(&histogram);
    histogram_release(&histogram);
}

static void test_histogram__values_beyond_the_range_keep_sum_and_maximum(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_record(&histogram, MAX_VALUE * 4);
    histogram_record(&histogram, 10);
    assert_int_equal(histogram.max_ns, MAX_VALUE * 4);
    assert_int_equal(histogram.min_ns, 10);
    assert_int_equal(histogram.sum_ns, MAX_VALUE * 4 + 10);
    assert_int_equal(histogram.buckets[HISTOGRAM_BUCKETS - 1], 1);
    assert_true(histogram_quantile(&histogram, 1) == (double)(MAX_VALUE * 4));
    histogram_release(&histogram);
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void test_histogram__quantiles_are_those_of_the_sorted_samples(void **state)
{
    (void)state;
    static const double quantiles[] = {1e-9, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1};
    static int64_t samples[2000];
    struct rng rng;
    rng_init(&rng, 2, 1);
    for (int round = 0; round < 50; round++) {
        struct histogram histogram = {0};
        size_t n = (size_t)rng_between(&rng, 1, 2000);
        for (size_t i = 0; i < n; i++) {
            samples[i] = draw(&rng);
            histogram_record(&histogram, samples[i]);
        }
        qsort(samples, n, sizeof samples[0], compare);
        for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
            double rank = ceil(quantiles[i] * (double)n);
            double exact = (double)samples[rank < 1 ? 0 : (size_t)rank - 1];
            double found = histogram_quantile(&histogram, quantiles[i]);
            assert_true(fabs(found - exact) <= HISTOGRAM_RESOLUTION * exact);
            assert_true(found >= (double)samples[0] && found <= (double)samples[n - 1]);
        }
        assert_true(histogram_quantile(&histogram, 1) == (double)samples[n - 1]);
        histogram_release(&histogram);
    }
}

static void assert_equal_histograms(const struct histogram *a, const struct histogram *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->sum_ns, b->sum_ns);
    assert_int_equal(a->min_ns, b->min_ns);
    assert_int_equal(a->max_ns, b->max_ns);
    assert_memory_equal(a->buckets, b->buckets, HISTOGRAM_BUCKETS * sizeof *a->buckets);
}

static void test_histogram__a_merge_of_parts_is_the_whole(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 3, 1);
    for (int round = 0; round < 20; round++) {
        struct histogram parts[3] = {{0}}, whole = {0}, dense = {0}, sparse = {0};
        struct arena arena = {0};
        for (int i = 0; i < 500; i++) {
            int64_t value = draw(&rng);
            histogram_record(&whole, value);
            histogram_record(&parts[rng_below(&rng, round ? 3 : 1)], value);
        }
        for (size_t i = 0; i < 3; i++) {
            struct histogram_sparse packed;
            histogram_merge(&dense, &parts[i]);
            histogram_to_sparse(&parts[i], &arena, &packed);
            for (size_t k = 1; k < packed.n; k++)
                assert_true(packed.index[k] > packed.index[k - 1]);
            histogram_merge_sparse(&sparse, &packed);
            histogram_release(&parts[i]);
        }
        assert_equal_histograms(&whole, &dense);
        assert_equal_histograms(&whole, &sparse);
        histogram_release(&whole);
        histogram_release(&dense);
        histogram_release(&sparse);
        arena_release(&arena);
    }
}

static void test_histogram__reset_empties_and_keeps_the_memory(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_record(&histogram, 7);
    int64_t *buckets = histogram.buckets;
    histogram_reset(&histogram);
    assert_int_equal(histogram.count, 0);
    assert_ptr_equal(histogram.buckets, buckets);
    histogram_record(&histogram, 9);
    assert_int_equal(histogram.min_ns, 9);
    assert_int_equal(histogram.buckets[7], 0);
    assert_true(histogram_mean(&histogram) == 9);
    histogram_release(&histogram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_histogram__buckets_tile_the_range),
        cmocka_unit_test(test_histogram__error_is_bounded),
        cmocka_unit_test(test_histogram__empty_knows_nothing),
        cmocka_unit_test(test_histogram__values_beyond_the_range_keep_sum_and_maximum),
        cmocka_unit_test(test_histogram__quantiles_are_those_of_the_sorted_samples),
        cmocka_unit_test(test_histogram__a_merge_of_parts_is_the_whole),
        cmocka_unit_test(test_histogram__reset_empties_and_keeps_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
