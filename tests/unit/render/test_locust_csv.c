#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "render/locust_csv.h"

#define HEAD                                                                                       \
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min "        \
    "Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,"  \
    "90%,95%,98%,99%,99.9%,99.99%,100%\r\n"

static void expect(size_t file, const struct report *report, const struct history *history,
                   const char *expected)
{
    struct buf out = {0};
    locust_csv_files[file].render(report, history, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_release(&out);
}

static struct history_figures figures(int64_t requests, int64_t failures)
{
    struct history_figures f = {.requests = requests, .failures = failures};
    f.requests_per_s = 12.5;
    f.failures_per_s = 0;
    f.average_ms = 3;
    f.min_ms = 0.00005;
    f.max_ms = 1234.0625;
    f.content_bytes = 512;
    for (size_t i = 0; i < HISTORY_PERCENTILES; i++)
        f.percentile_ms[i] = (double)i + 0.5;
    return f;
}

static void test_locust_csv__stats_are_sorted_and_aggregated_last(void **state)
{
    (void)state;
    struct report_endpoint endpoints[] = {{.name = "/b", .method = "GET"},
                                          {.name = "/a, \"x\"", .method = "POST"},
                                          {.name = "/a, \"x\"", .method = "GET"}};
    struct report report = {.n_endpoints = 3, .endpoints = endpoints};
    struct history_figures rows[] = {figures(1, 0), figures(2, 0), figures(3, 1)};
    struct history history = {.n_endpoints = 3, .endpoints = rows, .total = figures(6, 1)};
    expect(0, &report, &history,
           HEAD "GET,\"/a, \"\"x\"\"\",3,1,1,3.0,5e-05,1234.0625,512.0,12.5,0.0,"
                "1,2,3,4,5,6,7,8,9,10,11\r\n"
                "POST,\"/a, \"\"x\"\"\",2,0,1,3.0,5e-05,1234.0625,512.0,12.5,0.0,"
                "1,2,3,4,5,6,7,8,9,10,11\r\n"
                "GET,/b,1,0,1,3.0,5e-05,1234.0625,512.0,12.5,0.0,1,2,3,4,5,6,7,8,9,10,11\r\n"
                ",Aggregated,6,1,1,3.0,5e-05,1234.0625,512.0,12.5,0.0,1,2,3,4,5,6,7,8,9,10,11\r\n");
}

static void test_locust_csv__no_request_is_not_available(void **state)
{
    (void)state;
    struct report report = {0};
    struct history history = {0};
    struct history_figures *total = &history.total;
    total->average_ms = total->min_ms = total->max_ms = total->content_bytes = (double)NAN;
    for (size_t i = 0; i < HISTORY_PERCENTILES; i++)
        total->percentile_ms[i] = (double)NAN;
    expect(0, &report, &history,
           HEAD ",Aggregated,0,0,0,0.0,0,0,0,0.0,0.0,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,"
                "N/A\r\n");
}

static void test_locust_csv__history_has_rates_with_six_decimals(void **state)
{
    (void)state;
    struct report report = {0};
    struct history_row row = {.unix_s = 1795450260, .users = 7, .figures = figures(9, 2)};
    struct history history = {.n_rows = 1, .rows = &row};
    expect(1, &report, &history,
           "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,"
           "99.9%,99.99%,100%,Total Request Count,Total Failure Count,Total Median Response Time,"
           "Total Average Response Time,Total Min Response Time,Total Max Response Time,Total "
           "Average Content Size\r\n"
           "1795450260,7,,Aggregated,12.500000,0.000000,1,2,3,4,5,6,7,8,9,10,11,9,2,1,3.0,5e-05,"
           "1234.0625,512.0\r\n");
}

static void test_locust_csv__failures_and_exceptions(void **state)
{
    (void)state;
    struct report_error errors[] = {
        {"/x", "GET", "status", "expected status 200, found 500", 4, INT64_C(1795450260) * NS_PER_S,
         INT64_C(1795450261) * NS_PER_S},
        {"/x", "GET", "timeout", NULL, 1, 0, 0},
    };
    struct report report = {.n_errors = 2, .errors = errors};
    struct history history = {0};
    expect(2, &report, &history,
           "Method,Name,Error,Occurrences,First Seen,Last Seen\r\n"
           "GET,/x,\"expected status 200, found 500\",4,2026-11-23T16:11:00Z,"
           "2026-11-23T16:11:01Z\r\n"
           "GET,/x,timeout,1,,\r\n");
    expect(3, &report, &history, "Count,Message,Traceback,Nodes\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_locust_csv__stats_are_sorted_and_aggregated_last),
        cmocka_unit_test(test_locust_csv__no_request_is_not_available),
        cmocka_unit_test(test_locust_csv__history_has_rates_with_six_decimals),
        cmocka_unit_test(test_locust_csv__failures_and_exceptions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
