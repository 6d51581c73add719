/* The slowest traced requests in a report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/report.h"

#define SIX                                                                                        \
    "\"total_requests\": 10, \"total_failures\": 1, \"requests_per_second\": 2.5, "                \
    "\"average_response_time\": 12.5, \"95th_percentile\": 20, \"99th_percentile\": 30"
#define ENDPOINT(members)                                                                          \
    "{" SIX                                                                                        \
    ", \"schema\": \"perfgate.report/1\", \"valid\": true, \"endpoints\": [{\"name\": \"/a\", "    \
    "\"method\": \"GET\", " SIX members "}]}"

static int decode(const char *json, struct report *report, struct err *err)
{
    return report_decode(json, strlen(json), "r.json", report, err);
}

static void expect_error(const char *json, const char *message)
{
    struct report report;
    struct err err = {0};
    assert_int_equal(decode(json, &report, &err), -1);
    assert_string_equal(err.text, message);
}

#define TRACED(ms) "{\"trace_id\": \"0123456789abcdef0123456789abcdef\", \"latency_ms\": " ms "}"

static void test_report_trace__refuses_what_is_not_the_slowest(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    assert_int_equal(
        decode(ENDPOINT(", \"slowest\": [" TRACED("9") ", " TRACED("9") "]"), &report, &err), 0);
    report_release(&report);
    expect_error(ENDPOINT(", \"slowest\": [" TRACED("8") ", " TRACED("9") "]"),
                 "'r.json': endpoints[0].slowest: expected the slowest first");
    expect_error(ENDPOINT(", \"slowest\": [" TRACED("9") ", " TRACED("9") ", " TRACED(
                     "9") ", " TRACED("9") ", " TRACED("9") ", " TRACED("9") "]"),
                 "'r.json': endpoints[0].slowest: expected at most 5 requests, found 6");
    expect_error(ENDPOINT(", \"slowest\": [{\"trace_id\": \"0123\", \"latency_ms\": 1}]"),
                 "'r.json': endpoints[0].slowest: expected a trace_id of 32 hexadecimal digits, "
                 "found '0123'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_trace__refuses_what_is_not_the_slowest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
