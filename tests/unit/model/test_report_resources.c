/* What a report says of the machine and the target's processes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "model/report_named.h"
#include "tests/unit/model/samples.h"

#define HEAD                                                                                       \
    "{\"total_requests\":1,\"total_failures\":0,\"requests_per_second\":1,"                        \
    "\"average_response_time\":1,\"95th_percentile\":1,\"99th_percentile\":1,"                     \
    "\"schema\":\"perfgate.report/1\",\"valid\":true,"

static int decode(const char *text, struct report *report, struct err *err)
{
    *err = (struct err){0};
    return report_decode(text, strlen(text), "r.json", report, err);
}

static void expect_refused(const char *text, const char *part)
{
    struct report report;
    struct err err;
    assert_int_equal(decode(text, &report, &err), -1);
    if (!strstr(err.text, part))
        fail_msg("%s", err.text);
}

static void test_report_resources__refuses_what_contradicts_itself(void **state)
{
    (void)state;
    expect_refused(HEAD "\"resources\":{\"sources\":[{\"name\":\"a\",\"kind\":\"machine\","
                        "\"series\":[]},{\"name\":\"a\",\"kind\":\"machine\",\"series\":[]}]}}",
                   "the source 'a' is there twice");
    expect_refused(HEAD "\"resources\":{\"sources\":[{\"name\":\"a\",\"kind\":\"machine\","
                        "\"series\":[{\"name\":\"cpu\",\"unit\":\"ratio\"},"
                        "{\"name\":\"cpu\",\"unit\":\"ratio\"}]}]}}",
                   "'cpu' is there twice");
    expect_refused(HEAD "\"resources\":{\"sources\":[{\"name\":\"a\",\"kind\":\"machine\","
                        "\"series\":[{\"name\":\"cpu\",\"unit\":\"ratio\",\"values\":[1,2]},"
                        "{\"name\":\"steal\",\"unit\":\"ratio\",\"values\":[1]}]}]}}",
                   "expected 2 values of 'steal', found 1");
    expect_refused(HEAD "\"resources\":{\"cpu_usage\":-0.5}}", "cpu_usage");
    expect_refused(HEAD "\"resources\":{\"sources\":[{\"name\":\"a\",\"kind\":\"x\"}]}}",
                   "expected one of machine, process");
}

static void test_report_resources__bounds_the_number_of_names(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_add_str(&text, HEAD "\"resources\":{\"sources\":[");
    for (int i = 0; i <= REPORT_SOURCES; i++)
        buf_addf(&text, "%s{\"name\":\"%d\",\"kind\":\"process\",\"series\":[]}", i ? "," : "", i);
    buf_add_str(&text, "]}}");
    expect_refused(buf_text(&text), "sources: expected up to 100, found 101");
    buf_release(&text);
}

static void test_report_resources__summary_weighs_by_time(void **state)
{
    (void)state;
    const double values[] = {1, (double)NAN, 4, 2}, weights[] = {1, 5, 0.5, 0.5};
    struct resource_series series = {.name = "cpu"};
    resource_summarize(&series, values, weights, 4);
    assert_float_equal(series.average, 2, 1e-12);
    assert_float_equal(series.p95, 4, 0);
    assert_float_equal(series.maximum, 4, 0);
    resource_summarize(&series, values + 1, weights + 1, 1);
    assert_true(isnan(series.average) && isnan(series.p95) && isnan(series.maximum));
}

/* A part of `n` seconds whose target has one series, or none where `values` is NULL. */
static void make(struct report *report, double usage, bool of_machine, const double *values,
                 size_t n)
{
    const double ones[] = {1, 1, 1, 1};
    *report = (struct report){.duration_ns = (int64_t)n * NS_PER_S, .health.valid = true};
    struct report_resources *resources = arena_array(&report->arena, 1, sizeof *resources);
    *resources = (struct report_resources){.interval_ns = NS_PER_S,
                                           .cpu_usage = usage,
                                           .memory_usage = usage / 2,
                                           .of_machine = of_machine,
                                           .n_sources = values ? 1 : 0};
    resources->sources = arena_array(&report->arena, 1, sizeof *resources->sources);
    if (values) {
        struct resource_series *series = arena_array(&report->arena, 1, sizeof *series);
        *series = (struct resource_series){
            .name = "cpu", .unit = RESOURCE_RATIO, .slope_per_min = (double)NAN, .n_values = n};
        series->values = arena_array(&report->arena, n, sizeof *series->values);
        memcpy(series->values, values, n * sizeof *values);
        resource_summarize(series, values, ones, n);
        resources->sources[0] = (struct resource_source){.name = "target",
                                                         .kind = RESOURCE_PROCESS,
                                                         .cores = 2,
                                                         .memory_mb = (double)NAN,
                                                         .restarts = 1,
                                                         .n_series = 1,
                                                         .series = series};
    }
    report->resources = resources;
}

static void test_report_resources__parts_unite(void **state)
{
    (void)state;
    const double first[] = {0.1, 0.3}, second[] = {0.5, 0.5, 0.5, 0.9};
    struct report a, b, none = {.health.valid = true, .duration_ns = NS_PER_S}, merged, again;
    make(&a, 0.2, false, first, 2);
    make(&b, 0.6, false, second, 4);
    const struct report *const parts[] = {&a, &b, &none};
    const char *const names[] = {"a", "b", "none"};
    struct err err = {0};
    a.started_ns = 1;
    b.started_ns = 2;
    if (report_merge(parts, names, 3, &merged, &err) < 0)
        fail_msg("%s", err.text);
    const struct report_resources *resources = merged.resources;
    assert_float_equal(resources->cpu_usage, (0.2 * 2 + 0.6 * 4) / 6, 1e-12);
    assert_float_equal(resources->memory_usage, 0.3, 1e-12);
    assert_int_equal(resources->n_sources, 1);
    assert_int_equal(resources->sources[0].restarts, 2);
    const struct resource_series *cpu = resource_series_find(&resources->sources[0], "cpu");
    assert_float_equal(cpu->average, (0.1 + 0.3 + 0.5 * 3 + 0.9) / 6, 1e-12);
    assert_float_equal(cpu->p95, 0.9, 0);
    assert_float_equal(cpu->maximum, 0.9, 0);
    assert_int_equal(cpu->n_values, 0);
    /* A part without its values leaves the percentile unknown, never wrong. */
    const struct report *const more[] = {&merged, &b};
    b.started_ns = 3;
    assert_int_equal(report_merge(more, names, 2, &again, &err), 0);
    cpu = resource_series_find(&again.resources->sources[0], "cpu");
    assert_true(isnan(cpu->p95));
    assert_float_equal(cpu->maximum, 0.9, 0);
    report_release(&again);
    report_release(&merged);
    report_release(&a);
    report_release(&b);
}

static void test_report_resources__figures_of_targets_go_before_the_machines(void **state)
{
    (void)state;
    struct report machine, target, merged;
    make(&machine, 0.99, true, NULL, 2);
    make(&target, 0.25, false, NULL, 2);
    const struct report *const parts[] = {&machine, &target};
    const char *const names[] = {"machine", "target"};
    struct err err = {0};
    machine.started_ns = 1;
    assert_int_equal(report_merge(parts, names, 2, &merged, &err), 0);
    assert_false(merged.resources->of_machine);
    assert_float_equal(report_figure(&merged, METRIC_CPU_USAGE), 0.25, 1e-12);
    report_release(&merged);
    report_release(&machine);
    report_release(&target);
}

static void test_report_resources__a_stored_run_keeps_the_two_figures(void **state)
{
    (void)state;
    struct rng rng;
    struct report report, stored;
    struct err err = {0};
    struct buf once = {0}, twice = {0};
    const double values[] = {0.5};
    rng_init(&rng, 3, 3);
    sample_report(&rng, 2, 0, &report);
    struct report part;
    make(&part, 0.4, true, values, 1);
    report.resources = part.resources;
    report_encode_summary(&report, &once);
    if (report_decode(buf_text(&once), once.len, "stored", &stored, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(stored.resources->n_sources, 0);
    assert_true(stored.resources->of_machine);
    assert_float_equal(report_figure(&stored, METRIC_CPU_USAGE), 0.4, 1e-12);
    assert_float_equal(report_figure(&stored, METRIC_MEMORY_USAGE), 0.2, 1e-12);
    report_encode_summary(&stored, &twice);
    assert_string_equal(buf_text(&once), buf_text(&twice));
    buf_release(&once);
    buf_release(&twice);
    report_release(&stored);
    report_release(&report);
    report_release(&part);
}

static void test_report_resources__a_stored_run_keeps_the_application(void **state)
{
    (void)state;
    struct arena arena = {0};
    double value = 0.5;
    struct resource_series series = {
        .name = "hits", .unit = RESOURCE_RATIO, .average = 0.5, .n_values = 1, .values = &value};
    struct resource_source sources[] = {
        {.name = "machine", .n_series = 1, .series = &series},
        {.name = "app", .kind = RESOURCE_APPLICATION, .n_series = 1, .series = &series}};
    struct report_resources resources = {
        .cpu_usage = (double)NAN, .memory_usage = (double)NAN, .n_sources = 2, .sources = sources};
    struct report_resources *brief = report_resources_brief(&resources, &arena);
    assert_int_equal(brief->n_sources, 1);
    assert_true(report_named(brief, "hits").figure == 0.5);
    assert_true(report_named(brief, "app.hits").figure == 0.5);
    assert_true(isnan(report_named(brief, "hits.maximum").figure));
    assert_true(isnan(report_named(brief, "machine.hits").figure));
    assert_int_equal(report_named(brief, "hits").series->n_values, 0);
    resources.n_sources = 1;
    assert_null(report_resources_brief(&resources, &arena));
    resources.interval_ns = NS_PER_S;
    assert_true(report_named_at(&resources, "machine.hits", NS_PER_S - 1) == 0.5);
    assert_true(isnan(report_named_at(&resources, "machine.hits", NS_PER_S)));
    sources[0].interval_ns = 5 * NS_PER_S;
    assert_true(report_named_at(&resources, "machine.hits", 4 * NS_PER_S) == 0.5);
    assert_true(isnan(report_named_at(&resources, "machine.hits.p95", 0)));
    assert_true(report_named(&resources, "machine.hits").figure == 0.5);
    assert_true(isnan(report_named(&resources, "hits").figure));
    assert_true(isnan(report_named(NULL, "hits").figure));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_resources__refuses_what_contradicts_itself),
        cmocka_unit_test(test_report_resources__bounds_the_number_of_names),
        cmocka_unit_test(test_report_resources__summary_weighs_by_time),
        cmocka_unit_test(test_report_resources__parts_unite),
        cmocka_unit_test(test_report_resources__figures_of_targets_go_before_the_machines),
        cmocka_unit_test(test_report_resources__a_stored_run_keeps_the_two_figures),
        cmocka_unit_test(test_report_resources__a_stored_run_keeps_the_application),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
