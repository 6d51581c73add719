#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "import/collect.h"
#include "imported.h"

#define START_NS (INT64_C(1700000000) * NS_PER_S)

static struct span span(const char *text)
{
    return (struct span){text, strlen(text)};
}

/* A request that starts so many ms after the first and takes 5 ms. */
static struct sample sample(const char *name, int64_t at_ms)
{
    return (struct sample){.name = span(name),
                           .method = span(""),
                           .start_ns = START_NS + at_ms * NS_PER_MS,
                           .duration_ns = 5 * NS_PER_MS,
                           .kind = "other",
                           .message = span(""),
                           .bytes = -1,
                           .users = -1};
}

static void add(struct collect *collect, const struct sample *one)
{
    struct err err = {0};
    assert_int_equal(collect_add(collect, one, &err), 0);
}

static void add_failed(struct collect *collect, const char *message, int64_t at_ms)
{
    struct sample one = sample("a", at_ms);
    one.failed = true;
    one.message = span(message);
    add(collect, &one);
}

static struct report finished(struct collect *collect)
{
    struct report report = {0};
    collect_finish(collect, &report);
    collect_free(collect);
    imported_reads_back(&report);
    return report;
}

static void test_collect__has_no_duration_where_a_start_is_missing(void **state)
{
    (void)state;
    struct collect *collect = collect_new();
    struct sample one = sample("a", 100);
    add(collect, &one);
    one = sample("a", 3000);
    add(collect, &one);
    one.start_ns = 0;
    add(collect, &one);
    struct report report = finished(collect);
    assert_int_equal(report.duration_ns, 0);
    assert_int_equal(report.started_ns, 0);
    assert_null(report.series);
    assert_true(isnan(report.metrics.requests_per_s));
    report_release(&report);
}

static void test_collect__refuses_times_that_cannot_be(void **state)
{
    (void)state;
    static const char message[] = "the times add up to more than 18 years, or are later than the "
                                  "year 2050; check the unit of the columns";
    struct collect *collect = collect_new();
    struct sample one = sample("a", 0);
    struct err err = {0};
    one.start_ns = 0;
    one.duration_ns = INT64_C(1) << 58;
    add(collect, &one);
    one.duration_ns++;
    assert_int_equal(collect_add(collect, &one, &err), -1);
    assert_string_equal(err.text, message);
    one = sample("a", INT64_C(900000000) * 1000);
    err = (struct err){0};
    assert_int_equal(collect_add(collect, &one, &err), -1);
    assert_string_equal(err.text, message);
    assert_int_equal(collect_count(collect), 1);
    collect_free(collect);
}

static void test_collect__is_of_one_run(void **state)
{
    (void)state;
    static const int64_t limit_ms = INT64_C(9000000000);
    struct collect *collect = collect_new();
    struct sample one = sample("a", 0);
    struct err err = {0};
    add(collect, &one);
    for (int sign = -1; sign <= 1; sign += 2) {
        one = sample("a", sign * limit_ms);
        err = (struct err){0};
        assert_int_equal(collect_add(collect, &one, &err), -1);
        assert_string_equal(err.text, "requests are more than 104 days apart; expected those of "
                                      "one run, check the unit of the columns");
    }
    one = sample("a", limit_ms - 5);
    add(collect, &one);
    struct report report = finished(collect);
    assert_int_equal(report.duration_ns, limit_ms * NS_PER_MS);
    report_release(&report);
}

static void test_collect__tells_a_name_from_a_method(void **state)
{
    (void)state;
    struct collect *collect = collect_new();
    struct sample one = sample("ab", 0);
    one.method = span("c");
    add(collect, &one);
    one.name = span("a");
    one.method = span("bc");
    add(collect, &one);
    assert_int_equal(collect_names(collect), 2);
    struct report report = finished(collect);
    assert_int_equal(imported_endpoint(&report, "bc", "a")->metrics.total_requests, 1);
    report_release(&report);
}

static void test_collect__has_names_as_one_that_a_report_cannot_tell_apart(void **state)
{
    (void)state;
    char name[COLLECT_NAME + 20];
    struct collect *collect = collect_new();
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = 0;
    for (int i = 0; i < 3; i++) {
        name[sizeof name - 2] = (char)('a' + i);
        struct sample one = sample(name, i);
        one.failed = i == 1;
        one.bytes = 10 * i;
        add(collect, &one);
    }
    struct sample dirty = sample("\xfe", 9);
    add(collect, &dirty);
    dirty.name = span("\xff");
    add(collect, &dirty);
    struct report report = finished(collect);
    assert_int_equal(report.metrics.total_requests, 5);
    assert_int_equal(report.n_endpoints, 2);
    assert_int_equal(report.endpoints[0].metrics.total_requests, 3);
    assert_int_equal(report.endpoints[0].metrics.total_failures, 1);
    assert_true(report.endpoints[0].content_bytes == 10);
    assert_int_equal(report.endpoints[1].histogram.count, 2);
    report_release(&report);
}

static void test_collect__limits_the_rows_of_failures(void **state)
{
    (void)state;
    struct collect *collect = collect_new();
    for (int i = 0; i < FAILURES_LIMIT + 500; i++) {
        char message[40];
        snprintf(message, sizeof message, "order %d was lost", i);
        add_failed(collect, message, i);
    }
    struct report report = finished(collect);
    assert_int_equal(report.n_errors, FAILURES_LIMIT + 1);
    assert_string_equal(report.errors[0].message, "other messages");
    assert_int_equal(report.errors[0].count, 500);
    assert_int_equal(report.metrics.total_failures, FAILURES_LIMIT + 500);
    report_release(&report);
}

static void test_collect__limits_the_rows_of_other_messages_too(void **state)
{
    (void)state;
    struct collect *collect = collect_new();
    static char kinds[3 * FAILURES_LIMIT][16];
    for (int i = 0; i < 3 * FAILURES_LIMIT; i++) {
        struct sample one = sample("a", i);
        snprintf(kinds[i], sizeof kinds[i], "kind%d", i);
        one.failed = true;
        one.kind = kinds[i];
        add(collect, &one);
    }
    struct report report = finished(collect);
    assert_int_equal(report.n_errors, 2 * FAILURES_LIMIT);
    report_release(&report);
}

static void test_collect__knows_when_failures_were_seen(void **state)
{
    (void)state;
    struct collect *collect = collect_new();
    add_failed(collect, "rare", 500);
    add_failed(collect, "often", 4000);
    add_failed(collect, "often", 1000);
    add_failed(collect, "often", 2000);
    struct report report = finished(collect);
    assert_int_equal(report.n_errors, 2);
    assert_string_equal(report.errors[0].message, "often");
    assert_int_equal(report.errors[0].count, 3);
    assert_int_equal(report.errors[0].first_seen_ns, START_NS + 1005 * NS_PER_MS);
    assert_int_equal(report.errors[0].last_seen_ns, START_NS + 4005 * NS_PER_MS);
    report_release(&report);
}

static void test_collect__has_a_series_whatever_the_order(void **state)
{
    (void)state;
    struct collect *collect = collect_new();
    for (int second = 199; second >= 0; second--) {
        struct sample one = sample("a", second * INT64_C(1000) + 1);
        one.users = second;
        for (int i = 0; i <= second; i++)
            add(collect, &one);
    }
    struct report report = finished(collect);
    assert_int_equal(report.series->n_requests, 200);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(report.series->requests[i], i + 1);
        assert_int_equal(report.series->users[i], i);
    }
    assert_int_equal(report.users, 199);
    report_release(&report);
}

static void test_collect__of_more_than_two_days_has_no_series(void **state)
{
    (void)state;
    static const int64_t two_days_ms = INT64_C(172800) * 1000;
    for (int sign = -1; sign <= 1; sign += 2) {
        struct collect *collect = collect_new();
        struct sample one = sample("a", 1);
        add(collect, &one);
        one = sample("a", sign * (two_days_ms + 1000));
        add(collect, &one);
        struct report report = finished(collect);
        assert_null(report.series);
        assert_true(report.duration_ns > two_days_ms * NS_PER_MS);
        report_release(&report);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_collect__has_no_duration_where_a_start_is_missing),
        cmocka_unit_test(test_collect__refuses_times_that_cannot_be),
        cmocka_unit_test(test_collect__is_of_one_run),
        cmocka_unit_test(test_collect__tells_a_name_from_a_method),
        cmocka_unit_test(test_collect__has_names_as_one_that_a_report_cannot_tell_apart),
        cmocka_unit_test(test_collect__limits_the_rows_of_failures),
        cmocka_unit_test(test_collect__limits_the_rows_of_other_messages_too),
        cmocka_unit_test(test_collect__knows_when_failures_were_seen),
        cmocka_unit_test(test_collect__has_a_series_whatever_the_order),
        cmocka_unit_test(test_collect__of_more_than_two_days_has_no_series),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
