#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "render/chart.h"
#include "render/escape.h"
#include "render/svg.h"

static const double unknown = (double)NAN;

static void expect_near(double figure, double expected)
{
    assert_true(fabs(figure - expected) <= 1e-9 * fmax(1, fabs(expected)));
}

static void expect_escaped(const char *text, const char *expected)
{
    struct buf out = {0};
    escape_add(&out, text);
    assert_string_equal(buf_text(&out), expected);
    buf_release(&out);
}

static void test_escape__leaves_nothing_that_acts(void **state)
{
    (void)state;
    expect_escaped("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;");
    expect_escaped("\x1b[31m\n\x7f", "&lt;U+001B&gt;[31m&lt;U+000A&gt;&lt;U+007F&gt;");
    expect_escaped("\xe2\x80\xae\xff", "&lt;U+202E&gt;\\xff");
    expect_escaped("\xd7\xa9", "\xd7\xa9"); /* a letter that is read from the right is none */
}

static void test_escape__a_name_is_isolated_and_a_long_one_has_its_whole_as_title(void **state)
{
    (void)state;
    struct buf out = {0};
    escape_add_name(&out, "/a\"<", 0);
    escape_add_name(&out, "/abcdefgh\"", 5);
    escape_add_name(&out, NULL, 5);
    escape_add_name(&out, "", 5);
    assert_string_equal(buf_text(&out), "<bdi>/a&quot;&lt;</bdi>"
                                        "<bdi title=\"/abcdefgh&quot;\">/a…h&quot;</bdi>");
    buf_release(&out);
}

static void test_svg__rounds_to_a_tenth_without_a_minus_before_zero(void **state)
{
    (void)state;
    struct buf out = {0};
    svg_add_line(&out, -0.01, 1.26, 1.0, 1e3, INK_GRID);
    assert_non_null(strstr(buf_text(&out), " d=\"M0 1.3L1 1000\"/>"));
    buf_release(&out);
}

static struct verdict_row row_of(double change, double low, double high)
{
    return (struct verdict_row){.metric = METRIC_P95,
                                .base = 10,
                                .candidate = 10 + change / 10,
                                .change = change,
                                .threshold = 1.2,
                                .limit = unknown,
                                .interval_low = low,
                                .interval_high = high,
                                .status = ROW_REGRESSED};
}

static void test_strip__says_what_it_draws(void **state)
{
    (void)state;
    struct buf out = {0};
    struct scale scale = {0};
    struct verdict_row row = row_of(50, 1.4, 1.6);
    struct chart_ratio ratio = chart_ratio_of(&row);
    chart_reach(&scale, &ratio);
    chart_strip_fix(&scale, CHART_STRIP_WIDE);
    assert_true(scale.low < 1 && scale.high > 1.6);
    assert_true(chart_strip(&out, &scale, &row));
    assert_non_null(strstr(buf_text(&out), "<title>Change +50.0 %, 99 % interval +40.0 % to "
                                           "+60.0 %, allowed +20 %</title>"));
    buf_reset(&out);
    row = row_of(unknown, unknown, unknown);
    assert_false(chart_strip(&out, &scale, &row));
    assert_int_equal(out.len, 0);
    buf_release(&out);
}

static void test_strip__of_what_should_not_fall_the_bound_is_below(void **state)
{
    (void)state;
    struct verdict_row row = row_of(-30, 0.6, 0.8);
    row.metric = METRIC_REQUESTS_PER_S;
    struct chart_ratio ratio = chart_ratio_of(&row);
    assert_true(ratio.fewer);
    expect_near(ratio.allowed, 1 / 1.2);
    row = row_of(5, unknown, unknown);
    row.status = ROW_OVER_LIMIT;
    row.limit = 10.2;
    expect_near(chart_ratio_of(&row).allowed, 1.02);
}

static void test_strip__what_is_far_beyond_is_at_the_edge_with_an_arrow(void **state)
{
    (void)state;
    struct buf out = {0};
    struct scale scale = {0};
    struct verdict_row row = row_of(1e6, unknown, unknown);
    struct chart_ratio ratio = chart_ratio_of(&row);
    chart_reach(&scale, &ratio);
    chart_strip_fix(&scale, CHART_STRIP_WIDE);
    assert_true(chart_strip(&out, &scale, &row));
    assert_non_null(strstr(buf_text(&out), "M353 9L358 13L353 17"));
    buf_release(&out);
}

#define LONG 100000

/* A side of one report whose series is flat but for one peak and one gap. */
static void test_time__a_peak_is_not_lost_in_a_long_series(void **state)
{
    (void)state;
    struct report_series series = {.interval_ns = NS_PER_S, .n_requests = LONG, .n_p95 = LONG};
    series.requests = mem_array(LONG, sizeof *series.requests);
    series.p95_ms = mem_array(LONG, sizeof *series.p95_ms);
    for (size_t i = 0; i < LONG; i++)
        series.p95_ms[i] = i < 500 ? unknown : 10;
    series.p95_ms[77777] = 97; /* no label of the axis */
    struct report report = {.series = &series};
    const struct report *reports[] = {&report};
    struct render_side sides[RENDER_SIDES] = {{1, reports, &report}, {1, reports, &report}};
    struct buf out = {0};
    assert_true(chart_time(&out, sides, CHART_P95));
    assert_true(out.len < 40000);
    /* The axis goes from y = 166 up to 22 at 1.05 times the peak, which is at 28.9. */
    assert_non_null(strstr(buf_text(&out), " 28.9L"));
    assert_null(strstr(buf_text(&out), "nan"));
    /* Where there is no figure there is no line. */
    assert_null(strstr(buf_text(&out), "M52.5 "));
    buf_release(&out);
    free(series.requests);
    free(series.p95_ms);
}

static void test_time__nothing_is_drawn_of_nothing(void **state)
{
    (void)state;
    struct report report = {0};
    const struct report *reports[] = {&report};
    struct render_side sides[RENDER_SIDES] = {{0}, {1, reports, &report}};
    struct buf out = {0};
    for (enum chart_figure figure = CHART_P95; figure <= CHART_FAILURES; figure++)
        assert_false(chart_time(&out, sides, figure));
    assert_false(chart_distribution(&out, sides, NULL));
    assert_false(chart_blocks(&out, sides, NULL, NULL));
    struct chart_scope scope = {"GET", "/not/there"};
    assert_false(chart_distribution(&out, sides, &scope));
    assert_int_equal(out.len, 0);
    buf_release(&out);
}

/* One side of a paired run of many pairs, whose sums are `ratio` a request. */
static struct report *pair_side(int role, int64_t ratio)
{
    struct report *report = mem_new(sizeof *report);
    report->pair = mem_new(sizeof *report->pair);
    *report->pair = (struct report_pair){.role = role, .start = 1, .n_pairs = LONG};
    report->endpoints = mem_new(sizeof *report->endpoints);
    report->n_endpoints = 1;
    struct report_blocks *blocks = mem_new(sizeof *blocks);
    blocks->count = mem_array(LONG, sizeof *blocks->count);
    blocks->sum_ns = mem_array(LONG, sizeof *blocks->sum_ns);
    blocks->n_count = blocks->n_sum = LONG;
    for (size_t i = 0; i < LONG; i++) {
        blocks->count[i] = (int64_t)i % 3; /* each third pair has no request */
        blocks->sum_ns[i] = blocks->count[i] * ratio;
    }
    report->endpoints[0] = (struct report_endpoint){.name = "/", .method = "GET", .blocks = blocks};
    return report;
}

static void free_side(struct report *report)
{
    free(report->endpoints[0].blocks->count);
    free(report->endpoints[0].blocks->sum_ns);
    free(report->endpoints[0].blocks);
    free(report->endpoints);
    free(report->pair);
    free(report);
}

static void test_blocks__many_pairs_are_ranges(void **state)
{
    (void)state;
    struct report *base = pair_side(ROLE_BASE, 1000), *candidate = pair_side(ROLE_CANDIDATE, 1500);
    const struct report *bases[] = {base}, *candidates[] = {candidate};
    struct render_side sides[RENDER_SIDES] = {{1, bases, base}, {1, candidates, candidate}};
    struct chart_scope scope = {"GET", "/"};
    struct buf out = {0};
    struct verdict_row row = row_of(50, 1.45, 1.55);
    assert_true(chart_blocks(&out, sides, &scope, &row));
    assert_true(out.len < 20000);
    assert_null(strstr(buf_text(&out), "nan"));
    assert_null(strstr(buf_text(&out), "inf"));
    assert_non_null(strstr(buf_text(&out), "in each of 100000 pairs of blocks"));
    /* Sides of different starts have nothing to do with each other. */
    buf_reset(&out);
    base->pair->start = 2;
    assert_false(chart_blocks(&out, sides, &scope, &row));
    buf_release(&out);
    free_side(base);
    free_side(candidate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape__leaves_nothing_that_acts),
        cmocka_unit_test(test_escape__a_name_is_isolated_and_a_long_one_has_its_whole_as_title),
        cmocka_unit_test(test_svg__rounds_to_a_tenth_without_a_minus_before_zero),
        cmocka_unit_test(test_strip__says_what_it_draws),
        cmocka_unit_test(test_strip__of_what_should_not_fall_the_bound_is_below),
        cmocka_unit_test(test_strip__what_is_far_beyond_is_at_the_edge_with_an_arrow),
        cmocka_unit_test(test_time__a_peak_is_not_lost_in_a_long_series),
        cmocka_unit_test(test_time__nothing_is_drawn_of_nothing),
        cmocka_unit_test(test_blocks__many_pairs_are_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
