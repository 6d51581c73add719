/* Drift: rows of the whole run against the anchor's run. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/rng.h"
#include "gate/drift.h"
#include "gate/runs.h"
#include "shelf.h"
#include "stats/dist.h"
#include "synth.h"

/* A shelf with an anchor whose run has an average of `ms`. */
struct scene {
    struct shelf shelf;
    struct report anchored;
    struct gate_anchor anchor;
    struct acceptance acceptance;
    const struct acceptance *acceptances[1];
};

static void scene_open(struct scene *scene, size_t n_runs, double anchor_ms, double candidate_ms)
{
    *scene = (struct scene){0};
    shelf_open(&scene->shelf, n_runs, candidate_ms);
    scene->anchored = shelf_run(50, anchor_ms);
    scene->anchor = (struct gate_anchor){.run = &scene->anchored,
                                         .name = "20261123T161100Z-0123456789ab-0123456789ab.json",
                                         .label = "v1.4"};
    scene->shelf.in.anchor = &scene->anchor;
}

static size_t find_row(const struct verdict *verdict, enum metric metric)
{
    size_t i = 0;
    while (i < verdict->n_rows &&
           (verdict->rows[i].against != AGAINST_ANCHOR || verdict->rows[i].metric != (int)metric))
        i++;
    return i;
}

static bool has_row(const struct shelf *shelf)
{
    return find_row(&shelf->verdict, METRIC_AVERAGE) < shelf->verdict.n_rows;
}

/* The row against the anchor, which must be there. */
static const struct verdict_row *anchor_row(const struct shelf *shelf, enum metric metric)
{
    size_t found = find_row(&shelf->verdict, metric);
    assert_true(found < shelf->verdict.n_rows);
    return &shelf->verdict.rows[found];
}

static const struct verdict_row *expect(struct scene *scene, enum row_status status, int exit_code)
{
    shelf_judge(&scene->shelf);
    const struct verdict_row *row = anchor_row(&scene->shelf, METRIC_AVERAGE);
    if (row->status != (int)status)
        fail_msg("%s: %s", row_status_name((enum row_status)row->status), row->reason);
    if (scene->shelf.verdict.exit_code != exit_code)
        fail_msg("exit %d: %s", (int)scene->shelf.verdict.exit_code, scene->shelf.verdict.summary);
    return row;
}

static void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' does not say '%s'", text, part);
}

/* Runs that went up by 4 % now and then, and the candidate once more: nothing against their median,
 * and too much against where they came from. */
static void drift_up(struct scene *scene, size_t n_runs, double spread)
{
    struct rng rng;
    rng_init(&rng, 9, 0);
    scene_open(scene, n_runs, 10, 10 * pow(1.04, 6));
    for (size_t i = 0; i < n_runs; i++) { /* newest first */
        size_t steps = 5 - i / 2;
        double level = 10 * pow(1.04, (double)steps);
        scene->shelf.runs[i] = shelf_run(50, level * exp(spread * synth_normal(&rng)));
    }
}

static void test_drift__the_sum_of_small_steps_fails(void **state)
{
    (void)state;
    struct scene scene;
    drift_up(&scene, 10, 0.01);
    scene.shelf.policy.overall.threshold[METRIC_P95] = (double)NAN;
    const struct verdict_row *row = expect(&scene, ROW_REGRESSED, 1);
    assert_int_equal(shelf_row(&scene.shelf, METRIC_AVERAGE)->status, ROW_INSUFFICIENT);
    assert_true(row->base == 10);
    assert_true(row->p < 0.01);
    assert_null(row->endpoint);
    assert_false(row->required);
    assert_string_equal(row->anchor->label, "v1.4");
    assert_string_equal(row->anchor->run, scene.anchor.name);
    assert_says(row->reason, "average +26.5 % (allowed +10 %), anchor 10.0 ms, candidate 12.7 ms");
    assert_says(scene.shelf.verdict.summary, "slower: overall, since v1.4, average +26.5 %");
    assert_int_equal(scene.shelf.verdict.n_regressions, 1);
    assert_int_equal(scene.shelf.verdict.regressions[0].against, AGAINST_ANCHOR);
    shelf_close(&scene.shelf);
}

static void test_drift__without_an_anchor_there_is_no_row(void **state)
{
    (void)state;
    struct scene scene;
    drift_up(&scene, 10, 0.01);
    scene.shelf.in.anchor = NULL;
    shelf_judge(&scene.shelf);
    assert_false(has_row(&scene.shelf));
    assert_int_equal(scene.shelf.verdict.exit_code, 0);
    shelf_close(&scene.shelf);
}

/* The bound by hand: exp(t * s * sqrt(1/m + 1)), s^2 half the mean square of the steps. */
static void test_drift__the_bound_is_that_of_two_runs(void **state)
{
    (void)state;
    struct scene scene;
    double squares = 0, df = 2 * 81.0 / 26, prior = RUNS_PRIOR_SPREAD;
    for (size_t i = 1; i < 10; i++)
        squares += pow(log(shelf_averages[i] / shelf_averages[i - 1]), 2);
    double variance = (df * squares / 9 / 2 + RUNS_PRIOR_DF * prior * prior) / (df + RUNS_PRIOR_DF);
    /* two rows of average and p95 move alike, and an error rate */
    double t = dist_t_quantile(DECIDE_ANCHOR_ALPHA / 3, df + RUNS_PRIOR_DF);
    double bound = 8 * exp(t * sqrt(variance * 2));
    scene_open(&scene, 10, 8, bound * 1.001);
    scene.shelf.policy.overall.threshold[METRIC_P95] = 1.1;
    expect(&scene, ROW_REGRESSED, 1);
    scene.shelf.candidates[0] = shelf_run(50, bound * 0.999);
    scene.shelf.policy.overall.threshold[METRIC_AVERAGE] = 1.2; /* nothing against the others */
    scene.shelf.policy.overall.threshold[METRIC_P95] = 1.2;
    const struct verdict_row *row = expect(&scene, ROW_INSUFFICIENT, 0);
    assert_says(row->reason, ": within what two runs of one code may differ by");
    assert_int_equal(row->n_warnings, 1);
    scene.shelf.policy.on[EVENT_INSUFFICIENT] = ON_FAIL; /* it need not be decided */
    expect(&scene, ROW_INSUFFICIENT, 0);
    shelf_close(&scene.shelf);
}

/* The drift of the stored runs is no noise. */
static void test_drift__the_spread_is_that_of_steps(void **state)
{
    (void)state;
    struct scene scene;
    drift_up(&scene, 10, 0);
    const struct verdict_row *row = expect(&scene, ROW_REGRESSED, 1);
    double by_steps = row->interval_high / row->interval_low;
    for (size_t i = 0; i < 5; i++) { /* the same runs, the order lost */
        struct report run = scene.shelf.runs[i];
        if (i % 2 == 0)
            continue;
        scene.shelf.runs[i] = scene.shelf.runs[9 - i];
        scene.shelf.runs[9 - i] = run;
    }
    shelf_judge(&scene.shelf);
    row = anchor_row(&scene.shelf, METRIC_AVERAGE);
    assert_true(row->interval_high / row->interval_low > 1.2 * by_steps);
    shelf_close(&scene.shelf);
}

static void test_drift__with_few_runs_the_threshold_decides(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, 3, 9, 10);
    const struct verdict_row *row = expect(&scene, ROW_REGRESSED, 1);
    assert_says(row->reason, "by the threshold alone (3 stored runs, and noise is estimated from");
    scene.anchored = shelf_run(50, 9.5);
    expect(&scene, ROW_STABLE, 0);
    scene.anchored = shelf_run(50, 20);
    expect(&scene, ROW_IMPROVED, 0);
    shelf_close(&scene.shelf);
}

static void expect_shown(struct scene *scene, const char *reason)
{
    const struct verdict_row *row = expect(scene, ROW_NOT_COMPARABLE, 0);
    assert_says(row->reason, reason);
    assert_false(row->judged);
}

static void test_drift__another_kind_or_workload_decides_nothing(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, 3, 5, 10);
    scene.anchored.workload = "bb";
    expect_shown(&scene, "the anchor's run is of another workload");
    scene.anchored.workload = "aa";
    scene.anchored.environment.cpu_model = "another";
    expect_shown(&scene, "the anchor's run is of another kind of machine");
    scene.anchored.environment.cpu_model = "one";
    scene.anchored.health.valid = false;
    expect_shown(&scene, "the anchor's run is not valid");
    scene.shelf.policy.on[EVENT_NOT_COMPARABLE] = ON_FAIL;
    expect_shown(&scene, "the anchor's run is not valid");
    scene.anchored.health.valid = true;
    expect(&scene, ROW_REGRESSED, 1);
    /* a run is no drift since itself */
    scene.anchored.run_id = scene.shelf.candidates[0].run_id = "a1";
    shelf_judge(&scene.shelf);
    assert_false(has_row(&scene.shelf));
    assert_int_equal(scene.shelf.verdict.exit_code, 0);
    shelf_close(&scene.shelf);
}

static void test_drift__a_figure_that_the_anchor_lacks_is_shown(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, 3, 5, 10);
    scene.anchored.metrics.average_ms = (double)NAN;
    scene.anchored.metrics.p95_ms = 20;
    const struct verdict_row *row = expect(&scene, ROW_MISSING_BASELINE, 0);
    assert_false(row->judged);
    assert_int_equal(anchor_row(&scene.shelf, METRIC_P95)->status, ROW_STABLE);
    shelf_close(&scene.shelf);
}

static void test_drift__error_rates_and_throughput(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, 10, 10, 10);
    scene.shelf.policy.overall.threshold[METRIC_REQUESTS_PER_S] = 1.1;
    scene.anchored = shelf_run(10, 10); /* of 10,000; the runs have 50 */
    scene.anchored.metrics.requests_per_s = 200;
    expect(&scene, ROW_STABLE, 1);
    assert_int_equal(anchor_row(&scene.shelf, METRIC_ERROR_RATE)->status, ROW_REGRESSED);
    assert_int_equal(shelf_row(&scene.shelf, METRIC_ERROR_RATE)->status, ROW_STABLE);
    assert_int_equal(anchor_row(&scene.shelf, METRIC_REQUESTS_PER_S)->status, ROW_REGRESSED);
    shelf_close(&scene.shelf);
}

static void test_drift__what_is_accepted_is_accepted_here_too(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, 3, 5, 10);
    scene.acceptance = (struct acceptance){.metric = METRIC_AVERAGE,
                                           .scope = "overall",
                                           .value = 10.5,
                                           .reason = "new index",
                                           .by = "Ann <a@b.c>",
                                           .accepted_ns = 1};
    scene.acceptances[0] = &scene.acceptance;
    scene.shelf.in.acceptances = scene.acceptances;
    scene.shelf.in.n_acceptances = 1;
    for (size_t i = 0; i < 3; i++)
        scene.shelf.runs[i].started_ns = 2;
    scene.anchored.metrics.p95_ms = 20;
    const struct verdict_row *row = expect(&scene, ROW_ACCEPTED, 0);
    assert_says(row->reason, "accepted up to 10.5 ms by Ann <a@b.c>: new index");
    assert_int_equal(shelf_row(&scene.shelf, METRIC_AVERAGE)->status, ROW_STABLE);
    scene.acceptance.value = 9.9;
    row = expect(&scene, ROW_REGRESSED, 1);
    assert_says(row->reason, "; accepted only up to 9.90 ms");
    shelf_close(&scene.shelf);
}

static void test_drift__min_change_and_rounding_hold(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, 3, 8, 10);
    scene.anchored.metrics.p95_ms = 20;
    expect(&scene, ROW_REGRESSED, 1);
    scene.shelf.policy.overall.min_change[METRIC_AVERAGE] = 2;
    expect(&scene, ROW_STABLE, 0);
    scene.shelf.policy.overall.min_change[METRIC_AVERAGE] = 0;
    scene.anchored.resolution_ns = 3 * NS_PER_MS;
    expect(&scene, ROW_STABLE, 0);
    shelf_close(&scene.shelf);
}

/* The other rows find what they found: an anchor's rows are tested apart from them. */
static void test_drift__takes_nothing_from_other_rows(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, 10, 10, 10.5);
    shelf_judge(&scene.shelf);
    double p = shelf_row(&scene.shelf, METRIC_AVERAGE)->p;
    double detectable = shelf_row(&scene.shelf, METRIC_AVERAGE)->detectable;
    scene.shelf.in.anchor = NULL;
    shelf_judge(&scene.shelf);
    assert_true(shelf_row(&scene.shelf, METRIC_AVERAGE)->p == p);
    assert_true(shelf_row(&scene.shelf, METRIC_AVERAGE)->detectable == detectable);
    shelf_close(&scene.shelf);
}

static void test_drift__a_named_file_has_none(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene, 1, 5, 10);
    scene.shelf.in.comparison = COMPARISON_FILE;
    shelf_judge(&scene.shelf);
    assert_false(has_row(&scene.shelf));
    shelf_close(&scene.shelf);
}

static void test_drift__names_its_run_where_it_has_no_label(void **state)
{
    (void)state;
    struct scene scene;
    struct buf text = {0};
    scene_open(&scene, 3, 5, 10);
    scene.anchor.label = NULL;
    verdict_add_scope(&text, expect(&scene, ROW_REGRESSED, 1));
    assert_string_equal(buf_text(&text), "overall, since 20261123T161100Z");
    buf_reset(&text);
    char label[201];
    memset(label, 'x', 200);
    label[200] = 0;
    scene.anchor.label = label;
    verdict_add_scope(&text, expect(&scene, ROW_REGRESSED, 1));
    assert_int_equal(text.len, strlen("overall, since ") + 60 + strlen("…"));
    buf_release(&text);
    shelf_close(&scene.shelf);
}

/* ---- paired runs ---- */

/* The whole run's average of a paired run of equal sides is some 11 ms. */
static void judge_paired(struct gate_anchor *anchor, struct shelf *shelf)
{
    struct report candidate, base;
    const struct report *candidates[] = {&candidate}, *bases[] = {&base};
    struct synth how = {.seed = 3};
    struct err err = {0};
    synth_paired(&how, 1, &candidate, &base);
    candidate.environment.cpu_model = base.environment.cpu_model = "one";
    candidate.workload = base.workload = "aa";
    struct gate_input in = {.candidates = candidates,
                            .n_candidates = 1,
                            .bases = bases,
                            .n_bases = 1,
                            .comparison = COMPARISON_PAIRED,
                            .policy = &shelf->policy,
                            .anchor = anchor};
    verdict_release(&shelf->verdict);
    if (gate_judge(&in, &shelf->verdict, &err))
        fail_msg("%s", err.text);
    report_release(&candidate);
    report_release(&base);
}

static void test_drift__of_a_paired_run_needs_stored_runs(void **state)
{
    (void)state;
    struct scene scene;
    const struct report *runs[SHELF_RUNS];
    scene_open(&scene, 10, 5, 10);
    scene.shelf.policy.overall.threshold[METRIC_P95] = (double)NAN;
    for (size_t i = 0; i < 10; i++)
        runs[i] = &scene.shelf.runs[i];
    judge_paired(&scene.anchor, &scene.shelf);
    assert_int_equal(scene.shelf.verdict.exit_code, 0);
    const struct verdict_row *row = anchor_row(&scene.shelf, METRIC_AVERAGE);
    assert_int_equal(row->status, ROW_INSUFFICIENT);
    assert_false(row->judged);
    assert_says(row->reason, "; not judged: 5 stored runs of this kind would tell");
    scene.anchor.runs = runs;
    scene.anchor.n_runs = 10;
    judge_paired(&scene.anchor, &scene.shelf);
    assert_int_equal(scene.shelf.verdict.exit_code, 1);
    row = anchor_row(&scene.shelf, METRIC_AVERAGE);
    assert_int_equal(row->status, ROW_REGRESSED);
    scene.anchored = shelf_run(50, 11);
    judge_paired(&scene.anchor, &scene.shelf);
    assert_int_equal(scene.shelf.verdict.exit_code, 0);
    for (size_t i = 0; i < 10; i++) /* a large change could go unseen: that is no matter here */
        scene.shelf.runs[i].metrics.average_ms = i % 2 ? 10 : 20;
    judge_paired(&scene.anchor, &scene.shelf);
    assert_int_equal(anchor_row(&scene.shelf, METRIC_AVERAGE)->status, ROW_STABLE);
    for (size_t i = 0; i < 6; i++)
        scene.shelf.runs[i].environment.cpu_model = "another"; /* four are left */
    scene.anchored = shelf_run(50, 5);
    judge_paired(&scene.anchor, &scene.shelf);
    assert_int_equal(scene.shelf.verdict.exit_code, 0);
    shelf_close(&scene.shelf);
}

/* ---- rates ---- */

/* The anchor a run as any, and the candidate too: unchanged code, by a spread of 8 %. */
static void test_drift__unchanged_code_raises_few_alarms(void **state)
{
    (void)state;
    size_t alarms = 0, plain = 0, runs = 600;
    struct rng rng;
    rng_init(&rng, 6, 0);
    for (size_t run = 0; run < runs; run++) {
        struct scene scene;
        scene_open(&scene, 10, 10 * exp(0.08 * synth_normal(&rng)),
                   10 * exp(0.08 * synth_normal(&rng)));
        for (size_t i = 0; i < 10; i++)
            scene.shelf.runs[i] = shelf_run(50, 10 * exp(0.08 * synth_normal(&rng)));
        shelf_judge(&scene.shelf);
        const struct verdict_row *row = anchor_row(&scene.shelf, METRIC_AVERAGE);
        alarms += row->status == ROW_REGRESSED;
        plain += row->change > 10;
        shelf_close(&scene.shelf);
    }
    print_message("%zu runs: %zu alarms, %zu by the plain rule\n", runs, alarms, plain);
    assert_true(dist_binomial_upper((double)alarms, (double)runs, 0.01) > 1e-5);
    assert_true(plain > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drift__the_sum_of_small_steps_fails),
        cmocka_unit_test(test_drift__without_an_anchor_there_is_no_row),
        cmocka_unit_test(test_drift__the_bound_is_that_of_two_runs),
        cmocka_unit_test(test_drift__the_spread_is_that_of_steps),
        cmocka_unit_test(test_drift__with_few_runs_the_threshold_decides),
        cmocka_unit_test(test_drift__another_kind_or_workload_decides_nothing),
        cmocka_unit_test(test_drift__a_figure_that_the_anchor_lacks_is_shown),
        cmocka_unit_test(test_drift__error_rates_and_throughput),
        cmocka_unit_test(test_drift__what_is_accepted_is_accepted_here_too),
        cmocka_unit_test(test_drift__min_change_and_rounding_hold),
        cmocka_unit_test(test_drift__takes_nothing_from_other_rows),
        cmocka_unit_test(test_drift__a_named_file_has_none),
        cmocka_unit_test(test_drift__names_its_run_where_it_has_no_label),
        cmocka_unit_test(test_drift__of_a_paired_run_needs_stored_runs),
        cmocka_unit_test(test_drift__unchanged_code_raises_few_alarms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
