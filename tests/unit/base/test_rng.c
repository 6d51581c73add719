#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"

/* The first numbers of xoshiro256** from the state 1, 2, 3, 4, as its authors' code gives them. */
static void test_rng__matches_reference(void **state)
{
    (void)state;
    static const uint64_t expected[] = {
        11520,
        0,
        1509978240,
        1215971899390074240,
        1216172134540287360,
        607988272756665600,
        UINT64_C(16172922978634559625),
        8476171486693032832,
        UINT64_C(10595114339597558777),
        2904607092377533576,
    };
    struct rng rng = {.state = {1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(rng_u64(&rng), expected[i]);
}

static void test_rng__separates_seeds_and_streams(void **state)
{
    (void)state;
    struct rng a, same, other_seed, other_stream;
    rng_init(&a, 7, 1);
    rng_init(&same, 7, 1);
    rng_init(&other_seed, 8, 1);
    rng_init(&other_stream, 7, 2);
    uint64_t first = rng_u64(&a);
    assert_int_equal(first, rng_u64(&same));
    assert_int_not_equal(first, rng_u64(&other_seed));
    assert_int_not_equal(first, rng_u64(&other_stream));
}

static void test_rng__stays_within_bounds(void **state)
{
    (void)state;
    struct rng rng;
    unsigned seen = 0;
    rng_init(&rng, 1, 0);
    assert_int_equal(rng_below(&rng, 0), 0);
    assert_int_equal(rng_below(&rng, 1), 0);
    assert_int_equal(rng_between(&rng, 5, 5), 5);
    assert_int_equal(rng_between(&rng, 5, -5), 5);
    for (int i = 0; i < 1000; i++) {
        int64_t value = rng_between(&rng, -2, 2);
        double unit = rng_unit(&rng);
        assert_in_range(value + 2, 0, 4);
        assert_true(unit >= 0 && unit < 1);
        seen |= 1u << (value + 2);
    }
    assert_int_equal(seen, 0x1f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rng__matches_reference),
        cmocka_unit_test(test_rng__separates_seeds_and_streams),
        cmocka_unit_test(test_rng__stays_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
