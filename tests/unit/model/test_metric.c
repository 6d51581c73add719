#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "model/fingerprint.h"
#include "model/metric.h"

static void test_metric__names_find_their_rows(void **state)
{
    (void)state;
    for (enum metric i = 0; i < METRIC_COUNT; i++) {
        const struct metric_info *info = metric_info(i);
        assert_int_equal(metric_find(info->name), i);
        if (info->alias)
            assert_int_equal(metric_find(info->alias), i);
        assert_non_null(info->title);
        assert_true((info->kind == KIND_QUANTILE) == (info->quantile > 0));
    }
    assert_int_equal(metric_find("average_response_time"), METRIC_AVERAGE);
    assert_int_equal(metric_find("Error_rate"), METRIC_COUNT);
    assert_int_equal(metric_find(""), METRIC_COUNT);
}

static void test_metric__values_come_from_their_members(void **state)
{
    (void)state;
    struct metrics metrics = {.requests_per_s = 1,
                              .average_ms = 2,
                              .p95_ms = 3,
                              .p99_ms = 4,
                              .median_ms = 5,
                              .min_ms = 6,
                              .max_ms = 7,
                              .p75_ms = 8,
                              .p90_ms = 9,
                              .p999_ms = 10,
                              .error_rate = 0.5};
    assert_true(metric_value(&metrics, METRIC_REQUESTS_PER_S) == 1);
    assert_true(metric_value(&metrics, METRIC_AVERAGE) == 2);
    assert_true(metric_value(&metrics, METRIC_P95) == 3);
    assert_true(metric_value(&metrics, METRIC_P99) == 4);
    assert_true(metric_value(&metrics, METRIC_MEDIAN) == 5);
    assert_true(metric_value(&metrics, METRIC_MIN) == 6);
    assert_true(metric_value(&metrics, METRIC_MAX) == 7);
    assert_true(metric_value(&metrics, METRIC_P75) == 8);
    assert_true(metric_value(&metrics, METRIC_P90) == 9);
    assert_true(metric_value(&metrics, METRIC_P999) == 10);
    assert_true(metric_value(&metrics, METRIC_ERROR_RATE) == 0.5);
    assert_true(isnan(metric_value(&metrics, METRIC_CPU_USAGE)));
    metrics = metrics_unknown();
    for (enum metric i = 0; i < METRIC_COUNT; i++)
        assert_true(isnan(metric_value(&metrics, i)));
    assert_int_equal(metrics.total_requests, 0);
}

static void test_metric__text_has_a_unit(void **state)
{
    (void)state;
    static const struct {
        enum metric metric;
        double value;
        int extra;
        const char *text;
    } cases[] = {
        {METRIC_AVERAGE, 12.345, 0, "12.3 ms"},
        {METRIC_AVERAGE, 12.345, 2, "12.345 ms"},
        {METRIC_ERROR_RATE, 0.0052, 0, "0.52 %"},
        {METRIC_ERROR_RATE, 0, 0, "0.00 %"},
        {METRIC_ERROR_RATE, 1, 0, "100 %"},
        {METRIC_REQUESTS_PER_S, 812.4, 0, "812 /s"},
        {METRIC_REQUESTS_PER_S, 81234.56, 1, "81234.6 /s"},
        {METRIC_REQUESTS_PER_S, 1e300, 0, "1.00e+300 /s"},
        {METRIC_P95, (double)NAN, 0, "-"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = {0};
        metric_add_text(&out, cases[i].metric, cases[i].value, cases[i].extra);
        assert_string_equal(buf_text(&out), cases[i].text);
        buf_release(&out);
    }
}

static void test_fingerprint__describes_this_machine(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct fingerprint here, again;
    fingerprint_read(&here, &arena);
    fingerprint_read(&again, &arena);
    assert_true(here.cores >= 1);
    assert_true(here.memory_mb >= 1);
    assert_non_null(here.kernel);
    assert_non_null(here.virtualization);
    assert_null(here.runner_image);
    assert_string_equal(here.tool, "perfgate " PERFGATE_VERSION);
    assert_true(fingerprint_same_kind(&here, &again));
    arena_release(&arena);
}

static void test_fingerprint__kinds(void **state)
{
    (void)state;
    struct fingerprint a = {.cpu_model = "x", .cores = 2, .kernel = "1"}, b = a, none = {0};
    b.kernel = "2";
    b.memory_mb = 7;
    assert_true(fingerprint_same_kind(&a, &b));
    b.cores = 4;
    assert_false(fingerprint_same_kind(&a, &b));
    b = a;
    b.cpu_model = "y";
    assert_false(fingerprint_same_kind(&a, &b));
    b.cpu_model = NULL;
    assert_false(fingerprint_same_kind(&a, &b));
    assert_true(fingerprint_same_kind(&none, &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metric__names_find_their_rows),
        cmocka_unit_test(test_metric__values_come_from_their_members),
        cmocka_unit_test(test_metric__text_has_a_unit),
        cmocka_unit_test(test_fingerprint__describes_this_machine),
        cmocka_unit_test(test_fingerprint__kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
