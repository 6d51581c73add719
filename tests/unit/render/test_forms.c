#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "render/prometheus.h"
#include "render/render.h"
#include "verdict_row.h"

static const double unknown = (double)NAN;

static struct verdict verdict_of(int status, struct verdict_row *rows, size_t n)
{
    return (struct verdict){.status = status,
                            .summary = "the summary",
                            .suite = "shop",
                            .alpha = unknown,
                            .n_rows = n,
                            .rows = rows};
}

static const char *render(int format, const struct verdict *verdict, struct buf *out)
{
    struct render_options how = {.title = "perf_verdict.json"};
    buf_reset(out);
    render_formats[format].verdict(verdict, &how, out);
    return buf_text(out);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

/* ---- JUnit ---- */

/* Whoever looks at this form alone is not told better than the exit code says. */
static void test_junit__is_red_where_the_verdict_is_no_pass(void **state)
{
    (void)state;
    struct buf out = {0};
    struct verdict pass = verdict_of(OVERALL_PASS, NULL, 0);
    struct verdict fail = verdict_of(OVERALL_FAIL, NULL, 0);
    struct verdict undecided = verdict_of(OVERALL_UNDECIDED, NULL, 0);
    const char *text = render(FORMAT_JUNIT, &pass, &out);
    assert_non_null(strstr(text, " tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\""));
    text = render(FORMAT_JUNIT, &fail, &out);
    assert_non_null(strstr(text, " tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\""));
    assert_non_null(strstr(text, "<failure message=\"the summary\" type=\"fail\"/>"));
    text = render(FORMAT_JUNIT, &undecided, &out);
    assert_non_null(strstr(text, " tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\""));
    assert_non_null(strstr(text, "<error message=\"the summary\" type=\"undecided\"/>"));
    buf_release(&out);
}

static void test_junit__each_status_has_its_outcome(void **state)
{
    (void)state;
    struct verdict_row rows[ROW_STATUS_COUNT];
    for (int i = 0; i < ROW_STATUS_COUNT; i++)
        rows[i] = slow_row(i, "/x");
    struct verdict verdict = verdict_of(OVERALL_FAIL, rows, ROW_STATUS_COUNT);
    struct buf out = {0};
    const char *text = render(FORMAT_JUNIT, &verdict, &out);
    assert_non_null(strstr(text, " tests=\"10\" failures=\"3\" errors=\"1\" skipped=\"3\""));
    assert_int_equal(count(text, "<failure message=\"over the threshold\" type=\"regressed\"/>"),
                     1);
    assert_int_equal(count(text, "<failure message=\"over the threshold\" type=\"over_limit\"/>"),
                     1);
    assert_int_equal(count(text, "<error message=\"over the threshold\" type=\"errored\"/>"), 1);
    assert_int_equal(count(text, "<skipped message=\"over the threshold\"/>"), 3);
    assert_int_equal(count(text, "<testcase classname=\"shop\" name=\"GET /x: p95\">"), 9);
    assert_non_null(strstr(text, "Base: 10.0 ms\nCandidate: 15.0 ms\nChange: +50.0 %\n"));
    buf_release(&out);
}

/* ---- annotations ---- */

static void test_annotations__at_most_ten_worst_first(void **state)
{
    (void)state;
    struct verdict_row rows[20];
    for (size_t i = 0; i < 20; i++)
        rows[i] = slow_row(i < 15 ? ROW_REGRESSED : ROW_STABLE, "/x");
    struct buf out = {0};
    struct verdict verdict = verdict_of(OVERALL_FAIL, rows, 9);
    const char *text = render(FORMAT_ANNOTATIONS, &verdict, &out);
    assert_int_equal(count(text, "\n"), 10);
    assert_int_equal(count(text, "::error title=regressed%3A p95 of GET /x::over the threshold\n"),
                     9);
    verdict.n_rows = 20;
    text = render(FORMAT_ANNOTATIONS, &verdict, &out);
    assert_int_equal(count(text, "\n"), 10);
    assert_int_equal(strncmp(text, "::error title=Performance gate%3A fail::the summary\n", 52), 0);
    assert_int_equal(count(text, "::error title=regressed%3A p95 of GET /x::"), 8);
    assert_non_null(strstr(text, "\n::error title=Performance gate%3A 7 more::GitHub shows 10 "
                                 "annotations; perf_verdict.json has all that was found\n"));
    buf_release(&out);
}

static void test_annotations__say_what_needs_to_be_known(void **state)
{
    (void)state;
    const char *warnings[] = {"100 %,\nreally"};
    struct verdict_row rows[] = {slow_row(ROW_INSUFFICIENT, NULL),
                                 slow_row(ROW_INSUFFICIENT, "/few"),
                                 slow_row(ROW_ACCEPTED, "/known"), slow_row(ROW_STABLE, "/well"),
                                 slow_row(ROW_STABLE, "/but")};
    rows[0].required = true;
    rows[4].n_warnings = 1;
    rows[4].warnings = warnings;
    struct verdict verdict = verdict_of(OVERALL_UNDECIDED, rows, 5);
    struct buf out = {0};
    assert_string_equal(
        render(FORMAT_ANNOTATIONS, &verdict, &out),
        "::error title=Performance gate%3A undecided::the summary\n"
        "::warning title=insufficient%3A p95 of overall::over the threshold\n"
        "::notice title=accepted%3A p95 of GET /known::over the threshold\n"
        "::warning title=stable%3A p95 of GET /but::warning: 100 %25,<U+000A>really\n");
    verdict = verdict_of(OVERALL_PASS, &rows[3], 1);
    assert_string_equal(render(FORMAT_ANNOTATIONS, &verdict, &out),
                        "::notice title=Performance gate%3A pass::the summary\n");
    buf_release(&out);
}

/* ---- CSV ---- */

static void test_sheet__keeps_all_digits_and_leaves_the_unknown_empty(void **state)
{
    (void)state;
    struct verdict_row rows[] = {slow_row(ROW_REGRESSED, NULL)};
    rows[0].base = 1.0 / 3;
    rows[0].change = -0.5;
    rows[0].required = true;
    struct verdict_anchor anchor = {.run = "run.json", .label = "-v1"};
    rows[0].against = AGAINST_ANCHOR;
    rows[0].anchor = &anchor;
    struct verdict verdict = verdict_of(OVERALL_FAIL, rows, 1);
    struct buf out = {0};
    const char *text = strchr(render(FORMAT_CSV, &verdict, &out), '\n');
    assert_string_equal(text + 1,
                        ",,'-v1,95th_percentile,ms,regressed,0.3333333333333333,15,-0.5,1.2,,,,,,,"
                        "0,0,true,true,over the threshold,\r\n");
    buf_release(&out);
}

/* ---- Prometheus ---- */

static void test_prometheus__is_in_base_units(void **state)
{
    (void)state;
    struct verdict_row rows[] = {slow_row(ROW_REGRESSED, "/x"), slow_row(ROW_STABLE, NULL),
                                 slow_row(ROW_STABLE, NULL)};
    rows[1].metric = METRIC_ERROR_RATE;
    rows[2].metric = METRIC_REQUESTS_PER_S;
    rows[2].base = unknown;
    struct verdict verdict = verdict_of(OVERALL_FAIL, rows, 3);
    struct buf out = {0};
    const char *text = render(FORMAT_PROMETHEUS, &verdict, &out);
    assert_non_null(strstr(text,
                           "\nperfgate_verdict_candidate_seconds{suite=\"shop\",method=\"GET\","
                           "endpoint=\"/x\",metric=\"95th_percentile\"} 0.015\n"));
    assert_non_null(strstr(text, "\nperfgate_verdict_candidate_ratio{suite=\"shop\","
                                 "metric=\"error_rate\"} 15\n"));
    assert_non_null(strstr(text, "\nperfgate_verdict_change{suite=\"shop\",method=\"GET\","
                                 "endpoint=\"/x\",metric=\"95th_percentile\"} 0.5\n"));
    assert_null(strstr(text, "perfgate_verdict_base_per_second"));
    assert_null(strstr(text, "nan"));
    buf_release(&out);
}

/* The same labels twice, and the whole text would be refused. */
static void test_prometheus__no_sample_comes_twice(void **state)
{
    (void)state;
    struct verdict_row rows[] = {slow_row(ROW_REGRESSED, "/\x01"),
                                 slow_row(ROW_STABLE, "/<U+0001>"), slow_row(ROW_STABLE, "/\x01")};
    struct verdict verdict = verdict_of(OVERALL_FAIL, rows, 3);
    struct buf out = {0};
    const char *text = render(FORMAT_PROMETHEUS, &verdict, &out);
    assert_non_null(strstr(text, "\n# left out, because they look like another: 2\n"));
    assert_int_equal(count(text, "endpoint=\"/<U+0001>\",metric=\"95th_percentile\",status="), 1);
    assert_int_equal(count(text, "metric=\"95th_percentile\",status=\"regressed\"} 1\n"), 1);
    buf_release(&out);
}

static struct resource_series series_of(const char *name, int unit, double average)
{
    return (struct resource_series){
        .name = name, .unit = unit, .average = average, .p95 = 2 * average, .maximum = unknown};
}

static struct resource_source source_of(const char *name, bool shared,
                                        struct resource_series *series, size_t n)
{
    return (struct resource_source){.name = name,
                                    .shared = shared,
                                    .cores = 1.5,
                                    .memory_mb = unknown,
                                    .n_series = n,
                                    .series = series};
}

/* Whatever a source and its series are called; each family in one place, in base units. */
static void test_prometheus__resources_are_families_by_unit(void **state)
{
    (void)state;
    struct resource_series machine[] = {series_of("cpu", RESOURCE_RATIO, 0.25),
                                        series_of("wait", RESOURCE_MS, 50)};
    struct resource_series app[] = {series_of("a \"hit\" ratio", RESOURCE_RATIO, 0.5),
                                    series_of("heap", RESOURCE_MB, 2),
                                    series_of("unknown", RESOURCE_PLAIN, unknown)};
    struct resource_source sources[] = {source_of("machine", false, machine, 2),
                                        source_of("app", false, app, 3)};
    struct report_resources resources = {
        .n_sources = 2, .sources = sources, .cpu_usage = 0.75, .memory_usage = unknown};
    struct report report = {.suite = "shop", .resources = &resources};
    struct buf out = {0};
    report.metrics = metrics_unknown();
    render_formats[FORMAT_PROMETHEUS].report(&report, &(struct render_options){0}, &out);
    const char *text = buf_text(&out);
    assert_non_null(strstr(
        text,
        "\nperfgate_resource_ratio{suite=\"shop\",kind=\"machine\",source=\"machine\",series="
        "\"cpu\","
        "stat=\"average\"} 0.25\n"
        "perfgate_resource_ratio{suite=\"shop\",kind=\"machine\",source=\"machine\",series=\"cpu\","
        "stat=\"p95\"} 0.5\n"
        "perfgate_resource_ratio{suite=\"shop\",kind=\"machine\",source=\"app\",series="
        "\"a \\\"hit\\\" ratio\",stat=\"average\"} 0.5\n"));
    assert_non_null(strstr(text, "series=\"wait\",stat=\"average\"} 0.05\n"));
    assert_non_null(strstr(text, "series=\"heap\",stat=\"average\"} 2097152\n"));
    assert_non_null(strstr(
        text, "\nperfgate_resource_limit_cores{suite=\"shop\",kind=\"machine\",source=\"app\"} "
              "1.5\n"));
    assert_non_null(strstr(text, "\nperfgate_run_ratio{suite=\"shop\",metric=\"cpu_usage\"} 0.75"));
    assert_null(strstr(text, "maximum"));
    assert_null(strstr(text, "limit_bytes"));
    assert_null(strstr(text, "_value"));
    buf_release(&out);
}

/* Of two sides, what they share comes once; names that look alike come once as well. */
static void test_prometheus__resources_come_once(void **state)
{
    (void)state;
    struct resource_series cpu[] = {series_of("cpu", RESOURCE_RATIO, 0.25)};
    struct resource_source sources[] = {source_of("machine", true, cpu, 1),
                                        source_of("x\x01", false, cpu, 1),
                                        source_of("x<U+0001>", false, cpu, 1)};
    struct report_resources resources = {.n_sources = 3, .sources = sources};
    const struct prometheus_resources sides[] = {
        {"side", "candidate", &resources}, {"side", "base", &resources}, {"side", "none", NULL}};
    struct buf out = {0};
    prometheus_add_resources(sides, 3, "live_resource", true, &out);
    const char *text = buf_text(&out);
    assert_int_equal(count(text, "\nperfgate_live_resource_ratio{kind=\"machine\",source="
                                 "\"machine\",series=\"cpu\"} 0.25"),
                     1);
    assert_int_equal(count(text,
                           "\nperfgate_live_resource_ratio{side=\"base\",kind=\"machine\",source="
                           "\"x<U+0001>\",series=\"cpu\"} 0.25"),
                     1);
    assert_int_equal(count(text, "\nperfgate_live_resource_ratio{"), 3);
    assert_non_null(strstr(text, "\n# left out, because they look like another: 2\n"));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_junit__is_red_where_the_verdict_is_no_pass),
        cmocka_unit_test(test_junit__each_status_has_its_outcome),
        cmocka_unit_test(test_annotations__at_most_ten_worst_first),
        cmocka_unit_test(test_annotations__say_what_needs_to_be_known),
        cmocka_unit_test(test_sheet__keeps_all_digits_and_leaves_the_unknown_empty),
        cmocka_unit_test(test_prometheus__is_in_base_units),
        cmocka_unit_test(test_prometheus__no_sample_comes_twice),
        cmocka_unit_test(test_prometheus__resources_are_families_by_unit),
        cmocka_unit_test(test_prometheus__resources_come_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
