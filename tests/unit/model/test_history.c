#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "model/history.h"

#define SECONDS 20

/* Second i has i + 1 requests of i + 1 ms each, one of which fails; none in the last three. */
static void fill(struct history_second *seconds, struct arena *arena)
{
    struct histogram histogram = {0};
    struct history_second now = {.unix_s = 1000};
    for (int64_t i = 0; i < SECONDS; i++) {
        histogram_reset(&histogram);
        for (int64_t k = 0; k <= i && i < SECONDS - 3; k++) {
            histogram_record(&histogram, (i + 1) * NS_PER_MS);
            now.requests++;
            now.sum_ns += (i + 1) * NS_PER_MS;
            now.max_ns = (i + 1) * NS_PER_MS;
            now.content_bytes += 10;
        }
        now.failures += i < SECONDS - 3;
        now.min_ns = NS_PER_MS;
        now.users = i * 2;
        histogram_to_sparse(&histogram, arena, &now.latencies);
        seconds[i] = now;
        now.unix_s++;
    }
    histogram_release(&histogram);
}

static void test_history__rows_are_cumulative(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct history_second seconds[SECONDS] = {0};
    struct report report = {0};
    struct history history;
    fill(seconds, &arena);
    history_build(&report, seconds, SECONDS, &arena, &history);
    assert_int_equal(history.n_rows, SECONDS);

    const struct history_figures *second = &history.rows[1].figures; /* 1, 2, 2 ms */
    assert_int_equal(history.rows[1].unix_s, 1001);
    assert_int_equal(history.rows[1].users, 2);
    assert_int_equal(second->requests, 3);
    assert_int_equal(second->failures, 2);
    assert_true(fabs(second->average_ms - 5.0 / 3) < 1e-9);
    assert_true(second->min_ms == 1 && second->max_ms == 2);
    assert_true(fabs(second->percentile_ms[0] - 2) < 0.02);
    assert_true(second->percentile_ms[10] == 2);
    assert_true(second->content_bytes == 10);
    arena_release(&arena);
}

static void test_history__rates_are_over_the_window(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct history_second seconds[SECONDS] = {0};
    struct report report = {0};
    struct history history;
    fill(seconds, &arena);
    history_build(&report, seconds, SECONDS, &arena, &history);
    /* Newest request in 1002: the window [1000, 1000) is empty. */
    assert_true(history.rows[2].figures.requests_per_s == 0);
    /* In 1003: [1000, 1001) holds one request. */
    assert_true(history.rows[3].figures.requests_per_s == 1);
    /* In 1015: [1003, 1013) holds 4 + … + 13. */
    assert_true(history.rows[15].figures.requests_per_s == 8.5);
    assert_true(history.rows[15].figures.failures_per_s == 1);
    /* The newest request stays in 1016: [1004, 1014), 5 + … + 14. */
    assert_true(history.rows[16].figures.requests_per_s == 9.5);
    assert_true(history.rows[19].figures.requests_per_s == 9.5);
    arena_release(&arena);
}

static void test_history__endpoints_and_total_come_from_the_report(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct histogram histogram = {0};
    struct report_endpoint endpoints[2] = {{.name = "/a", .method = "GET", .content_bytes = 100},
                                           {.name = "/b", .method = "GET", .content_bytes = 400}};
    endpoints[0].metrics = (struct metrics){
        .total_requests = 2, .total_failures = 1, .requests_per_s = 4, .average_ms = 1.5};
    endpoints[1].metrics = (struct metrics){.total_requests = 1, .requests_per_s = 2};
    histogram_record(&histogram, NS_PER_MS);
    histogram_record(&histogram, 2 * NS_PER_MS);
    histogram_to_sparse(&histogram, &arena, &endpoints[0].histogram);
    struct report report = {.n_endpoints = 2, .endpoints = endpoints};
    report.metrics = (struct metrics){.total_requests = 3, .total_failures = 1};
    struct history history;
    history_build(&report, NULL, 0, &arena, &history);
    assert_int_equal(history.n_rows, 0);
    assert_true(history.endpoints[0].failures_per_s == 2);
    assert_true(history.endpoints[0].percentile_ms[10] == 2);
    assert_true(isnan(history.endpoints[1].percentile_ms[0]));
    assert_true(history.total.content_bytes == 200);
    assert_true(history.total.percentile_ms[10] == 2);
    assert_int_equal(history.total.failures, 1);
    histogram_release(&histogram);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history__rows_are_cumulative),
        cmocka_unit_test(test_history__rates_are_over_the_window),
        cmocka_unit_test(test_history__endpoints_and_total_come_from_the_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
