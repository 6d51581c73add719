#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "import/collect.h"
#include "imported.h"

#define FORMAT "JMeter JTL, CSV"
#define HEAD                                                                                       \
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,"            \
    "failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n"
#define ROW(time, elapsed, label, code, success)                                                   \
    time "," elapsed "," label "," code ",OK,T 1-1,text," success ",,120,80,1,2,http://h/,1,0,0\n"

static void expect_close(double value, double expected)
{
    assert_true(fabs(value - expected) <= expected / 128);
}

static void test_jtl__makes_a_report_of_single_requests(void **state)
{
    (void)state;
    struct report report =
        imported_well(HEAD ROW("1700000000000", "10", "Home", "200", "true")
                          ROW("1700000000500", "30", "Home", "200", "true")
                              ROW("1700000001000", "1000", "\"Log, in\"", "503", "false"),
                      FORMAT);
    assert_int_equal(report.metrics.total_requests, 3);
    assert_int_equal(report.metrics.total_failures, 1);
    assert_true(report.metrics.average_ms == 1040 / 3.0);
    assert_true(report.metrics.max_ms == 1000);
    assert_int_equal(report.started_ns, INT64_C(1700000000000) * 1000000);
    assert_int_equal(report.duration_ns, INT64_C(2000000000));
    assert_true(report.metrics.requests_per_s == 1.5);
    assert_int_equal(report.resolution_ns, 1000000);
    assert_int_equal(report.users, 2);
    assert_true(report.health.valid);
    assert_int_equal(report.n_endpoints, 2);
    const struct report_endpoint *home = imported_endpoint(&report, "", "Home");
    assert_int_equal(home->metrics.total_requests, 2);
    assert_int_equal(home->histogram.count, 2);
    assert_true(home->content_bytes == 120);
    expect_close(home->metrics.median_ms, 10);
    assert_int_equal(imported_endpoint(&report, "", "Log, in")->metrics.total_failures, 1);
    assert_int_equal(report.n_errors, 1);
    assert_string_equal(report.errors[0].kind, "status");
    assert_string_equal(report.errors[0].message, "503 OK");
    imported_reads_back(&report);
    report_release(&report);
}

static void test_jtl__has_a_series_by_the_second_of_the_end(void **state)
{
    (void)state;
    struct report report = imported_well(HEAD ROW("1700000000000", "1500", "a", "200", "true")
                                             ROW("1700000000100", "10", "a", "200", "true")
                                                 ROW("1700000003000", "20", "a", "500", "false"),
                                         FORMAT);
    const struct report_series *series = report.series;
    assert_non_null(series);
    assert_int_equal(series->n_requests, 4);
    assert_int_equal(series->requests[0], 1);
    assert_int_equal(series->requests[1], 1);
    assert_int_equal(series->requests[2], 0);
    assert_true(isnan(series->average_ms[2]));
    assert_int_equal(series->failures[3], 1);
    expect_close(series->p95_ms[1], 1500);
    report_release(&report);
}

static void test_jtl__knows_no_quantile_of_a_second_that_comes_too_late(void **state)
{
    (void)state;
    struct report report = imported_well(HEAD ROW("1700000000000", "10", "a", "200", "true")
                                             ROW("1700000100000", "10", "a", "200", "true")
                                                 ROW("1700000000100", "30", "a", "200", "true"),
                                         FORMAT);
    /* 1700000000 and 1700000100 have places of their own; 64 seconds later it has the same. */
    assert_int_equal(report.series->requests[0], 2);
    assert_true(report.series->average_ms[0] == 20);
    report_release(&report);
    report = imported_well(HEAD ROW("1700000000000", "10", "a", "200", "true")
                               ROW("1700000064000", "10", "a", "200", "true")
                                   ROW("1700000000100", "30", "a", "200", "true"),
                           FORMAT);
    assert_int_equal(report.series->requests[0], 2);
    assert_true(report.series->average_ms[0] == 20);
    assert_true(isnan(report.series->p95_ms[0]));
    expect_close(report.series->p95_ms[64], 10);
    report_release(&report);
}

static void test_jtl__finds_columns_and_delimiters(void **state)
{
    (void)state;
    struct report report = imported_well("label;success;elapsed\nx;true;7\ny;FALSE;8\n", FORMAT);
    assert_int_equal(report.metrics.total_failures, 1);
    assert_int_equal(report.started_ns, 0);
    assert_true(isnan(report.metrics.requests_per_s));
    assert_null(report.series);
    imported_reads_back(&report);
    report_release(&report);
    report = imported_well("elapsed\tsuccess\n7\ttrue\n", FORMAT);
    assert_non_null(imported_endpoint(&report, "", "all requests"));
    report_release(&report);
}

static void test_jtl__needs_no_names(void **state)
{
    (void)state;
    struct report report = imported_well(ROW("1700000000000", "10", "\"a,b\"", "200", "true")
                                             ROW("1700000000000", "10", "c", "404", "false"),
                                         FORMAT);
    assert_int_equal(report.metrics.total_requests, 2);
    assert_non_null(imported_endpoint(&report, "", "a,b"));
    assert_int_equal(imported_endpoint(&report, "", "c")->metrics.total_failures, 1);
    report_release(&report);
}

static void test_jtl__takes_dates(void **state)
{
    (void)state;
    struct report report =
        imported_well("timeStamp,elapsed,success\n2023/11/14 22:13:20.250,5,true\n"
                      "2023-11-14T23:13:20.500+01:00,5,true\n",
                      FORMAT);
    assert_int_equal(report.started_ns, INT64_C(1700000000250) * 1000000);
    assert_int_equal(report.duration_ns, INT64_C(255000000));
    assert_int_equal(report.health.n_notes, 1);
    report_release(&report);
}

#define TRANSACTION(n) TRANSACTION_OF("Whole", n)
#define TRANSACTION_OF(name, n)                                                                    \
    "1700000000000,40," name ",200,\"Number of samples in transaction : " n                        \
    ", number of failing samples : 0\",T,,true,,1,1,1,1,,0,0,0\n"

static void test_jtl__counts_nothing_twice(void **state)
{
    (void)state;
    struct report report =
        imported_well(HEAD ROW("1700000000000", "10", "a", "200", "true")
                          ROW("1700000000010", "30", "b", "200", "true") TRANSACTION("2"),
                      FORMAT);
    assert_int_equal(report.metrics.total_requests, 2);
    assert_null(imported_endpoint(&report, "", "Whole"));
    assert_int_equal(report.health.n_notes, 1);
    assert_string_equal(report.health.notes[0], "1 row of transactions was left out, because what "
                                                "it is of is counted already");
    report_release(&report);
    report = imported_well(HEAD TRANSACTION("2") TRANSACTION("2"), FORMAT);
    assert_int_equal(imported_endpoint(&report, "", "Whole")->metrics.total_requests, 2);
    assert_int_equal(report.health.n_notes, 0);
    report_release(&report);
    imported_not(HEAD ROW("1700000000000", "10", "a", "200", "true") TRANSACTION("5"), FORMAT,
                 "'f': 1 transactions are of more samples than the file has, but it has others "
                 "beside them; let the controllers generate parent samples all or none");
}

static void test_jtl__takes_transactions_that_lie_in_each_other(void **state)
{
    (void)state;
    struct report report =
        imported_well(HEAD ROW("1700000000000", "10", "a", "200", "true")
                          ROW("1700000000010", "30", "b", "200", "true")
                              ROW("1700000000010", "30", "c", "200", "true")
                                  TRANSACTION_OF("Inner", "3") TRANSACTION_OF("Outer", "3"),
                      FORMAT);
    assert_int_equal(report.metrics.total_requests, 3);
    report_release(&report);
}

static void test_jtl__is_of_single_samples_alone(void **state)
{
    (void)state;
    imported_not("elapsed,label,success,SampleCount,ErrorCount\n9,a,true,1,0\n90,a,true,8,0\n",
                 FORMAT,
                 "'f' line 3: SampleCount: expected 1, found 8 requests in one sample, whose "
                 "single times are not known; let the remote engines send with "
                 "mode=StrippedBatch");
}

static void test_jtl__names_the_line_of_a_fault(void **state)
{
    (void)state;
    imported_not(
        HEAD ROW("1700000000000", "10", "a", "200", "true") "1700000000001,5,a,20", FORMAT,
        "'f' line 3: expected 17 fields, one for each column, found 4; the file may be cut "
        "off or of several formats: write it again");
    imported_not(HEAD ROW("1700000000000", "1.5", "a", "200", "true"), FORMAT,
                 "'f' line 2: elapsed: expected a whole number, found '1.5'");
    imported_not(HEAD ROW("yesterday", "1", "a", "200", "true"), FORMAT,
                 "'f' line 2: timeStamp: expected ms since 1970 or a date as 2026/11/26 "
                 "10:15:27.123, found 'yesterday'; set "
                 "jmeter.save.saveservice.timestamp_format=ms");
    imported_not(HEAD ROW("1700000000", "1", "a", "200", "true"), FORMAT,
                 "'f' line 2: timeStamp: expected ms since 1970, found 1700000000, which is a time "
                 "of this century in s only; multiply by 1000");
    imported_not(HEAD ROW("1700000000000", "1", "a", "200", "maybe"), FORMAT,
                 "'f' line 2: success: expected true or false, found 'maybe'");
    imported_not("timeStamp,elapsed,label\n1700000000000,1,a\n", FORMAT,
                 "'f' line 1: expected a column 'success', without which failures are not known; "
                 "let JMeter save it (jmeter.save.saveservice.successful=true)");
}

static void test_jtl__is_partial_only_where_asked(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    assert_int_equal(imported(HEAD ROW("1700000000000", "10", "a", "200", "true") "17,x\n17,\"5",
                              FORMAT, true, &report, &err),
                     0);
    assert_int_equal(report.metrics.total_requests, 1);
    assert_int_equal(report.health.n_notes, 2);
    assert_string_equal(report.health.notes[0],
                        "read only up to a fault: 'f' line 4: a quoted field is not closed when "
                        "the file ends");
    assert_non_null(strstr(report.health.notes[1], "1 row could not be read and was left out, "
                                                   "first 'f' line 3: expected 17 fields"));
    report_release(&report);
}

static void test_jtl__without_rows_is_invalid(void **state)
{
    (void)state;
    struct report report = imported_well(HEAD, FORMAT);
    assert_false(report.health.valid);
    assert_int_equal(report.metrics.total_requests, 0);
    imported_reads_back(&report);
    report_release(&report);
}

static void test_jtl__limits_names(void **state)
{
    (void)state;
    struct buf text = {0};
    struct report report;
    struct err err = {0};
    buf_add_str(&text, "label,elapsed,success\n");
    for (int i = 0; i < COLLECT_ENDPOINTS; i++)
        buf_addf(&text, "name %d,1,true\n", i);
    report = imported_well(buf_text(&text), FORMAT);
    assert_int_equal(report.n_endpoints, COLLECT_ENDPOINTS);
    report_release(&report);
    buf_add_str(&text, "one more,1,true\n");
    assert_int_equal(imported(buf_text(&text), FORMAT, false, &report, &err), -1);
    assert_string_equal(err.text,
                        "'f' line 1002: more than 1000 names of requests; give requests that "
                        "differ in an id alone one name in the load test");
    buf_release(&text);
}

static void test_jtl__keeps_hostile_text_readable(void **state)
{
    (void)state;
    struct report report = imported_well("label,elapsed,success,responseMessage\n"
                                         "\xff\xfe<b>,1,false,\"two\nlines \xc3\"\n",
                                         FORMAT);
    assert_string_equal(report.endpoints[0].name, "\xef\xbf\xbd\xef\xbf\xbd<b>");
    imported_reads_back(&report);
    report_release(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jtl__makes_a_report_of_single_requests),
        cmocka_unit_test(test_jtl__has_a_series_by_the_second_of_the_end),
        cmocka_unit_test(test_jtl__knows_no_quantile_of_a_second_that_comes_too_late),
        cmocka_unit_test(test_jtl__finds_columns_and_delimiters),
        cmocka_unit_test(test_jtl__needs_no_names),
        cmocka_unit_test(test_jtl__takes_dates),
        cmocka_unit_test(test_jtl__counts_nothing_twice),
        cmocka_unit_test(test_jtl__takes_transactions_that_lie_in_each_other),
        cmocka_unit_test(test_jtl__is_of_single_samples_alone),
        cmocka_unit_test(test_jtl__names_the_line_of_a_fault),
        cmocka_unit_test(test_jtl__is_partial_only_where_asked),
        cmocka_unit_test(test_jtl__without_rows_is_invalid),
        cmocka_unit_test(test_jtl__limits_names),
        cmocka_unit_test(test_jtl__keeps_hostile_text_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
