#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imported.h"

#define RUNNING                                                                                    \
    "Running 2s test @ http://h:1/a/b?c=1\n  2 threads and 8 connections\n"                        \
    "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
#define RATES "Requests/sec:   3107.10\nTransfer/sec:     12.55MB\n"

static void test_wrk__has_what_it_prints_and_no_more(void **state)
{
    (void)state;
    struct report report = imported_well(
        RUNNING "    Latency     0.89ms    1.94ms   1.20m    92.19%\n"
                "    Req/Sec     1.60k   321.80     1.86k    85.37%\n"
                "  Latency Distribution\n     50%  850.00us\n     90%    1.02s\n     99%    2.00h\n"
                "  1000 requests in 2.10s, 26.35MB read\n" RATES,
        "wrk");
    assert_int_equal(report.metrics.total_requests, 1000);
    assert_int_equal(report.metrics.total_failures, 0);
    assert_true(report.metrics.average_ms == 0.89);
    assert_true(report.metrics.max_ms == 72000);
    assert_true(report.metrics.median_ms == 0.85);
    assert_true(report.metrics.p90_ms == 1020);
    assert_true(report.metrics.p99_ms == 7200000);
    assert_true(isnan(report.metrics.p95_ms) && isnan(report.metrics.min_ms));
    assert_true(report.metrics.requests_per_s == 3107.1);
    assert_int_equal(report.resolution_ns, 10);
    assert_int_equal(report.duration_ns, 2100000000);
    assert_int_equal(report.users, 8);
    assert_non_null(imported_endpoint(&report, "", "/a/b"));
    assert_int_equal(report.source->latency, LATENCY_WITHOUT_CONNECT);
    imported_reads_back(&report);
    report_release(&report);
}

static void test_wrk__counts_what_had_no_response_in_addition(void **state)
{
    (void)state;
    struct report report =
        imported_well(RUNNING "    Latency     2.00ms    1.94ms   9.00ms   92.19%\n"
                              "  100 requests in 2.10s, 26.35MB read\n"
                              "  Socket errors: connect 1, read 2, write 3, timeout 4\n"
                              "  Non-2xx or 3xx responses: 10\n" RATES,
                      "wrk");
    assert_int_equal(report.metrics.total_requests, 106);
    assert_int_equal(report.metrics.total_failures, 20);
    assert_int_equal(report.n_errors, 5);
    assert_string_equal(report.errors[0].kind, "status");
    assert_string_equal(report.errors[0].endpoint, "/a/b");
    report_release(&report);
}

/* The Avg of none is 0.00us, and no latency. */
static void test_wrk__knows_no_latency_of_timeouts_alone(void **state)
{
    (void)state;
    struct report report =
        imported_well(RUNNING "    Latency     0.00us    0.00us   0.00us    -nan%\n"
                              "  8 requests in 2.10s, 26.35MB read\n"
                              "  Socket errors: connect 0, read 0, write 0, timeout 8\n" RATES,
                      "wrk");
    assert_true(isnan(report.metrics.average_ms) && isnan(report.metrics.max_ms));
    assert_int_equal(report.metrics.total_failures, 8);
    assert_true(report.health.valid);
    imported_reads_back(&report);
    report_release(&report);
    report = imported_well(RUNNING "    Latency     0.00us    0.00us   0.00us    -nan%\n"
                                   "  0 requests in 2.10s, 0.00B read\n" RATES,
                           "wrk");
    assert_false(report.health.valid);
    imported_reads_back(&report);
    report_release(&report);
}

static void test_wrk__is_refused_when_it_is_not_whole(void **state)
{
    (void)state;
    imported_not(RUNNING "    Latency     2.00ms    1.94ms   9.00ms   92.19%\n", "wrk",
                 "'f': expected a line 'N requests in TIME'; the file may be cut off");
    imported_not(RUNNING "  1 requests in 2.10s, 26.35MB read\n", "wrk",
                 "'f': expected a line 'Requests/sec: N'; the file may be cut off");
    imported_not(RUNNING "  1 requests in 2.10s, 26.35MB read\nRequests/sec:   3107.10\n", "wrk",
                 "'f': expected a line 'Transfer/sec: N'; the file may be cut off");
    imported_not(RUNNING "    Latency     2.00parsec    1.94ms   9.00ms   92.19%\n", "wrk",
                 "'f' line 4: latency: expected a time in us, ms, s, m or h, found '2.00parsec'");
    imported_not(RUNNING "  many requests in 2.10s, 26.35MB read\n", "wrk",
                 "'f' line 4: requests: expected a whole number, found 'many'");
    imported_not(RUNNING RUNNING, "wrk",
                 "'f' line 4: expected one run, found a second; make a file of each");
}

static void test_wrk__takes_wrk2s_percentiles_from_its_spectrum(void **state)
{
    (void)state;
    struct report report = imported_well(
        RUNNING "    Latency     6.46ms    1.93ms  12.34ms   67.66%\n"
                "  Latency Distribution (HdrHistogram - Recorded Latency)\n"
                " 50.000%    6.67ms\n 99.000%   11.18ms\n 99.900%   12.30ms\n\n"
                "  Detailed Percentile spectrum:\n"
                "       Value   Percentile   TotalCount 1/(1-Percentile)\n\n"
                "       0.921     0.000000            1         1.00\n"
                "       6.671     0.500000        19750         2.00\n"
                "      10.007     0.950000        37525        20.00\n"
                "      12.495     1.000000        39500          inf\n"
                "#[Mean    =        6.455, StdDeviation   =        1.926]\n"
                "#[Max     =       12.360, Total count    =        39500]\n"
                "  Latency Distribution (HdrHistogram - Uncorrected Latency (measured without "
                "taking delayed starts into account))\n"
                " 50.000%    1.00ms\n"
                "       1.000     0.950000        37525        20.00\n"
                "#[Mean    =        1.000, StdDeviation   =        1.926]\n"
                "  60018 requests in 30.00s, 19.81MB read\n" RATES,
        "wrk2");
    assert_int_equal(report.metrics.total_requests, 60018);
    assert_true(report.metrics.min_ms == 0.921);
    assert_true(report.metrics.median_ms == 6.671);
    assert_true(report.metrics.p95_ms == 10.007);
    assert_true(report.metrics.p99_ms == 11.18);
    assert_true(report.metrics.p999_ms == 12.3);
    assert_true(report.metrics.average_ms == 6.455);
    assert_true(report.metrics.max_ms == 12.36);
    assert_true(isnan(report.metrics.p75_ms));
    report_release(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrk__has_what_it_prints_and_no_more),
        cmocka_unit_test(test_wrk__counts_what_had_no_response_in_addition),
        cmocka_unit_test(test_wrk__knows_no_latency_of_timeouts_alone),
        cmocka_unit_test(test_wrk__is_refused_when_it_is_not_whole),
        cmocka_unit_test(test_wrk__takes_wrk2s_percentiles_from_its_spectrum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
