#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/model/samples.h"

static void read_back(const struct buf *text, struct report *out)
{
    struct err err = {0};
    if (report_decode(buf_text(text), text->len, "r.json", out, &err) < 0)
        fail_msg("%s", err.text);
}

static void sample_summary(uint64_t seed, struct report *report, struct buf *text)
{
    struct rng rng;
    rng_init(&rng, seed, 1);
    sample_report(&rng, 5, 25, report);
    report_encode_summary(report, text);
}

static void assert_near(double found, double wanted, double tolerance)
{
    if (isnan(wanted) ? !isnan(found) : !(fabs(found - wanted) <= tolerance * fabs(wanted)))
        fail_msg("found %.17g, expected %.17g", found, wanted);
}

static void test_report_columns__stored_twice_is_the_same_bytes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct report report, stored;
        struct buf once = {0}, twice = {0};
        sample_summary(seed, &report, &once);
        read_back(&once, &stored);
        report_encode_summary(&stored, &twice);
        assert_string_equal(buf_text(&once), buf_text(&twice));
        buf_release(&once);
        buf_release(&twice);
        report_release(&stored);
        report_release(&report);
    }
}

static void check_endpoint(const struct report_endpoint *found,
                           const struct report_endpoint *wanted)
{
    const struct metrics *a = &found->metrics, *b = &wanted->metrics;
    assert_string_equal(found->name, wanted->name);
    assert_string_equal(found->method, wanted->method);
    assert_int_equal(a->total_requests, b->total_requests);
    assert_int_equal(a->total_failures, b->total_failures);
    assert_int_equal(found->tags.n, wanted->tags.n);
    for (size_t i = 0; i < found->tags.n; i++)
        assert_string_equal(found->tags.names[i], wanted->tags.names[i]);
    assert_near(a->error_rate, b->error_rate, 0);
    assert_near(a->requests_per_s, b->requests_per_s, 1.6e-4);
    assert_near(a->average_ms, b->average_ms, 5e-5);
    assert_near(a->p95_ms, b->p95_ms, 5e-4);
    assert_near(a->p99_ms, b->p99_ms, 5e-4);
    assert_near(a->median_ms, b->median_ms, 5e-4);
    assert_near(a->min_ms, b->min_ms, 5e-3);
    assert_near(a->max_ms, b->max_ms, 5e-3);
    assert_true(isnan(a->p90_ms));
}

static void test_report_columns__figures_are_near(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct report report, stored;
        struct buf text = {0};
        sample_summary(seed, &report, &text);
        read_back(&text, &stored);
        assert_int_equal(stored.n_endpoints, report.n_endpoints);
        for (size_t i = 0; i < report.n_endpoints; i++)
            check_endpoint(&stored.endpoints[i], &report.endpoints[i]);
        assert_near(stored.metrics.average_ms, report.metrics.average_ms, 5e-6);
        assert_near(stored.metrics.p90_ms, report.metrics.p90_ms, 5e-6);
        assert_int_equal(stored.resolution_ns, 250000);
        buf_release(&text);
        report_release(&stored);
        report_release(&report);
    }
}

#define HEAD                                                                                       \
    "{\"total_requests\": 6, \"total_failures\": 1, \"requests_per_second\": 3, "                  \
    "\"average_response_time\": 2, \"95th_percentile\": 4, \"99th_percentile\": 4, "               \
    "\"schema\": \"perfgate.report/1\", \"valid\": true"
#define COLUMNS(names, requests)                                                                   \
    ", \"endpoint_columns\": {\"name\": " names ", \"method\": [\"GET\", \"GET\"], "               \
    "\"total_requests\": " requests ", \"total_failures\": [1,0], "                                \
    "\"average_response_time\": [1,null], \"95th_percentile\": [4,3], "                            \
    "\"99th_percentile\": [4,3], \"median_response_time\": [1,1], "                                \
    "\"min_response_time\": [1,1], \"max_response_time\": [4,3]"

static void expect_error(const char *json, const char *message)
{
    struct report report;
    struct err err = {0};
    assert_int_equal(report_decode(json, strlen(json), "r.json", &report, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, message);
}

static void test_report_columns__rates_are_shares_unless_given(void **state)
{
    (void)state;
    struct report report;
    struct buf text = {0};
    buf_add_str(&text, HEAD COLUMNS("[\"/b\", \"/a\"]", "[4,2]") "}}");
    read_back(&text, &report);
    assert_string_equal(report.endpoints[0].name, "/a");
    assert_true(report.endpoints[0].metrics.requests_per_s == 1);
    assert_true(isnan(report.endpoints[0].metrics.average_ms));
    assert_true(report.endpoints[1].metrics.requests_per_s == 2);
    assert_true(report.endpoints[1].metrics.error_rate == 0.25);
    report.endpoints[1].metrics.requests_per_s = 7.12345678;
    buf_reset(&text);
    report_encode_summary(&report, &text);
    report_release(&report);
    assert_non_null(strstr(buf_text(&text), "\"requests_per_second\": [1,7.1235],\n"));
    read_back(&text, &report);
    assert_true(report.endpoints[1].metrics.requests_per_s == 7.1235);
    report_release(&report);
    buf_release(&text);
}

/* A rate that is a share only once it is rounded must be one from the first time on. */
static void test_report_columns__rates_are_compared_rounded(void **state)
{
    (void)state;
    struct report report;
    struct buf text = {0}, again = {0};
    buf_add_str(&text, HEAD COLUMNS("[\"/b\", \"/a\"]", "[4,2]") "}}");
    read_back(&text, &report);
    report.metrics.requests_per_s = 3.00003;
    report.endpoints[0].metrics.requests_per_s = 1.00001;
    report.endpoints[1].metrics.requests_per_s = 2.00024;
    buf_reset(&text);
    report_encode_summary(&report, &text);
    report_release(&report);
    read_back(&text, &report);
    report_encode_summary(&report, &again);
    assert_string_equal(buf_text(&again), buf_text(&text));
    report_release(&report);
    buf_release(&text);
    buf_release(&again);
}

static void test_report_columns__tags(void **state)
{
    (void)state;
    struct report report;
    struct buf text = {0};
    buf_add_str(&text, HEAD COLUMNS("[\"/b\", \"/a\"]", "[4,2]") ", \"tags\": "
                                                                 "[[\"read\", \"pay\"], []]}}");
    read_back(&text, &report);
    assert_int_equal(report.endpoints[0].tags.n, 0);
    assert_int_equal(report.endpoints[1].tags.n, 2);
    assert_string_equal(report.endpoints[1].tags.names[0], "pay");
    buf_reset(&text);
    report_encode_summary(&report, &text);
    assert_non_null(strstr(buf_text(&text), "\"tags\": [[],[\"pay\",\"read\"]],\n"));
    report.endpoints[1].tags.n = 0;
    buf_reset(&text);
    report_encode_summary(&report, &text);
    assert_null(strstr(buf_text(&text), "tags"));
    report_release(&report);
    buf_release(&text);
}

static void test_report_columns__refuses_what_does_not_fit(void **state)
{
    (void)state;
    expect_error(HEAD COLUMNS("[\"/b\", \"/a\"]", "[4]") "}}",
                 "'r.json': endpoint_columns.total_requests: expected 2 elements, as in the column "
                 "before, found 1");
    expect_error(HEAD COLUMNS("[\"/b\", \"/a\"]", "[4,2]") ", \"requests_per_second\": [1]}}",
                 "'r.json': endpoint_columns.requests_per_second: expected 2 elements, found 1");
    expect_error(HEAD COLUMNS("[\"/b\", \"/a\"]", "[4,2]") ", \"tags\": [[]]}}",
                 "'r.json': endpoint_columns.tags: expected 2 elements, found 1");
    expect_error(HEAD COLUMNS("[\"/b\", \"/a\"]", "[4,2]") ", \"tags\": [[], \"a\"]}}",
                 "'r.json': endpoint_columns.tags[1]: expected an array of tags, found a string");
    expect_error(HEAD COLUMNS("[\"/b\", \"/a\"]", "[4,2]") ", \"tags\": {}}}",
                 "'r.json': endpoint_columns.tags: expected an array, found an object");
    expect_error(HEAD COLUMNS("[\"/b\", \"/a\"]", "[4,3]") "}}",
                 "'r.json': the requests of the endpoints add up to 7, but should to 6; the file "
                 "is damaged or was changed: expected it as perf-run wrote it");
    expect_error(HEAD COLUMNS("[\"/a\", \"/a\"]", "[4,2]") "}}",
                 "'r.json': endpoints: 'GET /a' is there twice; merge the two");
    expect_error(HEAD COLUMNS("[\"/b\", \"/a\"]", "[0,6]") "}}",
                 "'r.json': endpoint_columns: total_failures (1) is larger than total_requests "
                 "(0)");
    expect_error(
        HEAD COLUMNS("[\"/b\", \"/a\"]",
                     "[4,2]") "}, \"endpoints\": [{\"name\": \"/a\", "
                              "\"method\": \"GET\", \"total_requests\": 6, \"total_failures\": 1, "
                              "\"requests_per_second\": 3, \"average_response_time\": 2, "
                              "\"95th_percentile\": 4, \"99th_percentile\": 4}]}",
        "'r.json': expected either 'endpoints' or 'endpoint_columns', found both");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_columns__stored_twice_is_the_same_bytes),
        cmocka_unit_test(test_report_columns__figures_are_near),
        cmocka_unit_test(test_report_columns__rates_are_shares_unless_given),
        cmocka_unit_test(test_report_columns__rates_are_compared_rounded),
        cmocka_unit_test(test_report_columns__tags),
        cmocka_unit_test(test_report_columns__refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
