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

static void fill(struct rng *rng, int samples, struct histogram *out, struct arena *arena,
                 struct histogram_sparse *sparse)
{
    for (int i = 0; i < samples; i++)
        histogram_record(out, draw(rng) >> 4);
    histogram_to_sparse(out, arena, sparse);
}

static void test_histogram__scaled_by_one_it_stays_as_it_is(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 5, 1);
    for (int round = 0; round < 200; round++) {
        struct histogram before = {0}, after = {0};
        struct histogram_sparse sparse;
        struct arena arena = {0};
        fill(&rng, 1 + round, &before, &arena, &sparse);
        histogram_scale(&sparse, 1, before.count, &after);
        assert_int_equal(after.count, before.count);
        assert_int_equal(after.sum_ns, before.sum_ns);
        assert_int_equal(after.min_ns, before.min_ns);
        assert_int_equal(after.max_ns, before.max_ns);
        assert_memory_equal(after.buckets, before.buckets,
                            HISTOGRAM_BUCKETS * sizeof *after.buckets);
        arena_release(&arena);
        histogram_release(&before);
        histogram_release(&after);
    }
}

/* A quantile is the middle of a bucket, and so is what becomes of it: 1/128 each; and a bucket
 * below 128 is as wide as 1 ns. */
static void assert_quantiles(const struct histogram *before, const struct histogram *after,
                             double factor)
{
    for (int i = 1; i < 50; i++) {
        double q = i / 50.0;
        double expected = histogram_quantile(before, q) * factor;
        double allowed = 2 * HISTOGRAM_RESOLUTION * expected + factor + 1;
        if (fabs(histogram_quantile(after, q) - expected) > allowed)
            fail_msg("q %g, factor %g: %g, not %g", q, factor, histogram_quantile(after, q),
                     expected);
    }
}

static int64_t total_of(const struct histogram *histogram)
{
    int64_t total = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        assert_true(histogram->buckets[i] >= 0);
        total += histogram->buckets[i];
    }
    return total;
}

static void test_histogram__scaled_its_quantiles_are(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 6, 1);
    struct histogram after = {0};
    for (int round = 0; round < 300; round++) {
        struct histogram before = {0};
        struct histogram_sparse sparse, again;
        struct arena arena = {0};
        double factor = exp(6 * rng_unit(&rng) - 4);
        fill(&rng, 1 + round * 7, &before, &arena, &sparse);
        histogram_scale(&sparse, factor, before.count, &after);
        assert_quantiles(&before, &after, factor);
        assert_int_equal(total_of(&after), before.count);
        assert_true(fabs((double)after.sum_ns - (double)before.sum_ns * factor) <= 1);
        histogram_to_sparse(&after, &arena, &again); /* nothing lies beyond minimum and maximum */
        int64_t count = 0;
        for (size_t i = 0; i < again.n; i++)
            count += again.counts[i];
        assert_int_equal(count, before.count);
        arena_release(&arena);
        histogram_release(&before);
    }
    histogram_release(&after);
}

static void test_histogram__scaled_to_another_count_its_shape_stays(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 7, 1);
    struct histogram before = {0}, after = {0};
    struct histogram_sparse sparse;
    struct arena arena = {0};
    fill(&rng, 5000, &before, &arena, &sparse);
    for (int64_t count = 1000; count <= 9000; count += 1000) {
        histogram_scale(&sparse, 1, count, &after);
        assert_int_equal(after.count, count);
        assert_int_equal(total_of(&after), count);
        assert_true(fabs(histogram_mean(&after) / histogram_mean(&before) - 1) < 1e-9);
        int64_t seen = 0, found = 0;
        for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
            seen += before.buckets[i];
            found += after.buckets[i];
            assert_true(fabs((double)found - (double)seen * (double)count / 5000) <= 0.5);
        }
    }
    histogram_scale(&sparse, 2, 0, &after);
    assert_int_equal(after.count, 0);
    assert_int_equal(after.max_ns, 0);
    arena_release(&arena);
    histogram_release(&before);
    histogram_release(&after);
}

/* Files may claim anything: a minimum over all samples, a maximum below them, values no clock has.
 */
static void test_histogram__scaling_survives_what_cannot_be(void **state)
{
    (void)state;
    int64_t index[] = {0, 70, 900, HISTOGRAM_BUCKETS - 1}, counts[] = {1, 2, 3, 4};
    static const int64_t ends[] = {0, 1, 1000000, MAX_VALUE, INT64_MAX / 2};
    static const double factors[] = {1e-12, 0.5, 1, 3, 1e15};
    struct histogram out = {0};
    for (size_t i = 0; i < 5 * 5 * 5; i++) {
        struct histogram_sparse from = {10, 100, ends[i % 5], ends[i / 5 % 5], 4, index, counts};
        histogram_scale(&from, factors[i / 25], 10, &out);
        assert_int_equal(total_of(&out), 10);
    }
    histogram_release(&out);
}

/* Quantiles of the picked values are those of the samples, and nothing is picked from beyond. */
static void test_histogram__picks_values_of_equal_shares(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    struct histogram_sparse sparse;
    struct arena arena = {0};
    int64_t values[100];
    for (int64_t i = 1; i <= 9900; i++)
        histogram_record(&histogram, 1000 * i);
    for (int64_t i = 0; i < 100; i++) /* one in a hundred is slow */
        histogram_record(&histogram, INT64_C(1000000000));
    histogram_to_sparse(&histogram, &arena, &sparse);
    assert_int_equal(histogram_pick(&sparse, 100, values), 100);
    for (size_t i = 0; i < 99; i++) {
        double expected = 1000.0 * ((double)i + 0.5) * 100;
        assert_true(fabs((double)values[i] - expected) <= HISTOGRAM_RESOLUTION * expected + 2000);
        assert_true(!i || values[i] >= values[i - 1]);
    }
    assert_int_equal(values[99], 1000000000);
    histogram_reset(&histogram);
    histogram_record(&histogram, 5000001);
    histogram_record(&histogram, 70);
    histogram_to_sparse(&histogram, &arena, &sparse);
    assert_int_equal(histogram_pick(&sparse, 100, values), 2);
    assert_int_equal(values[0], 70);
    assert_int_equal(values[1], 5000001);
    assert_int_equal(histogram_pick(&sparse, 0, values), 0);
    sparse = (struct histogram_sparse){0};
    assert_int_equal(histogram_pick(&sparse, 100, values), 0);
    arena_release(&arena);
    histogram_release(&histogram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_histogram__picks_values_of_equal_shares),
        cmocka_unit_test(test_histogram__buckets_tile_the_range),
        cmocka_unit_test(test_histogram__error_is_bounded),
        cmocka_unit_test(test_histogram__empty_knows_nothing),
        cmocka_unit_test(test_histogram__values_beyond_the_range_keep_sum_and_maximum),
        cmocka_unit_test(test_histogram__quantiles_are_those_of_the_sorted_samples),
        cmocka_unit_test(test_histogram__a_merge_of_parts_is_the_whole),
        cmocka_unit_test(test_histogram__reset_empties_and_keeps_the_memory),
        cmocka_unit_test(test_histogram__scaled_by_one_it_stays_as_it_is),
        cmocka_unit_test(test_histogram__scaled_its_quantiles_are),
        cmocka_unit_test(test_histogram__scaled_to_another_count_its_shape_stays),
        cmocka_unit_test(test_histogram__scaling_survives_what_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
