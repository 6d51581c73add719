#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "imported.h"

#define HEAD                                                                                       \
    "metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,"    \
    "name,proto,scenario,service,status,subproto,tls_version,url,extra_tags,metadata\n"
#define OTHER(time)                                                                                \
    "http_reqs," time ",1.000000,,,,true,,GET,http://h/a,HTTP/1.1,default,,200,,,http://h/a,,\n"
#define REQUEST(time, ms, expected, status)                                                        \
    "http_req_duration," time "," ms ",,,," expected ",,GET,http://h/a,HTTP/1.1,default,," status  \
    ",,,http://h/a,,\n"

static void test_k6__csv_has_requests_among_other_samples(void **state)
{
    (void)state;
    struct report report =
        imported_well(HEAD OTHER("1700000000") REQUEST("1700000000", "12.500000", "true", "200")
                          OTHER("1700000200") REQUEST("1700000200", "20.000000", "false", "503"),
                      "k6 CSV");
    assert_int_equal(report.metrics.total_requests, 2);
    assert_int_equal(report.metrics.total_failures, 1);
    assert_true(report.metrics.average_ms == 16.25);
    assert_int_equal(report.resolution_ns, 0);
    assert_int_equal(report.source->latency, LATENCY_WITHOUT_CONNECT);
    assert_int_equal(report.duration_ns, INT64_C(200012500000));
    assert_non_null(imported_endpoint(&report, "GET", "http://h/a"));
    assert_string_equal(report.errors[0].kind, "status");
    assert_string_equal(report.errors[0].message, "status 503");
    assert_string_equal(report.health.notes[0], "times are whole seconds");
    imported_reads_back(&report);
    report_release(&report);
}

/* In a second, the first start and the last end are those of one request. */
static void test_k6__invents_no_rate_from_whole_seconds(void **state)
{
    (void)state;
    struct report report = imported_well(HEAD REQUEST("1700000000", "12.500000", "true", "200")
                                             REQUEST("1700000000", "20.000000", "true", "200"),
                                         "k6 CSV");
    assert_true(isnan(report.metrics.requests_per_s));
    assert_int_equal(report.duration_ns, 0);
    imported_reads_back(&report);
    report_release(&report);
    report = imported_well(HEAD REQUEST("1700000000000", "10", "true", "200")
                               REQUEST("1700000000990", "20", "true", "200"),
                           "k6 CSV");
    assert_true(report.metrics.requests_per_s == 2);
    report_release(&report);
    /* timeFormat rfc3339 has whole seconds too. */
    report = imported_well(HEAD REQUEST("2023-11-14T22:13:20Z", "12.5", "true", "200")
                               REQUEST("2023-11-14T22:13:20Z", "20", "true", "200"),
                           "k6 CSV");
    assert_true(isnan(report.metrics.requests_per_s));
    assert_string_equal(report.health.notes[0], "times are whole seconds, so that the rate of so "
                                                "short a run is not known");
    report_release(&report);
    report = imported_well(HEAD REQUEST("2023-11-14T22:13:20.010Z", "10", "true", "200"), "k6 CSV");
    assert_int_equal(report.started_ns, INT64_C(1700000000) * 1000000000);
    report_release(&report);
}

static void test_k6__csv_needs_what_tells_failures(void **state)
{
    (void)state;
    imported_not("metric_name,timestamp,metric_value,name\nhttp_req_duration,1700000000,1,a\n",
                 "k6 CSV",
                 "'f' line 1: expected a column 'expected_response' or 'status', without which "
                 "failures are not known; add one to the option systemTags");
    struct report report = imported_well("metric_name,timestamp,metric_value,status,error_code\n"
                                         "http_req_duration,1700000000,1,404,1404\n"
                                         "http_req_duration,1700000000,1,0,1212\n"
                                         "http_req_duration,1700000000,1,302,\n",
                                         "k6 CSV");
    assert_int_equal(report.metrics.total_failures, 2);
    report_release(&report);
    report = imported_well("metric_name,timestamp,metric_value,url,status\n"
                           "http_req_duration,1700000000,1,http://h/a,404\n"
                           "http_req_duration,1700000000,1,http://h/a,0\n"
                           "http_req_duration,1700000000,1,http://h/a,302\n",
                           "k6 CSV");
    assert_int_equal(imported_endpoint(&report, "", "http://h/a")->metrics.total_failures, 2);
    report_release(&report);
    report = imported_well("metric_name,timestamp,metric_value,status,error_code\n"
                           "http_req_duration,1700000000,1,,1212\n"
                           "http_req_duration,1700000000,1,,\n",
                           "k6 CSV");
    assert_int_equal(report.metrics.total_failures, 1);
    report_release(&report);
    imported_not(HEAD REQUEST("17", "1", "true", "200"), "k6 CSV",
                 "'f' line 2: timestamp: expected RFC 3339, or s, ms, us or ns since 1970, found "
                 "'17'");
    imported_not(HEAD REQUEST("1700000000", "x", "true", "200"), "k6 CSV",
                 "'f' line 2: metric_value: expected a number that is not negative, found 'x'");
    imported_not(HEAD REQUEST("1700000000", "1", "true", "200")
                     HEAD REQUEST("1700000000", "1", "true", "200"),
                 "k6 CSV",
                 "'f' line 3: the columns are named again; expected the samples of one run, read "
                 "each alone");
}

#define METRIC                                                                                     \
    "{\"type\":\"Metric\",\"data\":{\"name\":\"http_req_duration\",\"type\":\"trend\","            \
    "\"contains\":\"time\",\"thresholds\":[],\"submetrics\":null},"                                \
    "\"metric\":\"http_req_duration\"}\n"
#define POINT(time, ms, tags)                                                                      \
    "{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":{\"time\":\"" time              \
    "\",\"value\":" ms ",\"tags\":{\"method\":\"POST\",\"name\":\"a\"," tags "}}}\n"
#define GOOD "\"expected_response\":\"true\",\"status\":\"200\""
#define BAD  "\"expected_response\":\"false\",\"status\":\"0\",\"error\":\"dial: i/o timeout\""

static void test_k6__json_has_a_line_for_each_sample(void **state)
{
    (void)state;
    struct report report = imported_well(
        METRIC "{\"metric\":\"http_reqs\",\"type\":\"Point\",\"data\":{\"time\":\"x\"}}\n" POINT(
            "2023-11-14T23:13:20.5+01:00", "500", GOOD)
            POINT("2023-11-14T22:13:21.5Z", "250.125", BAD),
        "k6 NDJSON");
    assert_int_equal(report.metrics.total_requests, 2);
    assert_int_equal(report.metrics.total_failures, 1);
    assert_true(report.metrics.max_ms == 500);
    assert_int_equal(report.duration_ns, INT64_C(1500000000));
    assert_non_null(imported_endpoint(&report, "POST", "a"));
    assert_string_equal(report.errors[0].kind, "timeout");
    assert_string_equal(report.errors[0].message, "dial: i/o timeout");
    imported_reads_back(&report);
    report_release(&report);
}

static void test_k6__json_goes_over_the_pieces_of_a_stream(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_add_str(&text, METRIC);
    for (int i = 0; i < 2000; i++)
        buf_addf(&text, POINT("2023-11-14T22:13:%02d.%03dZ", "%d", GOOD), i / 1000 + 20, i % 1000,
                 i % 10 + 1);
    text.data[--text.len] = 0; /* without the last line's end */
    struct report report = imported_well(buf_text(&text), "k6 NDJSON");
    assert_int_equal(report.metrics.total_requests, 2000);
    assert_true(report.metrics.average_ms == 5.5);
    report_release(&report);
    buf_release(&text);
}

static void test_k6__json_names_the_line_of_a_fault(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    static const char cut[] =
        METRIC POINT("2023-11-14T22:13:20.5Z", "1",
                     GOOD) "{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"da";
    imported_not(cut, "k6 NDJSON",
                 "'f' line 3: expected a JSON object, as k6 writes it; the file may be cut off");
    assert_int_equal(imported(cut, "k6 NDJSON", true, &report, &err), 0);
    assert_int_equal(report.metrics.total_requests, 1);
    assert_int_equal(report.health.n_notes, 1);
    report_release(&report);
    imported_not(METRIC POINT("2023-11-14T22:13:20Z", "1", "\"proto\":\"x\""), "k6 NDJSON",
                 "'f' line 2: expected a tag 'expected_response' or 'status', without which "
                 "failures are not known; add one to the option systemTags");
    imported_not(METRIC POINT("soon", "1", GOOD), "k6 NDJSON",
                 "'f' line 2: timestamp: expected RFC 3339, or s, ms, us or ns since 1970, found "
                 "'soon'");
}

/* Of lines that are no requests no more than this is looked at. */
static void test_k6__json_finds_a_line_of_another_metric_that_was_cut_off(void **state)
{
    (void)state;
    static const char message[] =
        "'f' line 3: expected a JSON object, as k6 writes it; the file may be cut off";
    imported_not(METRIC POINT("2023-11-14T22:13:20Z", "1",
                              GOOD) "{\"metric\":\"http_reqs\",\"type\":\"Point\",\"da",
                 "k6 NDJSON", message);
    imported_not(METRIC POINT("2023-11-14T22:13:20Z", "1",
                              GOOD) "ts\"}}\n" POINT("2023-11-14T22:13:20Z", "1", GOOD),
                 "k6 NDJSON", message);
    struct report report = imported_well(
        METRIC
        "\n\r\n" POINT("2023-11-14T22:13:20Z", "1", GOOD) "{\"metric\":\"http_reqs\"}\r\n" POINT(
            "2023-11-14T22:13:21Z", "2", GOOD),
        "k6 NDJSON");
    assert_int_equal(report.metrics.total_requests, 2);
    report_release(&report);
}

/* As k6 wrote it before version 2: the metric last, and blanks are allowed anywhere. */
static void test_k6__json_may_have_its_keys_in_another_order(void **state)
{
    (void)state;
    struct report report = imported_well(
        METRIC "{\"type\":\"Point\",\"data\":{\"time\":\"2023-11-14T22:13:20Z\",\"value\":4,"
               "\"tags\":{" GOOD "}},\"metric\":\"http_req_duration\"}\n"
               "{ \"metric\": \"http_req_duration\", \"type\": \"Point\", \"data\": {\"time\": "
               "\"2023-11-14T22:13:20Z\", \"value\": 6, \"tags\": {" GOOD "}}}\n",
        "k6 NDJSON");
    assert_int_equal(report.metrics.total_requests, 2);
    assert_true(report.metrics.average_ms == 5);
    report_release(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_k6__csv_has_requests_among_other_samples),
        cmocka_unit_test(test_k6__invents_no_rate_from_whole_seconds),
        cmocka_unit_test(test_k6__csv_needs_what_tells_failures),
        cmocka_unit_test(test_k6__json_has_a_line_for_each_sample),
        cmocka_unit_test(test_k6__json_goes_over_the_pieces_of_a_stream),
        cmocka_unit_test(test_k6__json_names_the_line_of_a_fault),
        cmocka_unit_test(test_k6__json_finds_a_line_of_another_metric_that_was_cut_off),
        cmocka_unit_test(test_k6__json_may_have_its_keys_in_another_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
