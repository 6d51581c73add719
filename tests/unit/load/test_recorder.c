#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "load/error_table.h"
#include "load/recorder.h"

static void add(struct recorder *recorder, uint32_t endpoint, int64_t latency_ns, int64_t at_ns)
{
    struct sample sample = {.endpoint = endpoint,
                            .failed = latency_ns % 2 != 0,
                            .latency_ns = latency_ns,
                            .body_bytes = 10,
                            .at_ns = at_ns};
    recorder_add(recorder, &sample);
}

static void test_recorder__counts_by_endpoint_and_second(void **state)
{
    (void)state;
    struct recorder recorder;
    recorder_init(&recorder, 2, false);
    add(&recorder, 0, 100, 0);
    add(&recorder, 1, 301, NS_PER_S - 1);
    add(&recorder, 1, 500, NS_PER_S);
    add(&recorder, 0, 700, 3 * NS_PER_S + 1);
    recorder_finish(&recorder);
    recorder_finish(&recorder);
    assert_int_equal(recorder.endpoints[0].total.count, 2);
    assert_int_equal(recorder.endpoints[1].total.sum_ns, 801);
    assert_int_equal(recorder.endpoints[1].failures, 1);
    assert_int_equal(recorder.endpoints[1].body_bytes, 20);
    assert_int_equal(recorder.n_intervals, 4);
    static const int64_t counts[] = {2, 1, 0, 1};
    for (int i = 0; i < 4; i++)
        assert_int_equal(recorder.intervals[i].latencies.count, counts[i]);
    assert_int_equal(recorder.intervals[0].failures, 1);
    assert_int_equal(recorder.intervals[0].latencies.max_ns, 301);
    assert_int_equal(recorder.done, 4);
    assert_int_equal(recorder.failed, 1);
    recorder_release(&recorder);
    recorder_release(&recorder);
}

static void test_recorder__keeps_the_warm_up_apart(void **state)
{
    (void)state;
    struct recorder recorder;
    struct sample sample = {.latency_ns = 5, .failed = true};
    recorder_init(&recorder, 1, false);
    recorder_add_warm(&recorder, &sample);
    recorder_finish(&recorder);
    assert_int_equal(recorder.endpoints[0].total.count, 0);
    assert_int_equal(recorder.endpoints[0].failures, 0);
    assert_int_equal(recorder.n_intervals, 0);
    assert_int_equal(recorder.warm.count, 1);
    assert_int_equal(recorder.done, 1); /* progress counts it */
    recorder_release(&recorder);
}

static void test_recorder__blocks_and_batches_add_up_to_the_total(void **state)
{
    (void)state;
    struct recorder recorder;
    recorder_init(&recorder, 2, true);
    for (size_t pair = 0; pair < 6; pair++) {
        if (pair && pair % 2 == 0)
            recorder_end_batch(&recorder);
        recorder_begin_block(&recorder, pair);
        for (uint32_t i = 0; i <= pair; i++)
            add(&recorder, i % 2, (int64_t)(100 * pair + i), 0);
        recorder_add_lag(&recorder, 50, (int64_t)pair);
    }
    recorder_end_batch(&recorder);
    recorder_finish(&recorder);
    assert_int_equal(recorder.n_pairs, 6);
    assert_int_equal(recorder.n_batches, 3);
    for (size_t endpoint = 0; endpoint < 2; endpoint++) {
        struct block_cell sum = {0};
        int64_t batches = 0, batch_sum_ns = 0;
        for (size_t pair = 0; pair < 6; pair++) {
            const struct block_cell *cell = &recorder.cells[pair * 2 + endpoint];
            sum.count += cell->count;
            sum.sum_ns += cell->sum_ns;
            sum.failures += cell->failures;
        }
        for (size_t batch = 0; batch < 3; batch++) {
            batches += recorder.batches[batch * 2 + endpoint].count;
            batch_sum_ns += recorder.batches[batch * 2 + endpoint].sum_ns;
        }
        const struct endpoint_record *record = &recorder.endpoints[endpoint];
        assert_int_equal(sum.count, record->total.count);
        assert_int_equal(sum.sum_ns, record->total.sum_ns);
        assert_int_equal(sum.failures, record->failures);
        assert_int_equal(batches, record->total.count);
        assert_int_equal(batch_sum_ns, record->total.sum_ns);
    }
    assert_int_equal(recorder.cells[5 * 2].count, 3);
    assert_int_equal(recorder.batches[0].count, 2); /* pairs 0 and 1, endpoint 0 */
    assert_int_equal(recorder.block_lags[4].sum_ns, 4);
    assert_int_equal(recorder.lag.sum_ns, 300);
    assert_int_equal(recorder.busy_lag.sum_ns, 15);
    recorder_release(&recorder);
}

static void test_error_table__counts_equal_failures_once(void **state)
{
    (void)state;
    struct error_table a = {0}, b = {0};
    error_table_add(&a, 1, FAILURE_STATUS, "found 500", 20);
    error_table_add(&a, 1, FAILURE_STATUS, "found 500", 30);
    error_table_add(&a, 2, FAILURE_STATUS, "found 500", 40);
    error_table_add(&b, 1, FAILURE_STATUS, "found 500", 10);
    error_table_merge(&a, &b);
    assert_int_equal(a.n, 2);
    assert_int_equal(a.rows[0].count, 3);
    assert_int_equal(a.rows[0].first_ns, 10);
    assert_int_equal(a.rows[0].last_ns, 30);
    error_table_release(&a);
    error_table_release(&a);
    error_table_release(&b);
}

static void test_error_table__is_bounded(void **state)
{
    (void)state;
    struct error_table table = {0};
    int64_t count = 0;
    for (int i = 0; i < 3 * ERROR_TABLE_LIMIT; i++) {
        char message[32];
        snprintf(message, sizeof message, "message %d", i);
        error_table_add(&table, 0, FAILURE_EXPECTATION, message, i);
    }
    assert_int_equal(table.n, ERROR_TABLE_LIMIT + 1);
    assert_string_equal(table.rows[ERROR_TABLE_LIMIT].message, "other messages");
    for (size_t i = 0; i < table.n; i++)
        count += table.rows[i].count;
    assert_int_equal(count, 3 * ERROR_TABLE_LIMIT);
    error_table_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorder__counts_by_endpoint_and_second),
        cmocka_unit_test(test_recorder__keeps_the_warm_up_apart),
        cmocka_unit_test(test_recorder__blocks_and_batches_add_up_to_the_total),
        cmocka_unit_test(test_error_table__counts_equal_failures_once),
        cmocka_unit_test(test_error_table__is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
