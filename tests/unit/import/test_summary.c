/* The JSON summaries of oha, autocannon, Artillery, Fortio and Nighthawk. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imported.h"

#define OHA(codes, errors, p50)                                                                    \
    "{\"summary\":{\"successRate\":1,\"total\":2.0,\"slowest\":0.5,\"fastest\":0.25,"              \
    "\"average\":0.375,\"requestsPerSec\":9},\"responseTimeHistogram\":{},"                        \
    "\"latencyPercentiles\":{\"p50\":" p50 ",\"p95\":0.5,\"p99\":null,\"p99.9\":null},"            \
    "\"statusCodeDistribution\":{" codes "},\"errorDistribution\":{" errors "}}"

static void test_summary__oha_takes_no_5xx_for_success(void **state)
{
    (void)state;
    struct report report =
        imported_well(OHA("\"200\":10,\"503\":2",
                          "\"operation timed out\":3,\"aborted due to deadline\":8", "0.25"),
                      "oha JSON");
    assert_int_equal(report.metrics.total_requests, 15);
    assert_int_equal(report.metrics.total_failures, 5);
    assert_true(report.metrics.requests_per_s == 7.5);
    assert_true(report.metrics.median_ms == 250 && report.metrics.p95_ms == 500);
    assert_true(isnan(report.metrics.p99_ms) && isnan(report.metrics.p75_ms));
    assert_int_equal(report.n_errors, 2);
    assert_string_equal(report.errors[0].kind, "timeout");
    assert_string_equal(report.health.notes[0],
                        "8 requests that were under way at the end are not counted");
    imported_reads_back(&report);
    report_release(&report);
    imported_not(OHA("\"200\":10", "", "\"fast\""), "oha JSON",
                 "'f': latencyPercentiles.p50: expected a number, found a string");
    imported_not("{\"summary\":{\"successRate\":1},\"latencyPercentiles\":{}}", "oha JSON",
                 "'f': expected the key 'statusCodeDistribution'");
}

#define AUTOCANNON(of_server, timed)                                                               \
    "{\"url\":\"http://h/x\",\"connections\":4,\"pipelining\":1,\"duration\":2,"                   \
    "\"start\":\"2026-01-31T12:00:00.000Z\",\"errors\":5,\"timeouts\":3,\"mismatches\":1,"         \
    "\"non2xx\":9,\"4xx\":1,\"5xx\":" of_server ",\"latency\":{\"average\":1.96,\"min\":1,"        \
    "\"max\":20,\"p50\":2,\"p90\":3,\"p97_5\":4,\"p99\":5,\"totalCount\":" timed "},"              \
    "\"requests\":{\"average\":50,\"total\":100,\"sent\":104}}"

static void test_summary__autocannon_counts_what_had_no_response(void **state)
{
    (void)state;
    struct report report = imported_well(AUTOCANNON("2", "100"), "autocannon");
    assert_int_equal(report.metrics.total_requests, 105);
    assert_int_equal(report.metrics.total_failures, 9);
    assert_true(report.metrics.requests_per_s == 52.5);
    assert_true(report.metrics.average_ms == 1.96 && report.metrics.p99_ms == 5);
    assert_true(isnan(report.metrics.p95_ms));
    assert_int_equal(report.resolution_ns, 1000000);
    assert_int_equal(report.users, 4);
    assert_non_null(imported_endpoint(&report, "", "/x"));
    assert_int_equal(report.health.n_notes, 0);
    imported_reads_back(&report);
    report_release(&report);
    report = imported_well(AUTOCANNON("2", "97"), "autocannon");
    assert_int_equal(report.health.n_notes, 1);
    report_release(&report);
    imported_not(AUTOCANNON("200", "100"), "autocannon",
                 "'f': found 201 responses with a status from 400 on, of 100");
}

#define ARTILLERY(counters)                                                                        \
    "{\"aggregate\":{\"counters\":{" counters "},\"rates\":{\"http.request_rate\":7},"             \
    "\"firstMetricAt\":1769860800000,\"lastMetricAt\":1769860808000,\"summaries\":{"               \
    "\"http.response_time\":{\"min\":1,\"max\":88,\"count\":395,\"mean\":4.2,\"median\":3,"        \
    "\"p50\":3,\"p95\":9.9,\"p99\":30.9,\"p999\":80.6}}},\"intermediate\":[]}"

static void test_summary__artillery_rate_is_not_its_rounded_one(void **state)
{
    (void)state;
    struct report report =
        imported_well(ARTILLERY("\"http.requests\":60,\"http.codes.200\":50,\"http.codes.503\":5,"
                                "\"errors.ETIMEDOUT\":4,\"vusers.failed\":9"),
                      "Artillery 2");
    assert_int_equal(report.metrics.total_requests, 60);
    assert_int_equal(report.metrics.total_failures, 9);
    assert_true(report.metrics.requests_per_s == 7.5);
    assert_true(report.metrics.average_ms == 4.2 && report.metrics.p999_ms == 80.6);
    assert_int_equal(report.resolution_ns, 100000);
    assert_string_equal(report.errors[0].kind, "status");
    assert_string_equal(report.errors[1].kind, "timeout");
    imported_reads_back(&report);
    report_release(&report);
}

/* A request may have both a status and an error. */
static void test_summary__artillery_fails_no_more_than_there_were(void **state)
{
    (void)state;
    struct report report =
        imported_well(ARTILLERY("\"errors.Failed capture or match\":60,\"http.codes.404\":20,"
                                "\"http.requests\":60"),
                      "Artillery 2");
    assert_int_equal(report.metrics.total_failures, 60);
    report_release(&report);
    imported_not(ARTILLERY("\"http.requests\":6,\"http.codes.404\":7"), "Artillery 2",
                 "'f': aggregate.counters.http.codes.404: expected no more than http.requests, 6");
    imported_not(ARTILLERY("\"socketio.emit\":6"), "Artillery 2",
                 "'f': aggregate.counters: expected the key 'http.requests'");
}

static void test_summary__artillery_had_other_names_once(void **state)
{
    (void)state;
    struct report report = imported_well(
        "{\"aggregate\":{\"requestsCompleted\":60,\"latency\":{\"min\":76.2,\"max\":363.3,"
        "\"median\":106.2,\"p95\":308.5,\"p99\":null},\"rps\":{\"count\":60,\"mean\":1.01},"
        "\"errors\":{\"ECONNREFUSED\":2},\"codes\":{\"200\":55,\"404\":5}}}",
        "Artillery 1");
    assert_int_equal(report.metrics.total_requests, 62);
    assert_int_equal(report.metrics.total_failures, 7);
    assert_true(report.metrics.median_ms == 106.2 && isnan(report.metrics.p99_ms));
    assert_true(isnan(report.metrics.average_ms));
    assert_int_equal(report.source->latency, LATENCY_UNKNOWN);
    imported_reads_back(&report);
    report_release(&report);
}

#define FORTIO(data, codes)                                                                        \
    "{\"RunType\":\"HTTP\",\"StartTime\":\"2026-01-31T12:00:00.1Z\",\"RequestedQPS\":\"100\","     \
    "\"ActualQPS\":50,\"ActualDuration\":2000000000,\"NumThreads\":4,\"DurationHistogram\":{"      \
    "\"Count\":100,\"Min\":0.001,\"Max\":0.009,\"Sum\":0.3,\"Avg\":0.003,\"Data\":[" data          \
    "]},\"RetCodes\":{" codes "},\"URL\":\"http://h/x\"}"

/* As Fortio works them out; the minimum is the first 1 %. */
static void test_summary__fortio_percentiles_are_of_its_histogram(void **state)
{
    (void)state;
    struct report report = imported_well(FORTIO("{\"Start\":0.001,\"End\":0.002,\"Percent\":41},"
                                                "{\"Start\":0.004,\"End\":0.008,\"Percent\":91},"
                                                "{\"Start\":0.008,\"End\":0.009,\"Percent\":100}",
                                                "\"200\":95,\"503\":3,\"-1\":2"),
                                         "Fortio");
    assert_int_equal(report.metrics.total_requests, 100);
    assert_int_equal(report.metrics.total_failures, 5);
    assert_true(fabs(report.metrics.median_ms - 4.72) < 1e-9);
    assert_true(fabs(report.metrics.p75_ms - 6.72) < 1e-9);
    assert_true(fabs(report.metrics.p95_ms - (8 + 4.0 / 9)) < 1e-9);
    assert_true(report.metrics.average_ms == 3 && report.metrics.max_ms == 9);
    assert_true(report.metrics.requests_per_s == 50);
    assert_int_equal(report.duration_ns, 2000000000);
    assert_int_equal(report.resolution_ns, 4000000);
    assert_int_equal(report.source->figures, FIGURES_BUCKETS);
    imported_reads_back(&report);
    report_release(&report);
}

static void test_summary__fortio_begins_with_the_minimum(void **state)
{
    (void)state;
    struct report report = imported_well(FORTIO("{\"Start\":0.001,\"End\":0.002,\"Percent\":51},"
                                                "{\"Start\":0.008,\"End\":0.009,\"Percent\":100}",
                                                "\"200\":100"),
                                         "Fortio");
    assert_true(fabs(report.metrics.median_ms - 1.98) < 1e-9);
    report_release(&report);
}

static void test_summary__fortio_is_refused_where_it_contradicts_itself(void **state)
{
    (void)state;
    imported_not(FORTIO("", "\"200\":95"), "Fortio",
                 "'f': RetCodes: expected the counts of 100 requests, found 95");
    imported_not(FORTIO("{\"Start\":2,\"End\":1,\"Percent\":9}", "\"200\":100"), "Fortio",
                 "'f': DurationHistogram.Data[0]: End is smaller than Start");
}

#define NIGHTHAWK(name, counters, mean)                                                            \
    "{\"results\":[{\"name\":\"" name "\",\"statistics\":[{"                                       \
    "\"id\":\"benchmark_http_client.request_to_response\",\"count\":\"1000\",\"percentiles\":["    \
    "{\"count\":\"1\",\"duration\":\"0.0001s\"},"                                                  \
    "{\"percentile\":0.5,\"duration\":\"0.001000007s\"},"                                          \
    "{\"percentile\":0.950001,\"duration\":\"0.002s\"},"                                           \
    "{\"percentile\":0.990625,\"duration\":\"0.003s\"},"                                           \
    "{\"percentile\":1,\"duration\":\"0.004s\"}],"                                                 \
    "\"mean\":\"" mean "\",\"min\":\"0.0001s\",\"max\":\"0.004s\"}],"                              \
    "\"counters\":[" counters "],\"execution_duration\":\"4s\"}]}"
#define COUNTERS                                                                                   \
    "{\"name\":\"benchmark.http_2xx\",\"value\":\"990\"},"                                         \
    "{\"name\":\"benchmark.http_5xx\",\"value\":10},"                                              \
    "{\"name\":\"benchmark.stream_resets\",\"value\":\"4\"}"

static void test_summary__nighthawk_has_numbers_in_strings(void **state)
{
    (void)state;
    struct report report = imported_well(NIGHTHAWK("global", COUNTERS, "0.001s"), "Nighthawk");
    assert_int_equal(report.metrics.total_requests, 1004);
    assert_int_equal(report.metrics.total_failures, 14);
    assert_true(fabs(report.metrics.median_ms - 1.000007) < 1e-9);
    assert_true(report.metrics.p95_ms == 2 && report.metrics.p99_ms == 3);
    /* The next step is too far above. */
    assert_true(isnan(report.metrics.p75_ms) && isnan(report.metrics.p90_ms));
    assert_true(report.metrics.p999_ms == 4);
    assert_true(report.metrics.requests_per_s == 251);
    imported_reads_back(&report);
    report_release(&report);
    imported_not(NIGHTHAWK("worker_0", COUNTERS, "0.001s"), "Nighthawk",
                 "'f': results: expected a result with the name 'global'");
    imported_not(NIGHTHAWK("global", COUNTERS, "1 ms"), "Nighthawk",
                 "'f': results[0].statistics[0].mean: expected a time as '0.000190007s', found "
                 "'1 ms'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_summary__oha_takes_no_5xx_for_success),
        cmocka_unit_test(test_summary__autocannon_counts_what_had_no_response),
        cmocka_unit_test(test_summary__artillery_rate_is_not_its_rounded_one),
        cmocka_unit_test(test_summary__artillery_fails_no_more_than_there_were),
        cmocka_unit_test(test_summary__artillery_had_other_names_once),
        cmocka_unit_test(test_summary__fortio_percentiles_are_of_its_histogram),
        cmocka_unit_test(test_summary__fortio_begins_with_the_minimum),
        cmocka_unit_test(test_summary__fortio_is_refused_where_it_contradicts_itself),
        cmocka_unit_test(test_summary__nighthawk_has_numbers_in_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
