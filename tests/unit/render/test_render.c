#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/render.h"
#include "verdict_row.h"

#define MANY 9000

static const double unknown = (double)NAN;

static void render(int format, const struct verdict *verdict, struct buf *out)
{
    struct render_options how = {.title = "perf_verdict.json"};
    render_formats[format].verdict(verdict, &how, out);
}

static void test_render__has_a_name_for_each_format(void **state)
{
    (void)state;
    for (int i = 0; i < FORMAT_COUNT; i++) {
        assert_string_equal(render_format_name(i), render_formats[i].name);
        assert_non_null((const void *)(uintptr_t)render_formats[i].verdict);
    }
    assert_null(render_format_name(FORMAT_COUNT));
    assert_null(render_format_name(-1));
}

/* A page of `format` is as long as it may be, and says what is left out. */
static void assert_within(int format, const struct verdict *verdict)
{
    struct buf out = {0};
    render(format, verdict, &out);
    assert_true(out.len <= render_formats[format].limit);
    assert_true(out.len > render_formats[format].limit / 2);
    /* Worst first, and what is missing is said. */
    assert_non_null(strstr(buf_text(&out), "| regressed | "));
    assert_non_null(strstr(buf_text(&out), " more rows are left out, to keep this page short**; "
                                           "`perf_verdict.json` has all rows.\n"));
    assert_non_null(strstr(buf_text(&out), "</details>"));
    buf_release(&out);
}

static void test_render__markdown_stays_within_its_limit(void **state)
{
    (void)state;
    static struct verdict_row rows[MANY];
    static char names[MANY][400];
    const char *warnings[200];
    struct verdict verdict = {.n_rows = MANY, .rows = rows, .alpha = unknown};
    verdict.status = OVERALL_FAIL;
    verdict.summary = names[0];
    verdict.n_warnings = 200;
    verdict.warnings = warnings;
    for (size_t i = 0; i < MANY; i++) {
        memset(names[i], i % 2 ? '`' : '<', sizeof names[i] - 1);
        snprintf(names[i], 8, "/%zu", i);
        names[i][strlen(names[i])] = '|';
        rows[i] = slow_row(i < 10 ? ROW_REGRESSED : ROW_STABLE, names[i]);
        rows[i].reason = names[i];
    }
    for (size_t i = 0; i < 200; i++)
        warnings[i] = names[i];
    assert_within(FORMAT_MARKDOWN, &verdict);
    assert_within(FORMAT_COMMENT, &verdict);
    struct buf out = {0};
    render(FORMAT_COMMENT, &verdict, &out);
    assert_true(out.len <= 60 * 1000);
    assert_non_null(strstr(buf_text(&out), " more lines left out\n"));
    buf_release(&out);
}

static void test_render__counts_the_rows_that_are_left_out(void **state)
{
    (void)state;
    struct verdict_row rows[50];
    struct verdict verdict = {.n_rows = 50, .rows = rows, .alpha = unknown, .summary = "slower"};
    for (size_t i = 0; i < 50; i++)
        rows[i] = slow_row(ROW_REGRESSED, "/x");
    struct buf out = {0};
    struct render_options how = {.title = "v.json", .limit = 3000};
    render_formats[FORMAT_MARKDOWN].verdict(&verdict, &how, &out);
    size_t shown = 0;
    for (const char *at = buf_text(&out); (at = strstr(at, "| regressed |")) != NULL; at++)
        shown++;
    char expected[80];
    snprintf(expected, sizeof expected, "**%zu more rows are left out", 50 - shown);
    assert_true(shown > 10 && shown < 50);
    assert_non_null(strstr(buf_text(&out), expected));
    assert_true(out.len <= 3000);
    buf_release(&out);
}

static void test_render__says_why_and_leaves_unknown_columns_out(void **state)
{
    (void)state;
    struct verdict_row rows[] = {slow_row(ROW_REGRESSED, NULL), slow_row(ROW_STABLE, "/x")};
    rows[0].text_digits = 1;
    rows[0].change = 20.04;
    const char *warnings[] = {"one warning"};
    struct verdict verdict = {.status = OVERALL_FAIL,
                              .summary = "1 row regressed",
                              .comparison = COMPARISON_FILE,
                              .baseline_choice = "old.json (--baseline)",
                              .alpha = unknown,
                              .n_rows = 2,
                              .rows = rows,
                              .n_warnings = 1,
                              .warnings = warnings};
    struct buf out = {0};
    render(FORMAT_TEXT, &verdict, &out);
    assert_string_equal(buf_text(&out),
                        "fail: 1 row regressed\n"
                        "\n"
                        "Status     Endpoint  Metric      Base  Candidate    Change  Allowed\n"
                        "regressed  overall   p95     10.00 ms   15.00 ms  +20.04 %    +20 %\n"
                        "    over the threshold\n"
                        "\n"
                        "Status  Endpoint  Metric     Base  Candidate   Change  Allowed\n"
                        "stable  GET /x    p95     10.0 ms    15.0 ms  +50.0 %    +20 %\n"
                        "\n"
                        "warning: one warning\n"
                        "comparison: file\n"
                        "baseline: old.json (--baseline)\n");
    buf_release(&out);
}

static struct verdict_acceptance acceptance = {
    .by = "Ann <a@b.c>", .reason = "new index", .value = 16, .place = "1a2b3c4:x.accept.json"};

/* Its row is among those that matter, with its reason and its bound, and is not green. */
static void test_render__shows_who_accepted_what(void **state)
{
    (void)state;
    struct verdict_row rows[] = {slow_row(ROW_ACCEPTED, "/x"), slow_row(ROW_STABLE, "/y")};
    rows[0].reason = "p95 +50.0 % (allowed +20 %), accepted up to 16.0 ms by Ann <a@b.c>: new index"
                     " (1a2b3c4:x.accept.json)";
    rows[0].acceptance = &acceptance;
    struct verdict verdict = {.alpha = unknown, .n_rows = 2, .rows = rows, .summary = "accepted"};
    struct buf out = {0};
    render(FORMAT_TEXT, &verdict, &out);
    assert_non_null(strstr(
        buf_text(&out), "\n\nStatus    Endpoint  Metric     Base  Candidate   Change     Allowed\n"
                        "accepted  GET /x    p95     10.0 ms    15.0 ms  +50.0 %  <= 16.0 ms\n"
                        "    p95 +50.0 % (allowed +20 %), accepted up to 16.0 ms by Ann "
                        "<a@b.c>: new index (1a2b3c4:x.accept.json)\n\n"));
    buf_reset(&out);
    struct render_options colored = {.color = true};
    render_formats[FORMAT_TEXT].verdict(&verdict, &colored, &out);
    assert_non_null(strstr(buf_text(&out), "\n\033[35maccepted\033[0m"));
    assert_non_null(strstr(buf_text(&out), "\n\033[32mstable\033[0m"));
    buf_reset(&out);
    render(FORMAT_MARKDOWN, &verdict, &out);
    assert_non_null(strstr(buf_text(&out),
                           "\n| accepted | `GET /x` | p95 | 10.0 ms | 15.0 ms | +50.0 % | "
                           "&#60;= 16.0 ms | p95 +50.0 % (allowed +20 %), accepted up to 16.0 ms "
                           "by Ann &#60;a@&#8203;b.c&#62;: new index (1a2b3c4:x.accept.json) |\n"));
    buf_release(&out);
}

/* A regression beyond what was accepted keeps its threshold, unless that did not decide. */
static void test_render__shows_the_bound_that_decided(void **state)
{
    (void)state;
    struct verdict_row rows[] = {slow_row(ROW_REGRESSED, "/x"), slow_row(ROW_REGRESSED, "/y")};
    struct verdict verdict = {.alpha = unknown, .n_rows = 2, .rows = rows};
    struct buf out = {0};
    rows[0].acceptance = rows[1].acceptance = &acceptance;
    rows[1].threshold = unknown;
    rows[0].min_change = 2.5;
    rows[1].metric = METRIC_REQUESTS_PER_S;
    render(FORMAT_TEXT, &verdict, &out);
    assert_non_null(strstr(buf_text(&out), " 15.0 ms  +50.0 %  +20 % or 2.5ms\n"));
    assert_non_null(strstr(buf_text(&out), " 15.0 /s  +50.0 %      >= 16.0 /s\n"));
    buf_release(&out);
}

static void test_render__names_the_anchor_of_a_row(void **state)
{
    (void)state;
    static struct verdict_anchor anchor = {.run = "20261123T161100Z-a-b.json", .label = "v1|`4"};
    struct verdict_row rows[] = {slow_row(ROW_REGRESSED, NULL), slow_row(ROW_STABLE, NULL)};
    struct verdict verdict = {.alpha = unknown, .n_rows = 2, .rows = rows};
    struct buf out = {0};
    rows[0].against = AGAINST_ANCHOR;
    rows[0].anchor = &anchor;
    render(FORMAT_TEXT, &verdict, &out);
    assert_non_null(strstr(buf_text(&out), "regressed  overall, since v1|`4  p95 "));
    assert_non_null(strstr(buf_text(&out), "stable     overall               p95 "));
    buf_reset(&out);
    render(FORMAT_MARKDOWN, &verdict, &out);
    assert_non_null(strstr(buf_text(&out), "| regressed | ``overall, since v1\\|`4`` | p95 |"));
    buf_release(&out);
}

/* Whoever writes an acceptance writes text, and nothing else, on a page; all of it is there. */
static void test_render__accepted_words_are_inert(void **state)
{
    (void)state;
    struct verdict_row rows[] = {slow_row(ROW_ACCEPTED, NULL)};
    struct verdict verdict = {.alpha = unknown, .n_rows = 1, .rows = rows};
    struct buf out = {0}, reason = {0};
    buf_add_str(&reason, "accepted up to 16.0 ms by <img src=x> @root | x |\n# y\x1b[31m: "
                         "[a](http://evil) `b` ");
    buf_add_repeat(&reason, 'y', 600);
    buf_add_str(&reason, " (z|\xe2\x80\xae)");
    rows[0].reason = buf_text(&reason);
    render(FORMAT_MARKDOWN, &verdict, &out);
    assert_non_null(strstr(buf_text(&out),
                           "by &#60;img src=x&#62; @&#8203;root &#124; x &#124;&#60;U+000A&#62;#"
                           "&#8203; y&#60;U+001B&#62;&#91;31m: &#91;a&#93;(http:&#8203;//evil) "
                           "&#96;b&#96; yyy"));
    assert_non_null(strstr(buf_text(&out), "yyy (z&#124;&#60;U+202E&#62;) |\n"));
    assert_null(strstr(buf_text(&out), "…"));
    buf_reset(&out);
    render(FORMAT_TEXT, &verdict, &out);
    assert_non_null(strstr(buf_text(&out), "x |<U+000A># y<U+001B>[31m: "));
    assert_non_null(strstr(buf_text(&out), " (z|<U+202E>)\n"));
    buf_release(&out);
    buf_release(&reason);
}

static struct report_endpoint endpoint(const char *name, int64_t failures, double p95_ms)
{
    struct report_endpoint endpoint = {.name = name, .method = "GET", .metrics = metrics_unknown()};
    endpoint.metrics.total_requests = 100;
    endpoint.metrics.total_failures = failures;
    endpoint.metrics.error_rate = (double)failures / 100;
    endpoint.metrics.p95_ms = p95_ms;
    return endpoint;
}

static void assert_in_order(const struct buf *text, const char *const *parts, size_t n)
{
    const char *at = buf_text(text);
    for (size_t i = 0; i < n; i++) {
        const char *next = strstr(at, parts[i]);
        if (!next)
            fail_msg("expected '%s', after what stands before it, in: %s", parts[i],
                     buf_text(text));
        else
            at = next;
    }
}

static void test_render__a_report_shows_the_worst_first(void **state)
{
    (void)state;
    struct report_endpoint endpoints[] = {endpoint("/a", 0, 5),       endpoint("/b", 0, 70),
                                          endpoint("/c", 2, 9),       endpoint("/d", 50, 1),
                                          endpoint("/e", 0, unknown), endpoint("/f", 0, 5)};
    struct report_error errors[] = {{.endpoint = "/c", .kind = "timeout", .count = 2},
                                    {.endpoint = "/d", .kind = "reset", .count = 20},
                                    {.endpoint = "/d", .kind = "status", .count = 30}};
    struct report report = {.metrics = metrics_unknown(),
                            .n_endpoints = 6,
                            .endpoints = endpoints,
                            .n_errors = 3,
                            .errors = errors};
    static const char *const order[] = {"overall", "GET /d", "GET /c", "GET /b", "GET /a", "GET /f",
                                        "GET /e",  "Error",  "status", "reset",  "timeout"};
    for (int format = FORMAT_TEXT; format <= FORMAT_MARKDOWN; format++) {
        struct buf out = {0};
        struct render_options how = {.title = "r.json"};
        render_formats[format].report(&report, &how, &out);
        assert_in_order(&out, order, sizeof order / sizeof order[0]);
        buf_release(&out);
    }
}

static void test_render__a_report_that_is_cut_keeps_its_worst_errors(void **state)
{
    (void)state;
    static struct report_endpoint endpoints[MANY];
    static struct report_error errors[MANY];
    static char names[MANY][60];
    for (size_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "/%zu", i);
        endpoints[i] = endpoint(names[i], (int64_t)i * 100 / MANY, 5);
        errors[i] = (struct report_error){
            .endpoint = names[i], .method = "GET", .kind = "status", .count = (int64_t)i + 1};
    }
    struct report report = {.metrics = metrics_unknown(),
                            .n_endpoints = MANY,
                            .endpoints = endpoints,
                            .n_errors = MANY,
                            .errors = errors};
    struct buf out = {0};
    struct render_options how = {.title = "r.json"};
    render_formats[FORMAT_COMMENT].report(&report, &how, &out);
    assert_true(out.len <= 60 * 1000);
    assert_true(out.len > 50 * 1000);
    static const char *const order[] = {"| `GET /8999` | 100 | 99 |", " more rows are left out",
                                        "| 9000 | status | `GET /8999` |",
                                        " more rows are left out"};
    assert_in_order(&out, order, sizeof order / sizeof order[0]);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_render__has_a_name_for_each_format),
        cmocka_unit_test(test_render__markdown_stays_within_its_limit),
        cmocka_unit_test(test_render__counts_the_rows_that_are_left_out),
        cmocka_unit_test(test_render__says_why_and_leaves_unknown_columns_out),
        cmocka_unit_test(test_render__shows_who_accepted_what),
        cmocka_unit_test(test_render__shows_the_bound_that_decided),
        cmocka_unit_test(test_render__accepted_words_are_inert),
        cmocka_unit_test(test_render__a_report_shows_the_worst_first),
        cmocka_unit_test(test_render__a_report_that_is_cut_keeps_its_worst_errors),
        cmocka_unit_test(test_render__names_the_anchor_of_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
