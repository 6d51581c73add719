/* What destinations get, and when it is tried again. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "publish/kinds.h"

static int64_t wait_s(bool is_mail, int attempt, long status, int64_t retry_after_s)
{
    struct client_answer answer = {.status = status, .retry_after_s = retry_after_s};
    int64_t ns = publish_wait_ns(is_mail, attempt, &answer);
    return ns < 0 ? -1 : ns / NS_PER_S;
}

static void test_publish__waits_where_it_may_help(void **state)
{
    (void)state;
    assert_int_equal(wait_s(false, 1, 503, -1), 1);
    assert_int_equal(wait_s(false, 2, 500, -1), 2);
    assert_int_equal(wait_s(false, 3, 429, -1), 4);
    assert_int_equal(wait_s(false, 40, 0, -1), 60);
    assert_int_equal(wait_s(false, 1, 429, 17), 17);
    assert_int_equal(wait_s(false, 1, 503, 0), 0);
    assert_int_equal(wait_s(false, 1, 503, 86400), 60);
    assert_int_equal(wait_s(false, 1, 400, -1), -1);
    assert_int_equal(wait_s(false, 1, 410, 5), -1);
    assert_int_equal(wait_s(false, 1, 302, -1), -1);
    assert_int_equal(wait_s(true, 1, 0, -1), 1);
    assert_int_equal(wait_s(true, 2, 451, -1), 2);
    assert_int_equal(wait_s(true, 1, 550, -1), -1);
    struct client_answer final = {.status = 503, .retry_after_s = -1, .is_final = true};
    assert_int_equal(publish_wait_ns(false, 1, &final), -1);
}

static void test_publish__severity_is_the_worst(void **state)
{
    (void)state;
    struct verdict_row row = {.status = ROW_STABLE, .candidate = 10, .limit = 5};
    struct verdict_alert alert = {.severity = ALERT_CRITICAL, .state = ALERT_CLEAR};
    struct verdict verdict = {
        .status = OVERALL_PASS, .n_rows = 1, .rows = &row, .n_alerts = 1, .alerts = &alert};
    assert_int_equal(publish_severity(&verdict), NOTIFY_OK);
    verdict.status = OVERALL_UNDECIDED;
    assert_int_equal(publish_severity(&verdict), NOTIFY_WARNING);
    verdict.status = OVERALL_FAIL;
    assert_int_equal(publish_severity(&verdict), NOTIFY_ERROR);
    row.status = ROW_REGRESSED;
    assert_int_equal(publish_severity(&verdict), NOTIFY_CRITICAL);
    row.metric = METRIC_REQUESTS_PER_S; /* more is better */
    assert_int_equal(publish_severity(&verdict), NOTIFY_ERROR);
    row.candidate = 4;
    assert_int_equal(publish_severity(&verdict), NOTIFY_CRITICAL);
    row.limit = (double)NAN;
    assert_int_equal(publish_severity(&verdict), NOTIFY_ERROR);
    alert.state = ALERT_NOT_KNOWN;
    assert_int_equal(publish_severity(&verdict), NOTIFY_ERROR);
    alert.state = ALERT_FIRED;
    assert_int_equal(publish_severity(&verdict), NOTIFY_CRITICAL);
    alert.severity = ALERT_WARNING;
    verdict.status = OVERALL_PASS;
    row.status = ROW_STABLE;
    assert_int_equal(publish_severity(&verdict), NOTIFY_WARNING);
}

/* Two of one policy would else be one series of their store. */
static void test_publish__named_metrics_keep_their_names(void **state)
{
    (void)state;
    static const enum notify_kind kinds[] = {NOTIFY_DATADOG, NOTIFY_NEWRELIC};
    struct verdict_row rows[] = {
        {.metric = METRIC_NAMED_HIGHER, .name = "cache_hit_ratio", .candidate = 0.9},
        {.metric = METRIC_NAMED, .name = "queue_depth", .candidate = 3}};
    const struct verdict verdict = {.n_rows = 2, .rows = rows};
    const struct publish_content content = {.verdict = &verdict};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct notify_destination to = {
            .kind = (int)kinds[i], .name = "store", .url = "http://127.0.0.1:9"};
        struct publish_message message;
        publish_build(&content, &to, "secret", 0, &message);
        assert_non_null(strstr(buf_text(&message.body), "\"perfgate.cache_hit_ratio\""));
        assert_non_null(strstr(buf_text(&message.body), "\"perfgate.queue_depth\""));
        publish_message_release(&message);
    }
}

static void expect_line(const char *text, size_t limit, const char *line)
{
    struct buf out = {0};
    publish_add_line(&out, text, limit);
    assert_string_equal(buf_text(&out), line);
    buf_release(&out);
}

static void test_publish__a_line_is_one(void **state)
{
    (void)state;
    expect_line("a\r\nb\tc\x7f", 100, "a  b c ");
    expect_line("\xc3\xa4\xc3\xa4", 3, "\xc3\xa4");
    expect_line("\xff\xc3", 9, "??");
    expect_line("\xc2\x85x", 9, " x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_publish__waits_where_it_may_help),
        cmocka_unit_test(test_publish__severity_is_the_worst),
        cmocka_unit_test(test_publish__named_metrics_keep_their_names),
        cmocka_unit_test(test_publish__a_line_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
