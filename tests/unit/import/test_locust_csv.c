#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imported.h"

#define FORMAT "Locust CSV"
#define HEAD                                                                                       \
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"            \
    "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,"  \
    "80%,90%,95%,98%,99%,99.9%,99.99%,100%\r\n"
#define GET  "GET,/a,10,2,5,6.25,1.5,40.125,100.0,5.0,1.0,5,6,7,8,9,20,30,40,41,42,40\r\n"
#define POST "POST,/a,30,0,15.0,16.5,11,140,0,15.0,0,15,16,17,18,19,120,130,140,140,140,140\r\n"
#define IDLE "GET,/idle,0,0,0,0.0,0,0,0,0.0,0.0,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A\r\n"
#define TOTAL                                                                                      \
    ",Aggregated,40,2,12,13.9375,1.5,140,25,20.0,1,12,13,14,15,17,110,120,140,140,140,140\r\n"

static void test_locust__takes_the_figures_as_they_are(void **state)
{
    (void)state;
    struct report report = imported_well(HEAD GET POST IDLE TOTAL, FORMAT);
    assert_int_equal(report.metrics.total_requests, 40);
    assert_int_equal(report.metrics.total_failures, 2);
    assert_true(report.metrics.error_rate == 0.05);
    assert_true(report.metrics.average_ms == 13.9375);
    assert_true(report.metrics.p95_ms == 110);
    assert_true(report.metrics.p999_ms == 140);
    assert_int_equal(report.duration_ns, INT64_C(2000000000));
    assert_int_equal(report.resolution_ns, 10 * 1000000); /* of 140 ms */
    assert_int_equal(report.source->figures, FIGURES_SUMMARY);
    assert_int_equal(report.n_endpoints, 3);
    const struct report_endpoint *get = imported_endpoint(&report, "GET", "/a");
    assert_true(get->metrics.min_ms == 1.5 && get->metrics.max_ms == 40.125);
    assert_true(get->metrics.median_ms == 5 && get->metrics.p75_ms == 7);
    assert_true(get->content_bytes == 100);
    assert_int_equal(get->histogram.count, 0);
    assert_true(isnan(imported_endpoint(&report, "GET", "/idle")->metrics.average_ms));
    imported_reads_back(&report);
    report_release(&report);
}

/* Up to 0.13.2, whose percentiles lie in a file of their own. */
static void test_locust__takes_old_names(void **state)
{
    (void)state;
    struct report report = imported_well(
        "\"Method\",\"Name\",\"# requests\",\"# failures\",\"Median response time\",\"Average "
        "response time\",\"Min response time\",\"Max response time\",\"Average Content Size\","
        "\"Requests/s\"\n\"GET\",\"/a\",4,1,5,6,1,40,100,2.00\n"
        "\"None\",\"Total\",4,1,5,6,1,40,100,2.00\n",
        FORMAT);
    assert_int_equal(report.metrics.total_failures, 1);
    assert_true(report.metrics.median_ms == 5);
    assert_true(isnan(report.metrics.p95_ms));
    assert_int_equal(report.n_endpoints, 1);
    imported_reads_back(&report);
    report_release(&report);
    report = imported_well(
        "\"Type\",\"Name\",\"# requests\",\"# failures\",\"Median response time\",\"Average "
        "response time\",\"Min response time\",\"Max response time\",\"Average Content Size\","
        "\"Requests/s\",\"Requests Failed/s\",\"50%\",\"95%\",\"99.999\",\"100%\"\n"
        "\"GET\",\"/a\",4,1,5,6,1,40,100,2.00,0.50,5,30,40,40\n"
        "\"None\",\"Aggregated\",4,1,5,6,1,40,100,2.00,0.50,5,30,40,40\n",
        FORMAT);
    assert_true(report.metrics.p95_ms == 30);
    assert_true(isnan(report.metrics.p99_ms));
    assert_int_equal(report.n_endpoints, 1);
    report_release(&report);
}

static void test_locust__refuses_a_file_that_is_not_whole(void **state)
{
    (void)state;
    imported_not(HEAD GET POST, FORMAT,
                 "'f': expected a last row 'Aggregated'; the file is not whole: read it after "
                 "Locust has ended");
    imported_not(HEAD GET TOTAL, FORMAT,
                 "'f': the rows have 10 requests and 2 failures, but 'Aggregated' says 40 and 2; "
                 "the file is not whole: read it after Locust has ended");
    imported_not(HEAD GET ",Aggregated,10,3,12,13,1,140,25,20.0,1,1,1,1,1,1,1,1,1,1,1,1\r\n",
                 FORMAT,
                 "'f': the rows have 10 requests and 2 failures, but 'Aggregated' says 10 and 3; "
                 "the file is not whole: read it after Locust has ended");
    imported_not(
        HEAD GET "POST,/a,30,0,15", FORMAT,
        "'f' line 3: expected 22 fields, one for each column, found 5; the file may be cut "
        "off or of several formats: write it again");
    imported_not(HEAD GET GET, FORMAT,
                 "'f' line 3: 'GET /a' is there twice; expected a row for each");
    imported_not(HEAD "GET,/a,1,2,5,6,1,4,1,5,1,5,6,7,8,9,20,30,40,41,42,40\r\n", FORMAT,
                 "'f' line 2: found more failures than requests");
    imported_not(HEAD "GET,/a,1,0,5,-6,1,4,1,5,1,5,6,7,8,9,20,30,40,41,42,40\r\n", FORMAT,
                 "'f' line 2: Average Response Time: expected a number that is not negative, found "
                 "'-6'");
}

static void test_locust__makes_no_duration_of_no_rate(void **state)
{
    (void)state;
    struct report report =
        imported_well(HEAD "GET,/a,1,0,5,5,5,5,1,0.0,0,5,6,7,8,9,20,30,40,41,42,40\r\n"
                           ",Aggregated,1,0,5,5,5,5,1,0.0,0,5,6,7,8,9,20,30,40,41,42,40\r\n",
                      FORMAT);
    assert_int_equal(report.duration_ns, 0);
    assert_int_equal(report.health.n_notes, 0);
    report_release(&report);
}

static void test_locust__of_a_part_says_only_what_the_rows_say(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    assert_int_equal(imported(HEAD GET POST "GET,/b,1", FORMAT, true, &report, &err), 0);
    assert_int_equal(report.metrics.total_requests, 40);
    assert_true(report.metrics.average_ms == (10 * 6.25 + 30 * 16.5) / 40);
    assert_true(isnan(report.metrics.p95_ms));
    assert_int_equal(report.health.n_notes, 3);
    imported_reads_back(&report);
    report_release(&report);
}

static void test_locust__limits_names(void **state)
{
    (void)state;
    struct buf text = {0};
    struct report report;
    struct err err = {0};
    buf_add_str(&text, HEAD);
    for (int i = 0; i < 1001; i++)
        buf_addf(&text, "GET,/%d,1,0,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1\r\n", i);
    assert_int_equal(imported(buf_text(&text), FORMAT, false, &report, &err), -1);
    assert_string_equal(err.text, "'f' line 1002: more than 1000 names of requests; give requests "
                                  "that differ in an id alone one name in the load test");
    buf_release(&text);
}

static void test_locust__names_the_file_that_is_meant(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "Method,Name,Error,Occurrences\r\n",
        "Method,Name,Error,Occurrences,First Seen,Last Seen\r\n",
        "Count,Message,Traceback,Nodes\r\n",
        "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%\r\n",
        "\"Name\",\"# requests\",\"50%\",\"66%\"\n",
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        imported_not(parts[i], FORMAT,
                     "'f' is a part of what Locust writes; name the file PREFIX_stats.csv, the "
                     "others are found beside it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_locust__takes_the_figures_as_they_are),
        cmocka_unit_test(test_locust__takes_old_names),
        cmocka_unit_test(test_locust__refuses_a_file_that_is_not_whole),
        cmocka_unit_test(test_locust__makes_no_duration_of_no_rate),
        cmocka_unit_test(test_locust__of_a_part_says_only_what_the_rows_say),
        cmocka_unit_test(test_locust__limits_names),
        cmocka_unit_test(test_locust__names_the_file_that_is_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
