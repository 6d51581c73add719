#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/render.h"

#define MANY 3000

static const double unknown = (double)NAN;

static struct verdict_row row(int status, const char *name)
{
    return (struct verdict_row){.endpoint = name,
                                .method = name ? "GET" : NULL,
                                .metric = METRIC_P95,
                                .base = 10,
                                .candidate = 15,
                                .change = 50,
                                .threshold = 1.2,
                                .limit = unknown,
                                .interval_low = unknown,
                                .interval_high = unknown,
                                .p = unknown,
                                .detectable = unknown,
                                .status = status,
                                .judged = true,
                                .reason = "over the threshold"};
}

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
        assert_non_null((const void *)(uintptr_t)render_formats[i].report);
    }
    assert_null(render_format_name(FORMAT_COUNT));
    assert_null(render_format_name(-1));
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
        rows[i] = row(i < 10 ? ROW_REGRESSED : ROW_STABLE, names[i]);
        rows[i].reason = names[i];
    }
    for (size_t i = 0; i < 200; i++)
        warnings[i] = names[i];
    struct buf out = {0};
    render(FORMAT_MARKDOWN, &verdict, &out);
    assert_true(out.len <= RENDER_MARKDOWN_LIMIT);
    assert_true(out.len > RENDER_MARKDOWN_LIMIT / 2);
    /* Worst first, and what is missing is said. */
    assert_non_null(strstr(buf_text(&out), "| regressed | "));
    assert_non_null(strstr(buf_text(&out), " more rows are left out, to keep this page short**; "
                                           "`perf_verdict.json` has all rows.\n"));
    assert_non_null(strstr(buf_text(&out), " more lines left out\n"));
    assert_non_null(strstr(buf_text(&out), "</details>"));
    buf_release(&out);
}

static void test_render__counts_the_rows_that_are_left_out(void **state)
{
    (void)state;
    struct verdict_row rows[50];
    struct verdict verdict = {.n_rows = 50, .rows = rows, .alpha = unknown, .summary = "slower"};
    for (size_t i = 0; i < 50; i++)
        rows[i] = row(ROW_REGRESSED, "/x");
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
    struct verdict_row rows[] = {row(ROW_REGRESSED, NULL), row(ROW_STABLE, "/x")};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_render__has_a_name_for_each_format),
        cmocka_unit_test(test_render__markdown_stays_within_its_limit),
        cmocka_unit_test(test_render__counts_the_rows_that_are_left_out),
        cmocka_unit_test(test_render__says_why_and_leaves_unknown_columns_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
