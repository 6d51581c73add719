#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/accept_value.h"

/* Exactly: the value goes into a document that people read. */
static void assert_value(enum metric metric, double figure, int64_t n, double value)
{
    double found = accept_value(metric, figure, n);
    if (found != value)
        fail_msg("of %g expected %.17g, found %.17g", figure, value, found);
}

static void test_accept_value__a_tenth_more_in_three_digits(void **state)
{
    (void)state;
    assert_value(METRIC_AVERAGE, 118.3, 1000, 131);
    assert_value(METRIC_AVERAGE, 120, 1000, 132);
    assert_value(METRIC_P95, 11.83, 1000, 13.1);
    assert_value(METRIC_P95, 1183, 1000, 1310);
    assert_value(METRIC_P99, 9.999, 1000, 11);
    assert_value(METRIC_P99, 90.8, 1000, 99.9);
    assert_value(METRIC_P99, 90.9, 1000, 100);
    assert_value(METRIC_MIN, 0.0123, 1000, 0.0136);
    assert_value(METRIC_MAX, 123456, 1000, 136000);
    assert_value(METRIC_AVERAGE, 0, 1000, 0);
}

static void test_accept_value__less_where_more_is_better(void **state)
{
    (void)state;
    assert_value(METRIC_REQUESTS_PER_S, 812, 1000, 730);
    assert_value(METRIC_REQUESTS_PER_S, 100, 1000, 90);
    assert_value(METRIC_REQUESTS_PER_S, 0.1, 1000, 0.09);
}

/* 2 sqrt(p (1 - p) / n) where that is more than a tenth, and never over 1. */
static void test_accept_value__an_error_rate(void **state)
{
    (void)state;
    assert_value(METRIC_ERROR_RATE, 0.003, 1000, 0.00646);
    assert_value(METRIC_ERROR_RATE, 0.5, 100, 0.6);
    assert_value(METRIC_ERROR_RATE, 0.1, 1000000, 0.11);
    assert_value(METRIC_ERROR_RATE, 0.95, 10, 1);
    assert_value(METRIC_ERROR_RATE, 0, 1000, 0);
    assert_value(METRIC_ERROR_RATE, 0.1, 0, 0.11);
}

/* Whatever the figure, the run that it is of is accepted, and nothing that is over 11.2 % worse. */
static void test_accept_value__covers_the_figure(void **state)
{
    (void)state;
    double figure = 1e-3;
    for (int i = 0; i < 1500; i++, figure *= 1.0137) {
        double value = accept_value(METRIC_AVERAGE, figure, 1000);
        assert_true(value >= figure * 1.1 * (1 - 1e-9) && value <= figure * 1.112);
        assert_false(accept_is_worse(METRIC_AVERAGE, figure, value));
        value = accept_value(METRIC_REQUESTS_PER_S, figure, 1000);
        assert_true(value <= figure * 0.9 * (1 + 1e-9) && value >= figure * 0.89);
        assert_false(accept_is_worse(METRIC_REQUESTS_PER_S, figure, value));
        assert_true(accept_is_worse(METRIC_REQUESTS_PER_S, value, figure));
    }
}

static void test_accept_scope__finds_what_the_report_has(void **state)
{
    (void)state;
    struct err err = {0};
    const struct metrics *metrics;
    struct report_endpoint endpoints[] = {{.name = "/", .method = "GET"},
                                          {.name = "/forum", .method = "GET"},
                                          {.name = "/forum", .method = "POST"},
                                          {.name = "/login", .method = "POST"}};
    struct report report = {.n_endpoints = 4, .endpoints = endpoints};
    assert_int_equal(accept_scope(&report, "r.json", "overall", &metrics, &err), 0);
    assert_ptr_equal(metrics, &report.metrics);
    assert_int_equal(accept_scope(&report, "r.json", "POST /forum", &metrics, &err), 0);
    assert_ptr_equal(metrics, &endpoints[2].metrics);

    assert_int_equal(accept_scope(&report, "r.json", "/login", &metrics, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, "'r.json' has no endpoint '/login'; expected overall, or one "
                                  "that it has such as 'POST /login', 'GET /' or 'GET /forum' "
                                  "(`perf-baseline show ./FILE` lists them)");
    err = (struct err){0};
    assert_int_equal(accept_scope(&report, "-", "get /Form", &metrics, &err), -1);
    assert_non_null(strstr(err.text, "'standard input' has no endpoint 'get /Form'; expected "
                                     "overall, or one that it has such as 'GET /forum',"));
    assert_null(metrics);
    report.n_endpoints = 0;
    err = (struct err){0};
    assert_int_equal(accept_scope(&report, "r.json", "", &metrics, &err), -1);
    assert_string_equal(err.text, "'r.json' has no endpoint '', and no other; expected the scope "
                                  "overall");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept_value__a_tenth_more_in_three_digits),
        cmocka_unit_test(test_accept_value__less_where_more_is_better),
        cmocka_unit_test(test_accept_value__an_error_rate),
        cmocka_unit_test(test_accept_value__covers_the_figure),
        cmocka_unit_test(test_accept_scope__finds_what_the_report_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
