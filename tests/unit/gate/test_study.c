/* Studies of unchanged code: false alarms counted, noise measured, thresholds that hold. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "court.h"
#include "gate/study.h"
#include "stats/dist.h"
#include "synth.h"

#define MOST_RUNS 10

/* Runs and what is made of them. */
struct lab {
    struct report runs[MOST_RUNS], bases[MOST_RUNS];
    size_t n;
    bool paired;
    struct policy policy;
    struct study study;
};

static void lab_open(struct lab *lab, const double *averages, size_t n)
{
    *lab = (struct lab){.n = n};
    policy_init_default(&lab->policy);
    for (size_t i = 0; i < n; i++)
        lab->runs[i] = synth_flat(1000, 0, averages ? averages[i] : 10, 20);
}

static int lab_try(struct lab *lab, struct err *err)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    const struct report *runs[MOST_RUNS], *bases[MOST_RUNS];
    for (size_t i = 0; i < MOST_RUNS; i++) {
        runs[i] = &lab->runs[i];
        bases[i] = &lab->bases[i];
    }
    struct study_input in = {.runs = runs,
                             .names = names,
                             .n = lab->n,
                             .bases = lab->paired ? bases : NULL,
                             .base_names = names,
                             .policy = &lab->policy};
    study_release(&lab->study);
    return study_run(&in, &lab->study, err);
}

static void lab_run(struct lab *lab)
{
    struct err err = {0};
    if (lab_try(lab, &err) < 0)
        fail_msg("%s", err.text);
}

static void lab_close(struct lab *lab)
{
    study_release(&lab->study);
    policy_release(&lab->policy);
    for (size_t i = 0; i < MOST_RUNS; i++) {
        report_release(&lab->runs[i]);
        report_release(&lab->bases[i]);
    }
}

static void lab_refuses(struct lab *lab, enum err_code code, const char *part)
{
    struct err err = {0};
    assert_int_equal(lab_try(lab, &err), -1);
    assert_int_equal(err.code, code);
    assert_int_equal(lab->study.n_rows, 0);
    assert_says(err.text, part);
}

static const struct study_row *row_of(const struct lab *lab, const char *endpoint,
                                      enum metric metric)
{
    size_t found = lab->study.n_rows;
    for (size_t i = 0; i < lab->study.n_rows; i++) {
        const struct study_row *row = &lab->study.rows[i];
        if (row->metric == metric &&
            (endpoint ? row->endpoint && strcmp(row->endpoint, endpoint) == 0 : !row->endpoint))
            found = i;
    }
    assert_true(found < lab->study.n_rows);
    return &lab->study.rows[found];
}

static void assert_tally(const struct study_tally *tally, size_t alarms, size_t n)
{
    assert_int_equal(tally->alarms, alarms);
    assert_int_equal(tally->n, n);
}

static void assert_close(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-9 * fabs(expected)))
        fail_msg("%.17g is not %.17g", found, expected);
}

/* 12 is over 1.1 times 10 and 10.5; of the medians 11.25, 11 and 10.25 it is only over the last. */
static void test_study__false_alarms_of_the_threshold_are_counted(void **state)
{
    (void)state;
    static const double averages[] = {10, 10.5, 12};
    struct lab lab;
    lab_open(&lab, averages, 3);
    lab_run(&lab);
    assert_int_equal(lab.study.n_rows, 3);
    const struct study_row *row = row_of(&lab, NULL, METRIC_AVERAGE);
    assert_tally(&row->findings[STUDY_ONE].tally, 2, 6);
    assert_tally(&row->findings[STUDY_STORED].tally, 1, 3);
    assert_tally(&row->findings[STUDY_PAIRED].tally, 0, 0);
    assert_tally(&row_of(&lab, NULL, METRIC_P95)->findings[STUDY_ONE].tally, 0, 6);
    assert_tally(&lab.study.tallies[STUDY_ONE], 2, 6);
    assert_tally(&lab.study.tallies[STUDY_STORED], 1, 3);
    assert_tally(&lab.study.tallies[STUDY_PAIRED], 0, 0);
    assert_close(row->median, 10.5);
    assert_close(row->threshold, 1.1);
    lab_close(&lab);
}

/* Five others and more have a spread, and one odd run is within it. */
static void test_study__stored_runs_are_judged_by_their_spread(void **state)
{
    (void)state;
    static const double averages[] = {9, 9.5, 10, 10.5, 11, 11.8};
    struct lab lab;
    lab_open(&lab, averages, 6);
    lab_run(&lab);
    const struct study_row *row = row_of(&lab, NULL, METRIC_AVERAGE);
    assert_true(row->findings[STUDY_ONE].tally.alarms >= 5);
    assert_tally(&row->findings[STUDY_STORED].tally, 0, 6);
    assert_true(row->findings[STUDY_STORED].detectable > 0.4); /* as the verdicts say */
    assert_true(row->findings[STUDY_ONE].detectable < 0.4);
    /* with four others there is none */
    lab.n = 5;
    lab_run(&lab);
    row = row_of(&lab, NULL, METRIC_AVERAGE);
    assert_tally(&row->findings[STUDY_STORED].tally, 1, 5);
    lab_close(&lab);
}

/* By the formulas, written out: logs of 8, 10 and 12.5 are 0.2231... apart. */
static void test_study__noise_and_thresholds_are_those_of_the_formula(void **state)
{
    (void)state;
    static const double averages[] = {8, 10, 12.5};
    struct lab lab;
    lab_open(&lab, averages, 3);
    lab.policy.overall.threshold[METRIC_P95] = (double)NAN;
    lab.policy.overall.threshold[METRIC_ERROR_RATE] = (double)NAN;
    lab_run(&lab);
    assert_int_equal(lab.study.n_rows, 1);
    const struct study_finding *one = &lab.study.rows[0].findings[STUDY_ONE];
    const struct study_finding *stored = &lab.study.rows[0].findings[STUDY_STORED];
    double s = log(1.25);
    assert_close(one->noise, s);
    assert_close(stored->noise, s);
    /* t(0.99, 2) = 6.9646, t(0.9, 2) = 1.8856 */
    double bound = exp(6.964556734 * s * sqrt(2)), next = exp(6.964556734 * s * sqrt(1 + M_PI / 6));
    assert_true(one->proposed >= bound && one->proposed < bound + 0.01);
    assert_true(stored->proposed >= next && stored->proposed < next + 0.01);
    assert_close(round(one->proposed * 100), one->proposed * 100);
    assert_true(fabs(one->detectable - (1.1 * exp(1.885618083 * s * sqrt(2)) - 1)) < 1e-6);
    lab_close(&lab);
}

/* A row that agreed by luck gets the spread of the others, and none less than a bucket. */
static void test_study__lucky_rows_are_held_to_the_others(void **state)
{
    (void)state;
    static const double averages[] = {10, 10.0001, 10.0002, 10.0001};
    struct lab lab;
    lab_open(&lab, averages, 4);
    lab_run(&lab);
    double proposed = row_of(&lab, NULL, METRIC_AVERAGE)->findings[STUDY_ONE].proposed;
    double least = exp(dist_t_quantile(0.01 / 3, 3) * sqrt(2) / 128);
    assert_true(proposed >= least && proposed < least + 0.01);
    for (size_t i = 0; i < 4; i++)
        lab.runs[i].metrics.p95_ms = 20 * exp(0.1 * (double)i);
    lab_run(&lab);
    assert_true(row_of(&lab, NULL, METRIC_AVERAGE)->findings[STUDY_ONE].proposed > proposed + 0.1);
    /* error rates of 0 have no logarithm */
    const struct study_row *row = row_of(&lab, NULL, METRIC_ERROR_RATE);
    assert_true(isnan(row->findings[STUDY_ONE].noise) && isnan(row->findings[STUDY_ONE].proposed));
    lab_close(&lab);
}

/* Three runs with two failures each did not agree, they were lucky. */
static void test_study__error_rates_spread_at_least_as_their_counts(void **state)
{
    (void)state;
    struct lab lab;
    lab_open(&lab, NULL, 5);
    lab.policy.overall.threshold[METRIC_P95] = (double)NAN;
    lab.policy.overall.threshold[METRIC_AVERAGE] = (double)NAN;
    for (size_t i = 0; i < 5; i++) {
        lab.runs[i].metrics.total_failures = 100;
        lab.runs[i].metrics.error_rate = 0.1;
    }
    lab_run(&lab);
    const struct study_finding *one = &lab.study.rows[0].findings[STUDY_ONE];
    double bound = exp(dist_t_quantile(0.01, 4) * 0.1 * sqrt(2));
    assert_true(one->noise < 1e-12 && one->proposed >= bound && one->proposed < bound + 0.01);
    for (size_t i = 0; i < 5; i++) {
        lab.runs[i].metrics.total_failures = 1;
        lab.runs[i].metrics.error_rate = 0.001;
    }
    lab.n = 3;
    lab_run(&lab); /* more than a policy may have */
    assert_true(isnan(lab.study.rows[0].findings[STUDY_ONE].proposed));
    lab_close(&lab);
}

static void test_study__endpoints_are_found_in_whatever_order(void **state)
{
    (void)state;
    struct lab lab;
    lab_open(&lab, NULL, 3);
    for (size_t i = 0; i < 3; i++) {
        add_endpoint(&lab.runs[i], "GET", i == 1 ? "/b" : "/a", 10 + (double)i);
        add_endpoint(&lab.runs[i], "GET", i == 1 ? "/a" : "/b", 30);
        add_endpoint(&lab.runs[i], "POST", "/a", 5);
    }
    add_endpoint(&lab.runs[2], "GET", "/once", 5);
    lab_run(&lab);
    assert_int_equal(lab.study.n_rows, 3 * 4);
    assert_null(lab.study.rows[0].endpoint);
    assert_string_equal(lab.study.rows[3].endpoint, "/a");
    assert_string_equal(lab.study.rows[3].method, "GET");
    assert_string_equal(lab.study.rows[6].method, "POST");
    assert_close(lab.study.rows[3].median, 12); /* of 10, 30 and 12 */
    assert_close(lab.study.rows[6].median, 5);
    lab_close(&lab);
}

/* Each pair is judged by its own evidence as well. */
static void test_study__paired_runs(void **state)
{
    (void)state;
    struct lab lab;
    lab_open(&lab, NULL, 0);
    lab.n = 4;
    lab.paired = true;
    for (size_t i = 0; i < 4; i++) {
        struct synth how = {.seed = 21 + i, .per_block = 40};
        synth_paired(&how, 1, &lab.runs[i], &lab.bases[i]);
    }
    lab_run(&lab);
    assert_int_equal(lab.study.n_rows, 15);
    assert_tally(&lab.study.tallies[STUDY_ONE], lab.study.tallies[STUDY_ONE].alarms, 12);
    assert_tally(&lab.study.tallies[STUDY_PAIRED], 0, 4);
    for (size_t i = 0; i < 15; i++) {
        const struct study_row *row = &lab.study.rows[i];
        const struct study_finding *pair = &row->findings[STUDY_PAIRED];
        assert_tally(&pair->tally, 0, 4);
        if (row->metric == METRIC_ERROR_RATE)
            continue;
        assert_true(pair->noise > 0.015 && pair->noise < 0.06);
        assert_true(pair->detectable >= row->threshold - 1 - 1e-12);
        assert_true(pair->proposed >= exp(3 * pair->noise) && pair->proposed < 1.35);
    }
    lab_close(&lab);
}

/* ---- the rates that are promised ---- */

static void draw_runs(struct rng *rng, struct lab *lab)
{
    for (size_t i = 0; i < lab->n; i++) {
        lab->runs[i].metrics.average_ms = 10 * exp(0.15 * synth_normal(rng));
        lab->runs[i].metrics.p95_ms = 20 * exp(0.15 * synth_normal(rng));
    }
}

static bool is_over(double base, double figure, const struct lab *lab, enum metric metric,
                    enum study_rule rule)
{
    return figure > base * row_of(lab, NULL, metric)->findings[rule].proposed;
}

/* Studies of 8 runs, and a ninth that is held to what each proposes: over it in less than 1 %. */
static void test_study__proposed_thresholds_hold(void **state)
{
    (void)state;
    enum { STUDIES = 1500 };
    struct rng rng;
    struct lab lab;
    size_t over_one = 0, over_stored = 0;
    rng_init(&rng, 31, 1);
    lab_open(&lab, NULL, 8);
    lab.policy.overall.threshold[METRIC_ERROR_RATE] = (double)NAN;
    for (int i = 0; i < STUDIES; i++) {
        draw_runs(&rng, &lab);
        lab_run(&lab);
        double average = 10 * exp(0.15 * synth_normal(&rng));
        double p95 = 20 * exp(0.15 * synth_normal(&rng));
        const struct metrics *first = &lab.runs[0].metrics;
        over_one += is_over(first->average_ms, average, &lab, METRIC_AVERAGE, STUDY_ONE) ||
                    is_over(first->p95_ms, p95, &lab, METRIC_P95, STUDY_ONE);
        over_stored +=
            is_over(row_of(&lab, NULL, METRIC_AVERAGE)->median, average, &lab, METRIC_AVERAGE,
                    STUDY_STORED) ||
            is_over(row_of(&lab, NULL, METRIC_P95)->median, p95, &lab, METRIC_P95, STUDY_STORED);
    }
    if (over_one > STUDIES / 100 || over_stored > STUDIES / 100 || !over_one || !over_stored)
        fail_msg("%zu and %zu of %d", over_one, over_stored, STUDIES);
    lab_close(&lab);
}

/* ---- refusals ---- */

static void test_study__runs_that_do_not_belong_together(void **state)
{
    (void)state;
    struct lab lab;
    lab_open(&lab, NULL, 2);
    lab_refuses(&lab, ERR_USAGE, "at least 3 runs of unchanged code, and 2 are given");
    lab.n = 1;
    lab_refuses(&lab, ERR_USAGE, "and 1 is given");
    lab_close(&lab);
    lab_open(&lab, NULL, 3);
    lab.runs[0].run_id = lab.runs[2].run_id = "00000000000000a1";
    lab_refuses(&lab, ERR_INPUT, "'a' and 'c' are reports of one run");
    lab.runs[2].run_id = "00000000000000a2";
    lab.runs[0].workload = lab.runs[1].workload = "w1";
    lab_refuses(&lab, ERR_INPUT, "'a' and 'c' are of different workloads");
    lab.runs[2].workload = "w2";
    lab_refuses(&lab, ERR_INPUT, "'a' and 'c' are of different workloads");
    lab.runs[2].workload = "w1";
    lab.runs[1].environment.cores = 8;
    lab_refuses(&lab, ERR_INPUT, "'a' and 'b' were measured on different kinds of machine");
    lab.runs[1].environment.cores = 0;
    lab.runs[1].flat = false;
    lab_refuses(&lab, ERR_UNDECIDED, "'b' is a run that cannot be trusted");
    lab.runs[1].health.valid = true;
    lab_run(&lab);
    lab.runs[1].metrics.total_requests = 0;
    lab_refuses(&lab, ERR_UNDECIDED, "'b' is a run that cannot be trusted (it completed no");
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_study__false_alarms_of_the_threshold_are_counted),
        cmocka_unit_test(test_study__stored_runs_are_judged_by_their_spread),
        cmocka_unit_test(test_study__noise_and_thresholds_are_those_of_the_formula),
        cmocka_unit_test(test_study__lucky_rows_are_held_to_the_others),
        cmocka_unit_test(test_study__error_rates_spread_at_least_as_their_counts),
        cmocka_unit_test(test_study__endpoints_are_found_in_whatever_order),
        cmocka_unit_test(test_study__paired_runs),
        cmocka_unit_test(test_study__proposed_thresholds_hold),
        cmocka_unit_test(test_study__runs_that_do_not_belong_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
