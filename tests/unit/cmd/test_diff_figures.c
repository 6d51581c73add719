#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/diff_figures.h"

#define MANY 15

/* A side of up to 5 runs, each with up to MANY endpoints. */
struct side {
    struct baseline baseline;
    struct baseline_run runs[5];
    struct report_endpoint endpoints[5][MANY];
};

static struct metrics metrics_of(double average_ms)
{
    struct metrics metrics = metrics_unknown();
    metrics.average_ms = average_ms;
    return metrics;
}

/* Adds a run; its endpoints are added to it. */
static struct report *add_run(struct side *side, double average_ms)
{
    struct baseline_run *run = &side->runs[side->baseline.n_runs];
    side->baseline.runs = side->runs;
    run->report.metrics = metrics_of(average_ms);
    run->report.endpoints = side->endpoints[side->baseline.n_runs++];
    return &run->report;
}

/* In the order of the document. */
static struct metrics *add_endpoint(struct report *report, const char *name, double average_ms)
{
    struct report_endpoint *endpoint = &report->endpoints[report->n_endpoints++];
    *endpoint = (struct report_endpoint){.name = name, .method = "GET"};
    endpoint->metrics = metrics_of(average_ms);
    return &endpoint->metrics;
}

static void assert_row(const struct diff_figures *figures, size_t i, const char *scope,
                       enum metric metric, double change)
{
    assert_true(i < figures->n);
    assert_string_equal(figures->rows[i].scope, scope);
    assert_int_equal(figures->rows[i].metric, metric);
    if (!(fabs(figures->rows[i].change - change) < 1e-6) && figures->rows[i].change != change)
        fail_msg("expected %g, found %g", change, figures->rows[i].change);
}

static void test_diff_figures__medians_of_the_whole_run(void **state)
{
    (void)state;
    static struct side before, after;
    struct diff_figures figures;
    const double averages[] = {10, 99, 11};
    for (size_t i = 0; i < 3; i++)
        add_run(&before, averages[i]);
    add_run(&after, 22)->metrics.error_rate = 0.1;
    before.runs[0].report.metrics.error_rate = 0;
    add_run(&after, 22);
    diff_figures_fill(&before.baseline, &after.baseline, &figures);
    assert_int_equal(figures.n, 4);
    assert_row(&figures, 0, "overall", METRIC_ERROR_RATE, (double)INFINITY); /* from 0 */
    assert_row(&figures, 1, "overall", METRIC_AVERAGE, 100);
    assert_true(figures.rows[1].before == 11 && figures.rows[1].after == 22);
    assert_true(isnan(figures.rows[2].change)); /* p95 is known to neither */
    diff_figures_release(&figures);
    diff_figures_release(&figures);
}

static void test_diff_figures__endpoints_the_worst_first(void **state)
{
    (void)state;
    static struct side before, after;
    struct diff_figures figures;
    struct report *old = add_run(&before, 1), *new = add_run(&after, 1);
    struct metrics *a = add_endpoint(old, "/a", 10);
    a->p95_ms = 20;
    a = add_endpoint(new, "/a", 11);
    a->p95_ms = 30;
    a = add_endpoint(old, "/better", 10);
    a->p95_ms = 20;
    a = add_endpoint(new, "/better", 5);
    a->p95_ms = 20.1; /* half a percent is no change */
    add_endpoint(old, "/fails", 10)->error_rate = 0;
    add_endpoint(new, "/fails", 10)->error_rate = 0.01;
    add_endpoint(old, "/gone", 10);
    add_endpoint(new, "/new", 10);
    add_endpoint(old, "/same", 10);
    add_endpoint(new, "/same", 10.05);
    add_endpoint(old, "/unknown", (double)NAN);
    add_endpoint(new, "/unknown", 10);
    diff_figures_fill(&before.baseline, &after.baseline, &figures);
    assert_int_equal(figures.n, 7);
    assert_row(&figures, 4, "GET /fails", METRIC_ERROR_RATE, (double)INFINITY);
    assert_row(&figures, 5, "GET /a", METRIC_P95, 50);
    assert_row(&figures, 6, "GET /better", METRIC_AVERAGE, -50);
    assert_int_equal(figures.n_added, 1);
    assert_string_equal(figures.added[0], "GET /new");
    assert_int_equal(figures.n_gone, 1);
    assert_string_equal(figures.gone[0], "GET /gone");
    assert_int_equal(figures.n_left_out, 0);
    diff_figures_release(&figures);
}

static void test_diff_figures__many_endpoints(void **state)
{
    (void)state;
    static struct side before, after;
    static char names[MANY][8];
    struct diff_figures figures;
    struct report *old = add_run(&before, 1), *new = add_run(&after, 1);
    add_run(&before, 1); /* and one that has no endpoints */
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "/%02d", i);
        add_endpoint(old, names[i], 10);
        add_endpoint(new, names[i], 12 + i);
    }
    diff_figures_fill(&before.baseline, &after.baseline, &figures);
    assert_int_equal(figures.n, 4 + 10);
    assert_int_equal(figures.n_left_out, MANY - 10);
    assert_row(&figures, 4, "GET /14", METRIC_AVERAGE, 160);
    assert_row(&figures, 13, "GET /05", METRIC_AVERAGE, 70);
    diff_figures_release(&figures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diff_figures__medians_of_the_whole_run),
        cmocka_unit_test(test_diff_figures__endpoints_the_worst_first),
        cmocka_unit_test(test_diff_figures__many_endpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
