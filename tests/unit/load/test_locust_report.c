/* The lines that the Locust engine writes, and the report of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "load/locust_result.h"
#include "model/report.h"

static const struct locust_plan plan = {
    .suite = "shop", .host = "http://h", .workload = "0123456789abcdef", .users = 4};

static int take(struct locust_result *result, const char *line, struct err *err)
{
    *err = (struct err){0};
    return locust_result_take(result, line, strlen(line), err);
}

static void take_all(struct locust_result *result, const char *const *lines, size_t n)
{
    struct err err;
    for (size_t i = 0; i < n; i++)
        if (take(result, lines[i], &err) < 0)
            fail_msg("%s", err.text);
}

static const char begin[] = "{\"kind\": \"begin\", \"host\": \"http://h\", \"locust\": \"2.46\", "
                            "\"users\": 4, \"expected\": 4}";
static const char second[] = "{\"kind\": \"second\", \"at\": 0, \"users\": 4, \"failures\": 1, "
                             "\"sum_ns\": 30, \"bytes\": 9, \"times\": [10, 3]}";
static const char state[] =
    "{\"kind\": \"state\", \"duration_ns\": 2000000000, \"busy\": false, \"exceptions\": [],"
    " \"endpoints\": [{\"method\": \"GET\", \"name\": \"/\", \"failures\": 1, \"sum_ns\": 30,"
    " \"min_ns\": 9, \"max_ns\": 11, \"bytes\": 9, \"without_time\": 2, \"times\": [10, 3]}],"
    " \"errors\": [{\"method\": \"GET\", \"name\": \"/\", \"error\": \"status\","
    " \"text\": \"expected status 200, found 500\", \"count\": 1}]}";

static void build(const struct locust_result *result, bool interrupted, struct load_result *out)
{
    struct err err = {0};
    if (locust_result_build(result, &plan, NULL, interrupted, out, &err) < 0)
        fail_msg("%s", err.text);
}

static void test_locust_report__has_the_figures_of_the_last_state(void **unused)
{
    (void)unused;
    struct locust_result result = {0};
    struct load_result out;
    const char *const lines[] = {begin, second, state, "{\"kind\": \"end\"}"};
    take_all(&result, lines, 4);
    build(&result, false, &out);
    const struct report *report = &out.sides[0].report;
    assert_true(report->health.valid);
    assert_int_equal(report->metrics.total_requests, 3);
    assert_int_equal(report->metrics.total_failures, 1);
    assert_true(report->metrics.requests_per_s == 1.5);
    assert_true(report->metrics.average_ms == 10e-6);
    assert_int_equal(report->n_endpoints, 1);
    assert_string_equal(report->endpoints[0].name, "/");
    assert_int_equal(report->endpoints[0].histogram.count, 3);
    assert_true(report->endpoints[0].content_bytes == 3);
    assert_int_equal(report->n_errors, 1);
    assert_string_equal(report->errors[0].kind, "status");
    assert_int_equal(report->series->n_requests, 1);
    assert_int_equal(report->series->requests[0], 3);
    assert_int_equal(out.sides[0].seconds[0].content_bytes, 9);
    assert_int_equal(report->health.n_notes, 1); /* requests without a time */
    load_result_release(&out);
    locust_result_release(&result);
}

/* What the tools write is what they can read: minimum and maximum lie in the first and last bucket,
 * whatever the peer says of them. */
static void test_locust_report__can_be_read_again(void **unused)
{
    (void)unused;
    struct locust_result result = {0};
    struct load_result out;
    struct report again;
    struct buf text = {0};
    struct err err = {0};
    const char *const lines[] = {begin, second, state};
    take_all(&result, lines, 3);
    build(&result, false, &out);
    report_encode(&out.sides[0].report, &text);
    if (report_decode(text.data, text.len, "r.json", &again, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(again.health.n_reasons, 1);
    assert_string_equal(again.health.reasons[0], "generator_lost"); /* no end was told */
    report_release(&again);
    buf_release(&text);
    load_result_release(&out);
    locust_result_release(&result);
}

static void test_locust_report__says_why_a_run_is_not_valid(void **unused)
{
    (void)unused;
    struct locust_result result = {0};
    struct load_result out;
    const char *const lines[] = {begin, "{\"kind\": \"lost\", \"worker\": \"w\"}",
                                 "{\"kind\": \"state\", \"duration_ns\": 5, \"exceptions\": "
                                 "[{\"text\": \"'f.py' line 3: x\", \"count\": 7}]}",
                                 "{\"kind\": \"end\"}"};
    take_all(&result, lines, 4);
    build(&result, true, &out);
    const struct report_health *health = &out.sides[0].report.health;
    assert_false(health->valid);
    assert_int_equal(health->n_reasons, 4);
    assert_string_equal(health->reasons[0], "interrupted");
    assert_string_equal(health->reasons[1], "no_requests");
    assert_string_equal(health->reasons[2], "generator_lost");
    assert_string_equal(health->reasons[3], "exceptions");
    assert_string_equal(health->notes[1], "a task raised an exception, 7 times: 'f.py' line 3: x");
    load_result_release(&out);
    locust_result_release(&result);
}

static void test_locust_report__refuses_what_is_no_line_of_the_bridge(void **unused)
{
    (void)unused;
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "{}",
        "{\"kind\": 1}",
        "{\"kind\": \"other\"}",
        "{\"kind\": \"lost\"}",
        "{\"kind\": \"error\"}",
        "{\"kind\": \"progress\", \"users\": -1}",
        "{\"kind\": \"second\", \"at\": 1, \"times\": []}", /* the first one is 0 */
        "{\"kind\": \"second\", \"at\": 0, \"times\": [1.5]}",
    };
    struct err err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct locust_result result = {0};
        assert_int_equal(take(&result, bad[i], &err), -1);
        assert_true(err.text[0] != 0);
        locust_result_release(&result);
    }
}

static void test_locust_report__refuses_figures_that_are_none(void **unused)
{
    (void)unused;
    static const char *const bad[] = {
        "[1]",                /* no count */
        "[1, 0]",             /* none of it */
        "[200, 1, 100, 1]",   /* descending */
        "[1, 1000000000001]", /* too many */
        "[1, 999999999999, 2, 999999999999, 3, 999999999999]",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct locust_result result = {0};
        struct load_result out;
        struct err err = {0};
        struct buf line = {0};
        buf_addf(&line,
                 "{\"kind\": \"state\", \"duration_ns\": 1, \"endpoints\": [{\"method\": \"\", "
                 "\"name\": \"n\", \"times\": %s}]}",
                 bad[i]);
        assert_int_equal(take(&result, buf_text(&line), &err), 0);
        assert_int_equal(locust_result_build(&result, &plan, NULL, false, &out, &err), -1);
        assert_non_null(strstr(err.text, "'n'"));
        buf_release(&line);
        locust_result_release(&result);
    }
}

/* As many digits as a line can hold: two of these are more than a report can. */
#define HALF "600000000000000000"

static void test_locust_report__refuses_sums_that_overflow(void **unused)
{
    (void)unused;
    static const char *const bad[][2] = {
        {"{\"kind\": \"state\", \"duration_ns\": 1, \"endpoints\": ["
         "{\"method\": \"\", \"name\": \"a\", \"sum_ns\": " HALF ", \"times\": [1, 1]},"
         "{\"method\": \"\", \"name\": \"n\", \"sum_ns\": " HALF ", \"times\": [1, 1]}]}",
         "'n' are no latencies"},
        {"{\"kind\": \"second\", \"at\": 0, \"sum_ns\": " HALF ", \"times\": [1, 1]}",
         "seconds hold no latencies"},
        {"{\"kind\": \"second\", \"at\": 0, \"bytes\": " HALF ", \"times\": [1, 1]}",
         "seconds hold no latencies"},
        {"{\"kind\": \"second\", \"at\": 0, \"failures\": " HALF ", \"times\": [1, 1]}",
         "seconds hold no latencies"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct locust_result result = {0};
        struct load_result out;
        struct err err = {0};
        char again[200];
        const char *at = strstr(bad[i][0], "\"at\": 0");
        assert_int_equal(take(&result, bad[i][0], &err), 0);
        if (at) { /* the same once more, as second 1 */
            snprintf(again, sizeof again, "%.*s\"at\": 1%s", (int)(at - bad[i][0]), bad[i][0],
                     at + strlen("\"at\": 0"));
            assert_int_equal(take(&result, again, &err), 0);
        }
        assert_int_equal(locust_result_build(&result, &plan, NULL, false, &out, &err), -1);
        assert_non_null(strstr(err.text, bad[i][1]));
        locust_result_release(&result);
    }
}

static void test_locust_report__begins_once(void **unused)
{
    (void)unused;
    struct locust_result result = {0};
    struct err err;
    assert_int_equal(take(&result, begin, &err), 0);
    assert_int_equal(take(&result, begin, &err), -1);
    assert_non_null(strstr(err.text, "expected the measured time to begin once"));
    locust_result_release(&result);
}

static void test_locust_report__a_generator_that_fell_short_is_not_valid(void **unused)
{
    (void)unused;
    struct locust_result result = {0};
    struct load_result out;
    const char *const lines[] = {
        begin,
        "{\"kind\": \"state\", \"duration_ns\": 5, \"endpoints\": [{\"method\": \"GET\", \"name\": "
        "\"/\","
        " \"failures\": 1, \"sum_ns\": 1, \"times\": [1, 1]}], \"errors\": [{\"method\": \"GET\","
        " \"name\": \"/\", \"error\": \"generator\", \"text\": \"x\", \"count\": 1}]}",
        "{\"kind\": \"end\"}"};
    take_all(&result, lines, 3);
    build(&result, false, &out);
    assert_int_equal(out.sides[0].report.health.n_reasons, 1);
    assert_string_equal(out.sides[0].report.health.reasons[0], "socket_errors");
    load_result_release(&out);
    locust_result_release(&result);
}

static void test_locust_report__an_error_is_its_own_message(void **unused)
{
    (void)unused;
    struct locust_result result = {0};
    struct err err;
    assert_int_equal(take(&result, "{\"kind\": \"error\", \"text\": \"'f.py' line 1: no\"}", &err),
                     -1);
    assert_string_equal(err.text, "'f.py' line 1: no");
    assert_int_equal(err.code, ERR_INPUT);
    locust_result_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_locust_report__has_the_figures_of_the_last_state),
        cmocka_unit_test(test_locust_report__can_be_read_again),
        cmocka_unit_test(test_locust_report__says_why_a_run_is_not_valid),
        cmocka_unit_test(test_locust_report__refuses_what_is_no_line_of_the_bridge),
        cmocka_unit_test(test_locust_report__refuses_figures_that_are_none),
        cmocka_unit_test(test_locust_report__refuses_sums_that_overflow),
        cmocka_unit_test(test_locust_report__begins_once),
        cmocka_unit_test(test_locust_report__a_generator_that_fell_short_is_not_valid),
        cmocka_unit_test(test_locust_report__an_error_is_its_own_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
