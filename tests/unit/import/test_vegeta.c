#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "imported.h"

#define REPORT(codes)                                                                              \
    "{\"latencies\":{\"total\":9,\"mean\":2500000,\"50th\":2000000,\"90th\":3000000,"              \
    "\"95th\":3500000,\"99th\":4000000,\"max\":5000000,\"min\":0},\"bytes_in\":{\"total\":1},"     \
    "\"earliest\":\"2026-01-31T12:00:00Z\",\"duration\":1500000000,\"wait\":500000000,"            \
    "\"requests\":40,\"rate\":26.7,\"success\":0.9,\"status_codes\":{" codes "},\"errors\":[]}"

/* `duration` ends with the last send. */
static void test_vegeta__rate_is_of_sends_and_waiting(void **state)
{
    (void)state;
    struct report report =
        imported_well(REPORT("\"0\":1,\"200\":34,\"302\":1,\"503\":4"), "vegeta report");
    assert_int_equal(report.metrics.total_requests, 40);
    assert_int_equal(report.metrics.total_failures, 5);
    assert_true(report.metrics.requests_per_s == 20);
    assert_int_equal(report.duration_ns, 2000000000);
    assert_true(report.metrics.average_ms == 2.5 && report.metrics.p95_ms == 3.5);
    assert_true(isnan(report.metrics.min_ms) && isnan(report.metrics.p999_ms));
    assert_string_equal(report.errors[1].message, "no response (0)");
    imported_reads_back(&report);
    report_release(&report);
    imported_not(REPORT("\"200\":34"), "vegeta report",
                 "'f': status_codes: expected the counts of 40 requests, found 34");
    imported_not(
        REPORT("\"200\":-1"), "vegeta report",
        "'f': status_codes.200: expected a whole number from 0 to 8796093022208, found -1");
}

#define ROW(code, error) "1769860800000000000," code ",1500000,0,13," error ","
#define REST             "aGVsbG8=,forum,0,GET,http://h:1/forum?page=1,SG9zdA==\n"

static void test_vegeta__csv_has_twelve_columns(void **state)
{
    (void)state;
    struct report report = imported_well(
        ROW("200", "") REST ROW("503", "503 Service Unavailable")
            REST ROW("0", "\"Get \"\"http://h:1/\"\": dial tcp: connect: connection refused\"")
                REST,
        "vegeta CSV");
    assert_int_equal(report.metrics.total_requests, 3);
    assert_int_equal(report.metrics.total_failures, 2);
    assert_true(report.metrics.max_ms == 1.5);
    const struct report_endpoint *endpoint = imported_endpoint(&report, "GET", "/forum");
    assert_non_null(endpoint);
    assert_true(endpoint->content_bytes == 13);
    assert_string_equal(report.errors[0].kind, "refused");
    assert_string_equal(report.errors[1].message, "status 503");
    assert_int_equal(report.started_ns, INT64_C(1769860800000000000));
    imported_reads_back(&report);
    report_release(&report);
}

/* Before method and URL were in it. */
static void test_vegeta__csv_may_have_fewer_columns(void **state)
{
    (void)state;
    struct report report = imported_well(
        ROW("200", "") "aGVsbG8=,forum,0\n" ROW("404", "") ",forum,1\n", "vegeta CSV");
    assert_int_equal(report.metrics.total_failures, 1);
    assert_non_null(imported_endpoint(&report, "", "all requests"));
    report_release(&report);
    imported_not("1769860800000000000,200,1,0,1\n", "vegeta CSV",
                 "'f' line 1: expected 12 fields, as vegeta encode writes, found 5");
    imported_not(ROW("200", "") REST ROW("2x", "") REST, "vegeta CSV",
                 "'f' line 2: code: expected a whole number, found '2x'");
    imported_not(ROW("200", "") REST ROW("200", "") "aGVsbG8=,forum,0,GET,http://h:1/forum,SG9",
                 "vegeta CSV",
                 "'f' line 2: expected a line end; the file is cut off within its last line: write "
                 "it again");
}

#define OBJECT(code)                                                                               \
    "{\"attack\":\"\",\"seq\":0,\"code\":" code ",\"timestamp\":\"2026-01-31T13:00:00.5+01:00\","  \
    "\"latency\":1500000,\"bytes_out\":0,\"bytes_in\":3,\"error\":\"\",\"body\":\"YWJj\","         \
    "\"method\":\"POST\",\"url\":\"http://h\",\"headers\":{}}\n"

static void test_vegeta__json_is_an_object_a_line(void **state)
{
    (void)state;
    struct report report = imported_well(OBJECT("200") "\n" OBJECT("500"), "vegeta NDJSON");
    assert_int_equal(report.metrics.total_requests, 2);
    assert_int_equal(report.metrics.total_failures, 1);
    assert_non_null(imported_endpoint(&report, "POST", "/"));
    assert_int_equal(report.started_ns, INT64_C(1769860800500000000));
    imported_reads_back(&report);
    report_release(&report);
    imported_not(OBJECT("200") "{\"attack\":\"\",\"seq\":1,\"co", "vegeta NDJSON",
                 "'f' line 2: expected a JSON object, as vegeta encode writes; the file may be cut "
                 "off");
    imported_not(OBJECT("\"no\""), "vegeta NDJSON",
                 "'f' line 1: expected a whole number 'code', as vegeta encode writes");
}

static void test_vegeta__partial_leaves_lines_out(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    assert_int_equal(
        imported(OBJECT("200") OBJECT("null") "[]\n", "vegeta NDJSON", true, &report, &err), 0);
    assert_int_equal(report.metrics.total_requests, 1);
    assert_string_equal(report.health.notes[0],
                        "2 lines could not be read and were left out, first 'f' line 2: expected a "
                        "whole number 'code', as vegeta encode writes");
    report_release(&report);
}

/* What stops the reading is left out like a line that cannot be read. */
static void test_vegeta__partial_takes_what_is_before_a_line_too_long(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    struct buf text = {0};
    buf_add_str(&text, OBJECT("200"));
    for (size_t i = 0; i < (size_t)9 << 20; i++)
        buf_add_char(&text, 'x');
    assert_int_equal(imported(buf_text(&text), "vegeta NDJSON", false, &report, &err), -1);
    err = (struct err){0};
    assert_int_equal(imported(buf_text(&text), "vegeta NDJSON", true, &report, &err), 0);
    assert_int_equal(report.metrics.total_requests, 1);
    assert_int_equal(report.health.n_notes, 1);
    report_release(&report);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vegeta__rate_is_of_sends_and_waiting),
        cmocka_unit_test(test_vegeta__csv_has_twelve_columns),
        cmocka_unit_test(test_vegeta__csv_may_have_fewer_columns),
        cmocka_unit_test(test_vegeta__json_is_an_object_a_line),
        cmocka_unit_test(test_vegeta__partial_leaves_lines_out),
        cmocka_unit_test(test_vegeta__partial_takes_what_is_before_a_line_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
