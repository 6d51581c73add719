#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imported.h"

#define SUMMARY                                                                                    \
    "\nSummary:\n  Total:\t0.5000 secs\n  Slowest:\t0.0071 secs\n  Fastest:\t0.0010 secs\n"        \
    "  Average:\t0.0025 secs\n  Requests/sec:\t2714.5495\n  \n  Total data:\t160 bytes\n\n"
#define LATENCIES                                                                                  \
    "Latency distribution:\n  50% in 0.0025 secs\n  95% in 0.0046 secs\n\n"                        \
    "Details (average, fastest, slowest):\n  DNS+dialup:\t0.0000 secs, 0.0009 secs, 0.0071 secs\n"
#define BARS(n) "Response time histogram:\n  0.001 [1]\t|\n  0.002 [" n "]\t|=====\n\n"

static void test_hey__has_figures_and_failures(void **state)
{
    (void)state;
    struct report report = imported_well(SUMMARY BARS("399") LATENCIES
                                         "\nStatus code distribution:\n  [200]\t373 responses\n"
                                         "  [500]\t27 responses\n\nError distribution:\n"
                                         "  [20]\tGet \"http://h/\": dial tcp: connect: connection "
                                         "refused\n\n",
                                         "hey");
    assert_int_equal(report.metrics.total_requests, 420);
    assert_int_equal(report.metrics.total_failures, 47);
    assert_true(fabs(report.metrics.average_ms - 2.5) < 1e-9);
    assert_true(fabs(report.metrics.p95_ms - 4.6) < 1e-9);
    assert_true(fabs(report.metrics.max_ms - 7.1) < 1e-9);
    assert_true(isnan(report.metrics.p99_ms));
    assert_int_equal(report.resolution_ns, 100000);
    assert_int_equal(report.duration_ns, 500000000);
    assert_string_equal(report.errors[0].message, "status 500");
    assert_string_equal(report.errors[1].kind, "refused");
    imported_reads_back(&report);
    report_release(&report);
}

static void test_hey__average_of_a_long_run_is_wrong(void **state)
{
    (void)state;
    struct report report = imported_well(SUMMARY BARS("999999") LATENCIES
                                         "Status code distribution:\n  [200]\t1000000 responses\n",
                                         "hey");
    assert_int_equal(report.metrics.total_requests, 1000000);
    assert_true(isnan(report.metrics.average_ms));
    assert_true(fabs(report.metrics.p95_ms - 4.6) < 1e-9);
    assert_int_equal(report.health.n_notes, 1);
    report_release(&report);
}

static void test_hey__without_responses_has_no_latency(void **state)
{
    (void)state;
    struct report report = imported_well(
        "\nSummary:\n  Total:\t0.0031 secs\n  Slowest:\t0.0000 secs\n  Fastest:\t0.0000 secs\n"
        "  Average:\t NaN secs\n  Requests/sec:\t6363.7440\n\nResponse time histogram:\n\n\n"
        "Latency distribution:\n\nStatus code distribution:\n\nError distribution:\n"
        "  [20]\tcontext deadline exceeded\n",
        "hey");
    assert_int_equal(report.metrics.total_failures, 20);
    assert_true(isnan(report.metrics.max_ms) && isnan(report.metrics.average_ms));
    assert_string_equal(report.errors[0].kind, "timeout");
    imported_reads_back(&report);
    report_release(&report);
}

static void test_hey__is_refused_when_it_is_not_whole(void **state)
{
    (void)state;
    imported_not(SUMMARY BARS("399") LATENCIES, "hey",
                 "'f': expected a line 'Status code distribution:'; the file may be cut off");
    imported_not(SUMMARY BARS("399") "Status code distribution:\n  [200]\t373 responses\n", "hey",
                 "'f': the histogram has 400 responses, but the status codes are of 373; the file "
                 "may be cut off");
    imported_not(SUMMARY BARS("399") "Status code distribution:\n  [200]\t37", "hey",
                 "'f' line 16: expected a line as '[200] 400 responses'; the file may be cut off");
    imported_not(SUMMARY BARS("many"), "hey",
                 "'f' line 13: count: expected a whole number, found 'many'");
}

#define HEY_HEAD                                                                                   \
    "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset\n"
#define OHA_HEAD "request-start,DNS,DNS+dialup,Response-delay,request-duration,bytes,status\n"

/* hey ends its last line with none. */
static void test_hey__csv_has_samples(void **state)
{
    (void)state;
    struct report report = imported_well(HEY_HEAD "0.0034,0,0,0,0,0,200,0.1000\n"
                                                  "0.0050,0,0,0,0,0,500,0.5950",
                                         "hey CSV");
    assert_int_equal(report.metrics.total_requests, 2);
    assert_int_equal(report.metrics.total_failures, 1);
    assert_int_equal(report.duration_ns, 500000000);
    assert_true(fabs(report.metrics.requests_per_s - 4) < 1e-9);
    assert_int_equal(report.resolution_ns, 100000);
    assert_int_equal(report.started_ns, 0);
    assert_true(report.endpoints[0].histogram.n == 2);
    imported_reads_back(&report);
    report_release(&report);
    imported_not(HEY_HEAD "0.0034,0,0,0,0,0,two,0.1\n", "hey CSV",
                 "'f' line 2: status-code: expected a whole number, found 'two'");
}

static void test_hey__ohas_csv_is_like_it(void **state)
{
    (void)state;
    struct report report = imported_well(OHA_HEAD "0.1,0,0,0,0.004000001,512,200\n", "oha CSV");
    assert_true(report.metrics.max_ms == 4.000001);
    assert_true(report.endpoints[0].content_bytes == 512);
    assert_int_equal(report.resolution_ns, 0);
    report_release(&report);
    imported_not(OHA_HEAD "0.1,0,0,0,0.004,512,200\n0.2,0,0,0,0.004,512,20", "oha CSV",
                 "'f' line 3: expected a line end; the file is cut off within its last line: write "
                 "it again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hey__has_figures_and_failures),
        cmocka_unit_test(test_hey__average_of_a_long_run_is_wrong),
        cmocka_unit_test(test_hey__without_responses_has_no_latency),
        cmocka_unit_test(test_hey__is_refused_when_it_is_not_whole),
        cmocka_unit_test(test_hey__csv_has_samples),
        cmocka_unit_test(test_hey__ohas_csv_is_like_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
