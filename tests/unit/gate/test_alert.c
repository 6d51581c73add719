/* Alerts asked of reports, and what the verdict has of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "court.h"
#include "gate/alert.h"
#include "synth.h"

#define N 6

/* Averages of six seconds; NAN is one without requests. */
struct seconds {
    double average_ms[N];
};

/* The state of one condition asked of a report of 1000 requests, 20 failures, 10 and 20 ms. */
static int state_of(const char *condition, const struct seconds *seconds, struct buf *why)
{
    struct policy_alert alert = {.name = "a", .condition = condition, .message = "m"};
    struct report report = synth_flat(1000, 20, 10, 20);
    struct alert_watch watch;
    struct err err = {0};
    int64_t requests[N], failures[N] = {0};
    struct report_series series = {.interval_ns = NS_PER_S,
                                   .n_requests = N,
                                   .n_failures = N,
                                   .requests = requests,
                                   .failures = failures};
    add_endpoint(&report, "GET", "/fast", 5);
    add_endpoint(&report, "GET", "/slow", 500);
    double average[N] = {0};
    for (size_t i = 0; seconds && i < N; i++)
        requests[i] = isnan(seconds->average_ms[i]) ? 0 : 100;
    if (seconds) {
        memcpy(average, seconds->average_ms, sizeof average);
        series.n_average = N;
        series.average_ms = average;
        report.series = &series;
    }
    assert_int_equal(alert_watch_init(&watch, &alert, 1, &err), 0);
    alert_watch_report(&watch, &report);
    int state = watch.all[0].state;
    if (why && state == ALERT_FIRED)
        buf_add_str(why, watch.all[0].figures);
    if (why && state == ALERT_NOT_KNOWN)
        alert_add_missing(why, &watch.all[0]);
    alert_watch_release(&watch);
    report.series = NULL;
    report_release(&report);
    return state;
}

static void expect(const char *condition, int expected, const char *why)
{
    struct buf found = {0};
    assert_int_equal(state_of(condition, NULL, &found), expected);
    assert_string_equal(buf_text(&found), why);
    buf_release(&found);
}

static void test_alert__of_the_whole_run(void **state)
{
    (void)state;
    expect("avg_response_time > 9.9", ALERT_FIRED, "average 10.0 ms");
    expect("avg_response_time > 10", ALERT_CLEAR, "");
    expect("avg_response_time >= 10", ALERT_FIRED, "average 10.0 ms");
    expect("avg_response_time < 10", ALERT_CLEAR, "");
    expect("avg_response_time <= 10", ALERT_FIRED, "average 10.0 ms");
    expect("avg_response_time == 10", ALERT_FIRED, "average 10.0 ms");
    expect("avg_response_time != 10", ALERT_CLEAR, "");
    expect("error_rate > 1% and p95 > 19", ALERT_FIRED, "error rate 2.00 %, p95 20.0 ms");
    expect("error_rate > 1% and p95 > 20", ALERT_CLEAR, "");
    expect("error_rate > 1% or p95 > 20", ALERT_FIRED, "error rate 2.00 %");
    expect("not error_rate > 2%", ALERT_FIRED, "");
}

static void test_alert__of_endpoints(void **state)
{
    (void)state;
    expect("endpoint('GET /slow').avg_response_time > 400", ALERT_FIRED,
           "GET /slow average 500 ms");
    expect("endpoint('GET /fast').avg_response_time > 400", ALERT_CLEAR, "");
    expect("endpoint('GET /*').avg_response_time > 400", ALERT_FIRED, "GET /slow average 500 ms");
    expect("endpoint('POST /*').avg_response_time > 400", ALERT_NOT_KNOWN,
           "nothing measured avg_response_time of 'POST /*'");
}

static void test_alert__what_is_not_known_neither_fires_nor_counts(void **state)
{
    (void)state;
    expect("cpu_usage > 0.9", ALERT_NOT_KNOWN, "nothing measured cpu_usage");
    expect("not cpu_usage > 0.9", ALERT_NOT_KNOWN, "nothing measured cpu_usage");
    expect("cpu_usage > 0.9 or error_rate > 1%", ALERT_FIRED, "error rate 2.00 %");
    expect("cpu_usage > 0.9 or error_rate > 2%", ALERT_NOT_KNOWN, "nothing measured cpu_usage");
    expect("cpu_usage > 0.9 and error_rate > 1%", ALERT_NOT_KNOWN, "nothing measured cpu_usage");
    expect("cpu_usage > 0.9 and error_rate > 2%", ALERT_CLEAR, "");
    expect("hits > 1 for 2s", ALERT_NOT_KNOWN, "the report has no figures by interval");
}

static void test_alert__of_what_the_target_was_busy_with(void **state)
{
    (void)state;
    const struct policy_alert alerts[] = {
        {.name = "cpu", .condition = "cpu_usage > 90%", .message = ""},
        {.name = "memory", .condition = "memory_usage > 0.5", .message = ""}};
    struct report_resources resources = {
        .cpu_usage = 0.95, .memory_usage = (double)NAN, .of_machine = true};
    struct report report = {.metrics = metrics_unknown(), .resources = &resources};
    struct alert_watch watch;
    struct err err = {0};
    assert_int_equal(alert_watch_init(&watch, alerts, 2, &err), 0);
    alert_watch_report(&watch, &report);
    assert_int_equal(watch.all[0].state, ALERT_NOT_KNOWN);
    resources.of_machine = false;
    alert_watch_report(&watch, &report);
    assert_int_equal(watch.all[0].state, ALERT_FIRED);
    assert_string_equal(watch.all[0].figures, "CPU 95.0 %");
    assert_int_equal(watch.all[1].state, ALERT_NOT_KNOWN);
    alert_watch_release(&watch);
}

static void test_alert__of_what_was_watched(void **state)
{
    (void)state;
    const struct policy_alert alerts[] = {
        {.name = "a", .condition = "hits < 0.5 or target.cpu.maximum > 0.9", .message = ""},
        {.name = "b", .condition = "cpu_usage > 80% for 2s", .message = ""},
        {.name = "c", .condition = "hits < 0.45 for 3s", .message = ""},
        {.name = "d", .condition = "hits < 0.45 for 2s", .message = ""}};
    int64_t requests[] = {5, 5, 5, 5}, failures[] = {0, 0, 0, 0};
    double cpu[] = {0.5, 0.85, 0.9, 0.2}, hits[] = {0.5, 0.4, 0.4, (double)NAN};
    struct resource_series of_target = {
        .name = "cpu", .average = 0.6, .maximum = 0.9, .n_values = 4, .values = cpu};
    struct resource_series of_app = {
        .name = "hits", .average = 0.43, .n_values = 4, .values = hits};
    struct resource_source sources[] = {
        {.name = "target", .kind = RESOURCE_PROCESS, .n_series = 1, .series = &of_target},
        {.name = "app", .kind = RESOURCE_APPLICATION, .n_series = 1, .series = &of_app}};
    struct report_resources resources = {
        .interval_ns = NS_PER_S, .cpu_usage = 0.6, .n_sources = 2, .sources = sources};
    struct report_series series = {.interval_ns = NS_PER_S,
                                   .n_requests = 4,
                                   .n_failures = 4,
                                   .requests = requests,
                                   .failures = failures};
    struct report report = {
        .metrics = metrics_unknown(), .resources = &resources, .series = &series};
    struct alert_watch watch;
    struct err err = {0};
    assert_int_equal(alert_watch_init(&watch, alerts, 4, &err), 0);
    alert_watch_report(&watch, &report);
    assert_string_equal(watch.all[0].figures, "hits 0.430");
    assert_string_equal(watch.all[1].figures, "CPU 90.0 %, at 3s");
    assert_int_equal(watch.all[2].state, ALERT_CLEAR);
    assert_string_equal(watch.all[3].figures, "hits 0.400, at 3s");
    alert_watch_release(&watch);
    /* A side of a paired run has seconds of its own. */
    struct report_pair pair = {0};
    report.pair = &pair;
    assert_int_equal(alert_watch_init(&watch, alerts, 4, &err), 0);
    alert_watch_report(&watch, &report);
    assert_int_equal(watch.all[1].state, ALERT_NOT_KNOWN);
    alert_watch_release(&watch);
}

static void test_alert__lasting(void **state)
{
    (void)state;
    const double nan = (double)NAN;
    const struct {
        const char *condition;
        struct seconds seconds;
        int state;
        const char *why;
    } cases[] = {
        {"avg_response_time > 50 for 3s",
         {{9, 60, 70, 80, 9, 9}},
         ALERT_FIRED,
         "average 80.0 ms, at 4s"},
        {"avg_response_time > 50 for 3s", {{60, 70, 9, 80, 90, 9}}, ALERT_CLEAR, ""},
        {"avg_response_time > 50 for 3s",
         {{9, 60, nan, 80, 9, 9}},
         ALERT_FIRED,
         "average 80.0 ms, at 4s"},
        {"avg_response_time > 50 for 3s", {{9, 60, nan, nan, nan, 9}}, ALERT_CLEAR, ""},
        {"avg_response_time > 50 for 3s", {{nan, nan, nan, nan, 60, 60}}, ALERT_CLEAR, ""},
        {"avg_response_time > 50 for 6s",
         {{60, 60, 60, 60, 60, 60}},
         ALERT_FIRED,
         "average 60.0 ms, at 6s"},
        {"avg_response_time > 50 for 7s", {{60, 60, 60, 60, 60, 60}}, ALERT_CLEAR, ""},
        {"avg_response_time > 50 for 10ms",
         {{9, 60, 9, 9, 9, 9}},
         ALERT_FIRED,
         "average 60.0 ms, at 2s"},
        {"avg_response_time > 50 for 2s and avg_response_time > 80",
         {{60, 70, 80, 90, 9, 9}},
         ALERT_FIRED,
         "average 90.0 ms, average 90.0 ms, at 4s"},
        {"not avg_response_time > 50 for 2s", {{9, 9, 9, 9, 9, 9}}, ALERT_FIRED, "at 1s"},
        {"requests_per_second < 50 for 2s",
         {{9, nan, nan, 9, 9, 9}},
         ALERT_FIRED,
         "requests per second 0.00 /s, at 3s"},
        {"p99 > 50 for 2s", {{9, 9, 9, 9, 9, 9}}, ALERT_NOT_KNOWN, "no interval's p99 is known"},
        {"endpoint('GET /slow').avg_response_time > 1 for 1s",
         {{9, 9, 9, 9, 9, 9}},
         ALERT_NOT_KNOWN,
         "no interval's avg_response_time of 'GET /slow' is known"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf why = {0};
        assert_int_equal(state_of(cases[i].condition, &cases[i].seconds, &why), cases[i].state);
        assert_string_equal(buf_text(&why), cases[i].why);
        buf_release(&why);
    }
}

/* ---- the verdict ---- */

static const struct verdict_alert *alert_of(const struct court *court, const char *name)
{
    for (size_t i = 0; i < court->verdict.n_alerts; i++)
        if (strcmp(court->verdict.alerts[i].name, name) == 0)
            return &court->verdict.alerts[i];
    fail_msg("no alert '%s'", name);
    return NULL;
}

static void test_alert__the_three_of_the_built_in_policy(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.n_acceptances = 0;
    court.base[0] = synth_flat(1000, 100, 1500, 2000);
    court.candidate[0] = synth_flat(1000, 100, 1500, 2000);
    court.policy.overall.limit[METRIC_ERROR_RATE].critical = 1;
    court_judge(&court, 0); /* an alert fails nothing */
    assert_int_equal(court.verdict.n_alerts, 3);
    const struct verdict_alert *alert = alert_of(&court, "high_response_time");
    assert_int_equal(alert->state, ALERT_FIRED);
    assert_string_equal(alert->reason, "average 1.50 s");
    alert = alert_of(&court, "high_error_rate");
    assert_int_equal(alert->state, ALERT_FIRED);
    assert_string_equal(alert->reason, "error rate 10.0 %");
    alert = alert_of(&court, "high_cpu_usage");
    assert_int_equal(alert->state, ALERT_NOT_KNOWN);
    assert_string_equal(alert->reason, "nothing measured cpu_usage");
    for (size_t i = 0; i < court.verdict.n_warnings; i++)
        assert_null(strstr(court.verdict.warnings[i], "alert"));
    court_close(&court);
}

static void test_alert__of_both_policies(void **state)
{
    (void)state;
    static const struct policy_alert base[] = {
        {.name = "slow", .condition = "avg_response_time > 1", .message = "base's"},
        {.name = "cold", .condition = "cache_hit_ratio < 1", .message = "cold"}};
    static const struct policy_alert candidate[] = {
        {.name = "slow", .condition = "avg_response_time > 1000", .message = "candidate's"},
        {.name = "new", .condition = "p95 > 1", .message = "new"}};
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.policy.alerts = base;
    court.policy.n_alerts = 2;
    court.candidate_policy.alerts = candidate;
    court.candidate_policy.n_alerts = 2;
    court.in.candidate_policy = &court.candidate_policy;
    court_judge(&court, 0);
    assert_int_equal(court.verdict.n_alerts, 3);
    assert_string_equal(alert_of(&court, "slow")->message, "base's");
    assert_int_equal(alert_of(&court, "slow")->state, ALERT_FIRED);
    assert_int_equal(alert_of(&court, "new")->state, ALERT_FIRED);
    const char *warning = court.verdict.warnings[court.verdict.n_warnings - 1];
    assert_string_equal(warning,
                        "the alert 'cold' was not evaluated: nothing measured cache_hit_ratio");
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alert__of_the_whole_run),
        cmocka_unit_test(test_alert__of_endpoints),
        cmocka_unit_test(test_alert__what_is_not_known_neither_fires_nor_counts),
        cmocka_unit_test(test_alert__of_what_the_target_was_busy_with),
        cmocka_unit_test(test_alert__of_what_was_watched),
        cmocka_unit_test(test_alert__lasting),
        cmocka_unit_test(test_alert__the_three_of_the_built_in_policy),
        cmocka_unit_test(test_alert__of_both_policies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
