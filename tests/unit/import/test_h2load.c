#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imported.h"

#define CLIENTS                                                                                    \
    "spawning thread #0: 5 total client(s). 200 total requests\n"                                  \
    "spawning thread #1: 3 total client(s). 200 total requests\n"                                  \
    "finished in 126.28ms, 3167.46 req/s, 12.59MB/s\n"
#define COUNTS                                                                                     \
    "requests: 400 total, 400 started, 395 done, 368 succeeded, 32 failed, 5 errored, 2 timeout\n" \
    "status codes: 368 2xx, 0 3xx, 7 4xx, 20 5xx\n"
#define TABLE "                     min         max         mean         sd        +/- sd\n"
#define TIMES "time for request:      792us      5.07ms      2.34ms       833us    68.25%\n"
#define END   "req/s           :     401.89      451.67      424.55       15.86    62.50%\n"

static void test_h2load__has_no_percentiles(void **state)
{
    (void)state;
    struct report report = imported_well(CLIENTS COUNTS TABLE TIMES END, "h2load");
    assert_int_equal(report.metrics.total_requests, 400);
    assert_int_equal(report.metrics.total_failures, 32);
    assert_true(report.metrics.min_ms == 0.792);
    assert_true(report.metrics.max_ms == 5.07);
    assert_true(report.metrics.average_ms == 2.34);
    assert_true(isnan(report.metrics.p95_ms) && isnan(report.metrics.median_ms));
    assert_int_equal(report.users, 8);
    assert_int_equal(report.resolution_ns, 10000);
    assert_string_equal(report.errors[0].kind, "status");
    assert_int_equal(report.errors[0].count, 27);
    assert_int_equal(report.errors[1].count, 3);
    assert_string_equal(report.errors[2].kind, "timeout");
    imported_reads_back(&report);
    report_release(&report);
}

static void test_h2load__takes_columns_by_name(void **state)
{
    (void)state;
    struct report report = imported_well(
        CLIENTS COUNTS "   min  max  median  p95  p99  mean  sd  +/- sd\n"
                       "time for request: 1.00ms 9.00ms 2.00ms 3.00ms 4.00ms 2.50ms 1us 70%\n" END,
        "h2load");
    assert_true(report.metrics.median_ms == 2 && report.metrics.p95_ms == 3);
    assert_true(report.metrics.p99_ms == 4 && report.metrics.average_ms == 2.5);
    report_release(&report);
}

static void test_h2load__without_responses_has_no_latency(void **state)
{
    (void)state;
    struct report report = imported_well(
        "finished in 1.09ms, 0.00 req/s, 0B/s\n"
        "requests: 20 total, 0 started, 0 done, 0 succeeded, 20 failed, 20 errored, 0 timeout\n"
        "status codes: 0 2xx, 0 3xx, 0 4xx, 0 5xx\n" TABLE
        "time for request:        0us         0us         0us         0us     0.00%\n" END,
        "h2load");
    assert_int_equal(report.metrics.total_requests, 20);
    assert_int_equal(report.metrics.total_failures, 20);
    assert_true(isnan(report.metrics.average_ms));
    imported_reads_back(&report);
    report_release(&report);
}

static void test_h2load__is_refused_when_it_is_not_whole(void **state)
{
    (void)state;
    imported_not(CLIENTS COUNTS TABLE TIMES, "h2load",
                 "'f': expected a line 'req/s : N'; the file may be cut off");
    imported_not(CLIENTS COUNTS TIMES END, "h2load",
                 "'f': expected a line 'req/s : N'; the file may be cut off");
    imported_not(CLIENTS COUNTS TABLE "time for request: 1ms\n", "h2load",
                 "'f' line 7: expected a time for each column of the table");
    imported_not(CLIENTS "requests: 400 total, 400 started, 2 errored, \n" TIMES, "h2load",
                 "'f' line 4: expected a count that is 'done'");
}

static void test_h2load__log_has_samples(void **state)
{
    (void)state;
    struct report report = imported_well("1795695094694296\t200\t2772\n"
                                         "1795695094694130\t500\t3003\n"
                                         "1795695094694140\t-1\t10\n",
                                         "h2load log");
    assert_int_equal(report.metrics.total_requests, 3);
    assert_int_equal(report.metrics.total_failures, 2);
    assert_true(report.metrics.max_ms == 3.003);
    assert_int_equal(report.duration_ns, 3003000);
    assert_int_equal(report.started_ns, INT64_C(1795695094694130000));
    assert_non_null(report.series);
    imported_reads_back(&report);
    report_release(&report);
    imported_not("1795695094694296\t200\t2772\n1795695094694130\t500\t30", "h2load log",
                 "'f' line 2: expected a line end; the file is cut off within its last line: write "
                 "it again");
    imported_not("1795695094694296\t200\t2772\n1795695094694130\tfive\t30\n", "h2load log",
                 "'f' line 2: status: expected a whole number, found 'five'");
    imported_not("1795695094694296\t200\t2772\n179695094694130\t500\t30\n", "h2load log",
                 "'f' line 2: requests are more than 104 days apart; expected those of one run, "
                 "check the unit of the columns");
    imported_not("1795695094694296\t200\t2772\n1795695094694130\n", "h2load log",
                 "'f' line 2: expected 3 fields, one for each column, found 1; the file may be cut "
                 "off or of several formats: write it again");
}

#define JSON(requests, request)                                                                    \
    "{\"version\":\"v1\",\"measurements\":{\"duration\":2,\"request_per_second\":500,"             \
    "\"requests\":{" requests "},\"status_codes\":{\"2xx\":9,\"4xx\":0,\"5xx\":1},"                \
    "\"performance\":{\"request\":{" request "}}}}"

static void test_h2load__json_is_in_seconds(void **state)
{
    (void)state;
    struct report report = imported_well(
        JSON("\"done\":10,\"succeeded\":9,\"failed\":3,\"errored\":2,\"timeout\":1",
             "\"min\":0.001,\"max\":0.25,\"median\":0.002,\"p95\":0.125,\"mean\":0.5"),
        "h2load JSON");
    assert_int_equal(report.metrics.total_requests, 12);
    assert_int_equal(report.metrics.total_failures, 3);
    assert_true(report.metrics.max_ms == 250 && report.metrics.p95_ms == 125);
    assert_true(report.metrics.average_ms == 500 && isnan(report.metrics.p99_ms));
    assert_int_equal(report.duration_ns, 2000000000);
    imported_reads_back(&report);
    report_release(&report);
    imported_not(JSON("\"done\":10", ""), "h2load JSON",
                 "'f': measurements.requests: expected the key 'succeeded'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_h2load__has_no_percentiles),
        cmocka_unit_test(test_h2load__takes_columns_by_name),
        cmocka_unit_test(test_h2load__without_responses_has_no_latency),
        cmocka_unit_test(test_h2load__is_refused_when_it_is_not_whole),
        cmocka_unit_test(test_h2load__log_has_samples),
        cmocka_unit_test(test_h2load__json_is_in_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
