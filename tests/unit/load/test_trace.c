#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load/trace.h"

static void test_trace__contexts_are_of_the_form_and_differ(void **state)
{
    (void)state;
    struct tracer tracer = {.share = 1};
    char text[] = TRACE_BLANK, before[] = TRACE_BLANK;
    rng_init(&tracer.rng, 1, 1);
    for (int i = 0; i < 100; i++) {
        struct trace_id id = trace_write(&tracer, text);
        assert_true(trace_is_recorded(&id));
        assert_int_equal(strlen(text), strlen(TRACE_BLANK));
        assert_int_equal(strspn(text, "0123456789abcdef-"), strlen(text));
        assert_memory_equal(text, "00-", 3);
        assert_string_equal(text + strlen(text) - 3, "-01");
        assert_memory_not_equal(text + 3, before + 3, TRACE_ID_LEN);
        assert_memory_not_equal(text + 36, before + 36, 16);
        memcpy(before, text, sizeof before);
    }
}

static void test_trace__a_share_is_recorded(void **state)
{
    (void)state;
    struct tracer tracer = {.share = 0.2};
    char text[] = TRACE_BLANK;
    int recorded = 0;
    rng_init(&tracer.rng, 1, 1);
    for (int i = 0; i < 10000; i++) {
        struct trace_id id = trace_write(&tracer, text);
        assert_int_equal(trace_is_recorded(&id), text[strlen(text) - 1] == '1');
        recorded += trace_is_recorded(&id);
    }
    assert_in_range(recorded, 1800, 2200); /* five standard deviations */
}

static int falling(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (right > left) - (right < left);
}

static void test_trace__the_slowest_are_kept(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 3, 3);
    for (int round = 0; round < 200; round++) {
        struct slowest slowest = {0};
        int64_t all[40] = {0}, kept[TRACE_SLOWEST] = {0};
        size_t n = 1 + rng_below(&rng, 40);
        for (size_t i = 0; i < n; i++) {
            struct traced traced = {.latency_ns = (int64_t)rng_below(&rng, 1000)};
            all[i] = traced.latency_ns;
            slowest_add(&slowest, &traced);
        }
        assert_int_equal(slowest.n, n < TRACE_SLOWEST ? n : TRACE_SLOWEST);
        for (size_t i = 0; i < slowest.n; i++)
            kept[i] = slowest.items[i].latency_ns;
        qsort(all, n, sizeof *all, falling);
        qsort(kept, slowest.n, sizeof *kept, falling);
        assert_memory_equal(all, kept, slowest.n * sizeof *kept);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trace__contexts_are_of_the_form_and_differ),
        cmocka_unit_test(test_trace__a_share_is_recorded),
        cmocka_unit_test(test_trace__the_slowest_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
