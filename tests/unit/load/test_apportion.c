#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "load/apportion.h"

static void test_apportion__splits_by_largest_remainder(void **state)
{
    static const struct {
        size_t n;
        int64_t weights[6], total, counts[6];
    } rows[] = {
        {4, {70, 20, 7, 3}, 100, {70, 20, 7, 3}},
        {4, {70, 20, 7, 3}, 10, {7, 2, 1, 0}},
        {4, {70, 20, 7, 3}, 1, {1, 0, 0, 0}},
        {4, {70, 20, 7, 3}, 0, {0, 0, 0, 0}},
        {3, {1, 1, 1}, 2, {1, 1, 0}},
        {3, {1, 1, 1}, 100, {34, 33, 33}},
        {1, {5}, 9, {9}},
        {3, {0, 3, 1}, 3, {0, 2, 1}},
        /* the textbook's example of the method: 47,000 votes, 10 seats */
        {6, {47000, 16000, 15900, 12000, 6000, 3100}, 10, {5, 2, 1, 1, 1, 0}},
        {2, {1000000000, 1000000000}, 1000000000, {500000000, 500000000}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t counts[6];
        apportion_counts(rows[i].weights, rows[i].n, rows[i].total, counts);
        for (size_t j = 0; j < rows[i].n; j++)
            if (counts[j] != rows[i].counts[j])
                fail_msg("row %zu, class %zu: %lld", i, j, (long long)counts[j]);
    }
}

static void test_apportion__counts_add_up_and_stay_within_one(void **state)
{
    struct rng rng;
    (void)state;
    rng_init(&rng, 7, 0);
    for (int round = 0; round < 2000; round++) {
        int64_t weights[12], counts[12], weight = 0, sum = 0;
        size_t n = 1 + (size_t)rng_below(&rng, 12);
        int64_t total = (int64_t)rng_below(&rng, 1000);
        for (size_t i = 0; i < n; i++)
            weight += weights[i] = 1 + (int64_t)rng_below(&rng, 100);
        apportion_counts(weights, n, total, counts);
        for (size_t i = 0; i < n; i++) {
            sum += counts[i];
            assert_true(llabs(counts[i] * weight - weights[i] * total) < weight);
        }
        assert_int_equal(sum, total);
    }
}

/* Every prefix deviates from the exact shares by less than 1, and the end is exact. */
static void check_order(const int64_t *counts, size_t n)
{
    int64_t total = 0, given[12] = {0};
    for (size_t i = 0; i < n; i++)
        total += counts[i];
    uint32_t *order = mem_array((size_t)total + 1, sizeof(*order));
    order[total] = 77;
    apportion_order(counts, n, order);
    for (int64_t k = 1; k <= total; k++) {
        assert_true(order[k - 1] < n);
        given[order[k - 1]]++;
        for (size_t i = 0; i < n; i++)
            if (llabs(given[i] * total - k * counts[i]) >= total)
                fail_msg("%zu classes, prefix %lld of %lld: class %zu has %lld", n, (long long)k,
                         (long long)total, i, (long long)given[i]);
    }
    assert_int_equal(order[total], 77);
    assert_memory_equal(given, counts, n * sizeof(*counts));
    free(order);
}

static void test_apportion__every_prefix_holds_the_shares(void **state)
{
    struct rng rng;
    (void)state;
    check_order((const int64_t[]){70, 20, 7, 3}, 4);
    check_order((const int64_t[]){700, 200, 70, 30}, 4);
    check_order((const int64_t[]){5}, 1);
    check_order((const int64_t[]){0, 5, 0}, 3);
    check_order((const int64_t[]){0}, 1);
    rng_init(&rng, 8, 0);
    for (int round = 0; round < 300; round++) {
        int64_t counts[12];
        size_t n = 1 + (size_t)rng_below(&rng, 12);
        for (size_t i = 0; i < n; i++)
            counts[i] = (int64_t)rng_below(&rng, rng_below(&rng, 4) ? 10 : 200);
        check_order(counts, n);
    }
}

static void test_apportion__picks_by_weight(void **state)
{
    const int64_t weights[] = {1, 5, 1, 3};
    int counts[4] = {0};
    struct arena arena = {0};
    struct choice choice;
    struct rng rng, before;
    (void)state;
    rng_init(&rng, 9, 0);
    choice_init(&choice, weights, 4, &arena);
    for (int i = 0; i < 100000; i++)
        counts[choice_pick(&choice, &rng)]++;
    /* expected 10,000 a unit of weight; 6 standard deviations are about 600 to 950 */
    for (int i = 0; i < 4; i++)
        assert_in_range(counts[i], weights[i] * 10000 - 950, weights[i] * 10000 + 950);
    before = rng;
    choice_init(&choice, weights, 1, &arena);
    assert_int_equal(choice_pick(&choice, &rng), 0);
    assert_memory_equal(&before, &rng, sizeof(rng));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apportion__splits_by_largest_remainder),
        cmocka_unit_test(test_apportion__counts_add_up_and_stay_within_one),
        cmocka_unit_test(test_apportion__every_prefix_holds_the_shares),
        cmocka_unit_test(test_apportion__picks_by_weight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
