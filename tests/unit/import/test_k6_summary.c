#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imported.h"

#define FORMAT "k6 summary"
#define TREND  "\"avg\":12.5,\"min\":1,\"med\":10.25,\"max\":90,\"p(90)\":30,\"p(95)\":40"

/* What all three say. */
static void expect_figures(const char *text)
{
    struct report report = imported_well(text, FORMAT);
    assert_int_equal(report.metrics.total_requests, 1000);
    assert_int_equal(report.metrics.total_failures, 20);
    assert_true(report.metrics.error_rate == 0.02);
    assert_true(report.metrics.requests_per_s == 50);
    assert_true(report.metrics.average_ms == 12.5);
    assert_true(report.metrics.median_ms == 10.25);
    assert_true(report.metrics.p95_ms == 40);
    assert_true(isnan(report.metrics.p99_ms));
    assert_int_equal(report.n_endpoints, 0);
    assert_true(report.health.valid);
    imported_reads_back(&report);
    report_release(&report);
}

static void test_k6_summary__has_three_shapes(void **state)
{
    (void)state;
    expect_figures("{\"root_group\":{\"name\":\"\",\"groups\":{},\"checks\":{}},\"metrics\":{"
                   "\"http_reqs\":{\"count\":1000,\"rate\":50},"
                   "\"http_req_duration{name:a}\":{\"avg\":1},"
                   "\"http_req_duration\":{" TREND ",\"thresholds\":{\"p(95)<1\":true}},"
                   "\"http_req_failed\":{\"passes\":20,\"fails\":980,\"value\":0.02}}}");
    expect_figures("\n{\"root_group\":{\"groups\":[]},\"options\":{},"
                   "\"state\":{\"testRunDurationMs\":20000},\"metrics\":{"
                   "\"http_req_failed\":{\"type\":\"rate\",\"values\":{\"rate\":0.02,\"passes\":20,"
                   "\"fails\":980}},"
                   "\"http_req_duration\":{\"type\":\"trend\",\"values\":{" TREND "}},"
                   "\"http_reqs\":{\"type\":\"counter\",\"values\":{\"count\":1000}}}}");
    expect_figures("{\"version\":\"1.0.0\",\"metadata\":{\"k6Version\":\"1.5.0\"},"
                   "\"config\":{\"duration\":20},\"results\":{\"checks\":{},\"metrics\":["
                   "{\"name\":\"vus\",\"values\":{}},"
                   "{\"name\":\"http_req_duration\",\"type\":\"trend\",\"values\":{" TREND "}},"
                   "{\"name\":\"http_req_failed\",\"values\":{\"matches\":20,\"total\":1000,"
                   "\"rate\":0.02}},"
                   "{\"name\":\"http_reqs\",\"values\":{\"count\":1000}}]}}");
}

static void test_k6_summary__invents_no_count(void **state)
{
    (void)state;
    imported_not("{\"metrics\":{\"http_reqs\":{\"count\":10}}}", FORMAT,
                 "'f': expected the metric 'http_req_failed'; summaries without it do not say how "
                 "many requests there were, or failed");
    imported_not("{\"metrics\":{\"http_reqs\":{\"count\":10},\"http_req_failed\":{\"rate\":0}}}",
                 FORMAT, "'f': metrics.http_req_failed: expected the key 'passes'");
    imported_not("{\"metrics\":{\"http_reqs\":{\"count\":1},\"http_req_failed\":{\"passes\":2}}}",
                 FORMAT, "'f': http_req_failed has more failures than http_reqs requests");
    imported_not("{\"metrics\":{\"http_reqs\":{\"count\":1},\"http_req_failed\":{\"passes\":0}}}",
                 FORMAT, "'f': expected the metric 'http_req_duration', as k6 writes it");
    imported_not("{\"metrics\":{\"http_reqs\":{\"count\":1},\"http_req_failed\":{\"passes\":0},"
                 "\"http_req_duration\":{\"avg\":-1}}}",
                 FORMAT,
                 "'f': metrics.http_req_duration.avg: expected a number from 0 to 1e+12, found -1");
}

static void test_k6_summary__takes_no_duration_that_no_run_has(void **state)
{
    (void)state;
    struct report report = imported_well(
        "{\"state\":{\"testRunDurationMs\":9000000001},\"metrics\":{\"http_reqs\":{\"count\":1},"
        "\"http_req_failed\":{\"passes\":0},\"http_req_duration\":{\"avg\":1}}}",
        FORMAT);
    assert_int_equal(report.duration_ns, 0);
    assert_string_equal(report.health.notes[0],
                        "the run would have lasted more than 104 days, which is not taken");
    imported_reads_back(&report);
    report_release(&report);
}

static void test_k6_summary__without_requests_is_invalid(void **state)
{
    (void)state;
    struct report report = imported_well(
        "{\"metrics\":{\"http_reqs\":{\"count\":0},\"http_req_failed\":{\"passes\":0}}}", FORMAT);
    assert_false(report.health.valid);
    imported_reads_back(&report);
    report_release(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_k6_summary__has_three_shapes),
        cmocka_unit_test(test_k6_summary__invents_no_count),
        cmocka_unit_test(test_k6_summary__takes_no_duration_that_no_run_has),
        cmocka_unit_test(test_k6_summary__without_requests_is_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
