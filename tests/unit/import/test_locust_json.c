#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imported.h"

#define FORMAT "Locust JSON"
/* Counts, exact times and rounded ones of an endpoint. */
#define OBJECT(name, requests, none, failures, sum, least, most, times)                            \
    "{\"name\":\"" name "\",\"method\":\"GET\",\"last_request_timestamp\":1700000010.5,"           \
    "\"start_time\":1700000000.5,\"num_requests\":" requests ",\"num_none_requests\":" none        \
    ",\"num_failures\":" failures ",\"total_response_time\":" sum ",\"max_response_time\":" most   \
    ",\"min_response_time\":" least ",\"total_content_length\":100,\"response_times\":{" times     \
    "},\"num_reqs_per_sec\":{},\"num_fail_per_sec\":{}}"
#define A OBJECT("/a", "4", "0", "1", "2360.5", "4.25", "2345", "\"4\":2,\"7\":1,\"2300\":1")

static void test_locust_json__has_histograms(void **state)
{
    (void)state;
    struct report report = imported_well(
        "[" A "," OBJECT("/b", "1", "0", "0", "10", "10", "10", "\"10\":1") "]", FORMAT);
    assert_int_equal(report.metrics.total_requests, 5);
    assert_int_equal(report.metrics.total_failures, 1);
    assert_true(report.metrics.average_ms == 2370.5 / 5);
    assert_true(report.metrics.max_ms == 2345 && report.metrics.min_ms == 4.25);
    assert_true(report.metrics.requests_per_s == 0.5);
    assert_int_equal(report.duration_ns, INT64_C(10000000000));
    assert_int_equal(report.resolution_ns, 100 * 1000000);
    const struct report_endpoint *a = imported_endpoint(&report, "GET", "/a");
    assert_int_equal(a->histogram.count, 4);
    assert_true(fabs(a->metrics.median_ms - 4.25) < 0.05);
    assert_true(a->metrics.p95_ms == 2345);
    assert_true(a->content_bytes == 25);
    imported_reads_back(&report);
    report_release(&report);
}

static void test_locust_json__counts_requests_without_a_time(void **state)
{
    (void)state;
    struct report report = imported_well(
        "[" OBJECT("/a", "3", "1", "0", "20", "8", "12", "\"8\":1,\"12\":1") "]", FORMAT);
    assert_int_equal(report.metrics.total_requests, 3);
    assert_true(report.metrics.average_ms == 10);
    assert_int_equal(report.endpoints[0].histogram.count, 0);
    imported_reads_back(&report);
    report_release(&report);
    report = imported_well("[" OBJECT("/a", "0", "0", "0", "0", "null", "0", "") "]", FORMAT);
    assert_false(report.health.valid);
    imported_reads_back(&report);
    report_release(&report);
}

static void test_locust_json__refuses_what_does_not_add_up(void **state)
{
    (void)state;
    imported_not("[" OBJECT("/a", "3", "0", "0", "20", "8", "12", "\"8\":1,\"12\":1") "]", FORMAT,
                 "'f': [0]: expected 3 requests in response_times, as num_requests says, found 2");
    imported_not("[" OBJECT("/a", "2", "0", "3", "20", "8", "12", "\"8\":1,\"12\":1") "]", FORMAT,
                 "'f': [0]: num_failures is larger than num_requests");
    imported_not("[" OBJECT("/a", "2", "0", "0", "20", "13", "12", "\"8\":1,\"12\":1") "]", FORMAT,
                 "'f': [0]: min_response_time is larger than max_response_time");
    imported_not("[" OBJECT("/a", "1", "0", "0", "20", "8", "12", "\"eight\":1") "]", FORMAT,
                 "'f': [0].response_times.eight: expected a time in ms");
    imported_not("[" A "," A "]", FORMAT,
                 "'f': 'GET /a' is there twice; expected an object for each");
    imported_not("[{\"num_requests\":1,\"response_times\":{}}]", FORMAT,
                 "'f': [0]: expected the key 'name'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_locust_json__has_histograms),
        cmocka_unit_test(test_locust_json__counts_requests_without_a_time),
        cmocka_unit_test(test_locust_json__refuses_what_does_not_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
