/* The examples of the manual pages decode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/fs.h"
#include "model/acceptance.h"
#include "model/anchor.h"
#include "model/notify.h"
#include "model/policy.h"
#include "model/report.h"
#include "model/scenario.h"
#include "model/verdict.h"

/* A literal display of a page, from 0, with mdoc's `\e` as the backslash that it stands for. */
static void read_display(const char *page, size_t number, struct buf *out)
{
    struct buf text = {0};
    struct err err = {0};
    assert_int_equal(fs_read(page, (size_t)1 << 20, &text, &err), 0);
    static const char open[] = ".Bd -literal\n";
    const char *start = buf_text(&text);
    for (size_t i = 0; i <= number; i++) {
        start = strstr(start, open);
        assert_non_null(start);
        start += sizeof open - 1;
    }
    const char *end = strstr(start, "\n.Ed\n");
    assert_non_null(end);
    for (const char *at = start; at < end; at++) {
        buf_add_char(out, *at);
        if (*at == '\\') {
            assert_int_equal(at[1], 'e');
            at++;
        }
    }
    buf_release(&text);
}

static void read_example(const char *page, struct buf *out)
{
    read_display(page, 0, out);
}

static void test_man__baselines(void **state)
{
    (void)state;
    static const char page[] = "lib/model/man/perfgate-baselines.5";
    struct acceptance acceptance;
    struct anchor anchor;
    struct err err = {0};
    struct buf text = {0};
    read_example(page, &text);
    int status = acceptance_decode(buf_text(&text), text.len, page, &acceptance, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    buf_reset(&text);
    read_display(page, 1, &text);
    status = anchor_decode(buf_text(&text), text.len, page, &anchor, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    buf_release(&text);
    acceptance_release(&acceptance);
    anchor_release(&anchor);
}

static void test_man__report(void **state)
{
    (void)state;
    struct report report;
    struct err err = {0};
    struct buf text = {0};
    read_example("lib/model/man/perfgate-report.5", &text);
    int status = report_decode(buf_text(&text), text.len, "perfgate-report.5", &report, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    /* The page's formula of the buckets is the histogram's. */
    const struct histogram_sparse *histogram = &report.endpoints[0].histogram;
    assert_int_equal(histogram->index[0], histogram_bucket(histogram->min_ns));
    assert_int_equal(histogram->index[1], histogram_bucket(histogram->max_ns));
    assert_int_equal(histogram_bucket(INT64_MAX), HISTOGRAM_BUCKETS - 1);
    buf_release(&text);
    report_release(&report);
}

static void test_man__policy(void **state)
{
    (void)state;
    struct policy policy;
    struct err err = {0};
    struct buf text = {0};
    read_example("lib/model/man/perfgate-policy.5", &text);
    int status = policy_decode(buf_text(&text), text.len, "perfgate-policy.5", &policy, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    buf_release(&text);
    policy_release(&policy);
}

static void test_man__notify(void **state)
{
    (void)state;
    struct notify notify;
    struct err err = {0};
    struct buf text = {0};
    read_example("lib/model/man/perfgate-notify.5", &text);
    int status = notify_decode(buf_text(&text), text.len, "perfgate-notify.5", &notify, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    assert_true(notify_hears(&notify, NOTIFY_CRITICAL, notify_find(&notify, "on-call")));
    assert_true(notify_hears(&notify, NOTIFY_ERROR, notify_find(&notify, "channel")));
    assert_false(notify_hears(&notify, NOTIFY_OK, notify_find(&notify, "channel")));
    buf_release(&text);
    notify_release(&notify);
}

static void test_man__verdict(void **state)
{
    (void)state;
    struct verdict verdict;
    struct err err = {0};
    struct buf text = {0};
    read_example("lib/model/man/perfgate-verdict.5", &text);
    int status = verdict_decode(buf_text(&text), text.len, "perfgate-verdict.5", &verdict, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    buf_release(&text);
    verdict_release(&verdict);
}

static void test_man__scenario(void **state)
{
    (void)state;
    struct scenario scenario;
    struct err err = {0};
    struct buf text = {0};
    read_example("lib/model/man/perfgate-scenario.5", &text);
    int status = scenario_decode(buf_text(&text), text.len, "perfgate-scenario.5", &scenario, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(status, 0);
    buf_release(&text);
    scenario_release(&scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_man__baselines), cmocka_unit_test(test_man__report),
        cmocka_unit_test(test_man__policy),    cmocka_unit_test(test_man__verdict),
        cmocka_unit_test(test_man__scenario),  cmocka_unit_test(test_man__notify),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
