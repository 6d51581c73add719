#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imported.h"

#define HEAD                                                                                       \
    "This is ApacheBench, Version 2.3 <$Revision$>\nDocument Path:          /forum?a=1\n"          \
    "Concurrency Level:      8\nTime taken for tests:   0.135 seconds\n"                           \
    "Complete requests:      400\n"
#define TABLE                                                                                      \
    "Requests per second:    2955.28 [#/sec] (mean)\n"                                             \
    "              min  mean[+/-sd] median   max\n"                                                \
    "Total:          1    3   0.9      2       5\n"
#define LIST                                                                                       \
    "\nPercentage of the requests served within a certain time (ms)\n"                             \
    "  50%      2\n  95%      4\n  98%      5\n"
#define LAST " 100%      5 (longest request)\n"

static void test_ab__has_whole_milliseconds(void **state)
{
    (void)state;
    struct report report = imported_well(HEAD TABLE LIST LAST, "ab");
    assert_int_equal(report.metrics.total_requests, 400);
    assert_int_equal(report.metrics.total_failures, 0);
    assert_true(report.metrics.min_ms == 1 && report.metrics.average_ms == 3);
    assert_true(report.metrics.median_ms == 2 && report.metrics.max_ms == 5);
    assert_true(report.metrics.p95_ms == 4);
    assert_true(isnan(report.metrics.p99_ms));
    assert_true(report.metrics.requests_per_s == 2955.28);
    assert_int_equal(report.resolution_ns, 1000000);
    assert_int_equal(report.duration_ns, 135000000);
    assert_non_null(imported_endpoint(&report, "", "/forum"));
    imported_reads_back(&report);
    report_release(&report);
}

/* -S leaves out the deviation and the median, -d the list. */
static void test_ab__may_lack_the_median_and_the_list(void **state)
{
    (void)state;
    struct report report = imported_well(HEAD "Total:          1    3       5\n", "ab");
    assert_true(report.metrics.average_ms == 3 && report.metrics.max_ms == 5);
    assert_true(isnan(report.metrics.median_ms) && isnan(report.metrics.p95_ms));
    report_release(&report);
}

/* Which of two counts of failures overlap, nobody knows. */
static void test_ab__counts_the_least_that_may_have_failed(void **state)
{
    (void)state;
    struct report report =
        imported_well(HEAD "Failed requests:        31\n"
                           "   (Connect: 1, Receive: 2, Length: 27, Exceptions: 1)\n"
                           "Non-2xx responses:      27\n" TABLE LIST LAST,
                      "ab");
    assert_int_equal(report.metrics.total_failures, 31);
    assert_string_equal(report.errors[0].kind, "status");
    assert_int_equal(report.health.n_notes, 0);
    report_release(&report);
    report =
        imported_well(HEAD "   (Connect: 0, Receive: 0, Length: 27, Exceptions: 0)\n" TABLE, "ab");
    assert_int_equal(report.metrics.total_failures, 27);
    assert_string_equal(report.errors[0].kind, "expectation");
    assert_int_equal(report.health.n_notes, 1);
    report_release(&report);
}

static void test_ab__is_refused_when_it_is_not_whole(void **state)
{
    (void)state;
    const char *cut = "'f': expected a line '100% N (longest request)'; the file may be cut off";
    imported_not(HEAD TABLE LIST, "ab", cut);
    imported_not(HEAD, "ab", cut);
    imported_not(HEAD TABLE "Percenta", "ab", cut);
    imported_not("This is ApacheBench, Version 2.3 <$Revision$>\n", "ab",
                 "'f': expected a line 'Complete requests: N'; the file may be cut off");
    imported_not(HEAD "Non-2xx responses:\n", "ab",
                 "'f' line 6: expected a figure behind 'Non-2xx responses:'");
    imported_not(HEAD "Total:          1    x       5\n", "ab",
                 "'f' line 6: Total: expected a number that is not negative, found 'x'");
    imported_not(HEAD HEAD, "ab",
                 "'f' line 7: expected one run, found a second; make a file of each");
}

static void test_ab__says_what_to_give_in_place_of_e_and_g(void **state)
{
    (void)state;
    const char *message =
        "'f': what ab -e and ab -g write does not say which requests failed; give "
        "the report that ab prints";
    imported_not("Percentage served,Time in ms\n0,1.006\n", "ab -e or -g", message);
    imported_not("starttime\tseconds\tctime\tdtime\tttime\twait\n", "ab -e or -g", message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ab__has_whole_milliseconds),
        cmocka_unit_test(test_ab__may_lack_the_median_and_the_list),
        cmocka_unit_test(test_ab__counts_the_least_that_may_have_failed),
        cmocka_unit_test(test_ab__is_refused_when_it_is_not_whole),
        cmocka_unit_test(test_ab__says_what_to_give_in_place_of_e_and_g),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
