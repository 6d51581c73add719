/* Comparison with stored runs, and repeats and shards of the candidate. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "gate/compare.h"
#include "gate/gate.h"
#include "stats/dist.h"
#include "synth.h"

#define MOST 12

/* Averages of ten runs of one code; their logs have a deviation of 4.99 %. */
static const double averages[] = {10.1, 9.6, 10.4, 9.9, 10.9, 9.3, 10.0, 10.2, 9.8, 10.6};

struct stored {
    struct report runs[MOST], candidates[3];
    size_t n_runs, n_candidates;
    struct policy policy;
    struct verdict verdict;
};

static struct report one_run(int64_t failures, double average)
{
    struct report run = synth_flat(10000, failures, average, 2 * average);
    run.flat = false;
    run.health.valid = true;
    run.workload = "aa";
    run.environment.cpu_model = "one";
    return run;
}

static void stored_open(struct stored *stored, size_t n_runs, double average)
{
    *stored = (struct stored){.n_runs = n_runs, .n_candidates = 1};
    policy_init_default(&stored->policy);
    for (size_t i = 0; i < n_runs; i++)
        stored->runs[i] = one_run(50, averages[i]);
    stored->candidates[0] = one_run(50, average);
}

static void judge(struct stored *stored)
{
    const struct report *runs[MOST], *candidates[3];
    struct err err = {0};
    for (size_t i = 0; i < MOST; i++)
        runs[i] = &stored->runs[i];
    for (size_t i = 0; i < 3; i++)
        candidates[i] = &stored->candidates[i];
    struct gate_input in = {.candidates = candidates,
                            .n_candidates = stored->n_candidates,
                            .bases = runs,
                            .n_bases = stored->n_runs,
                            .comparison = COMPARISON_STORED,
                            .policy = &stored->policy};
    verdict_release(&stored->verdict);
    if (gate_judge(&in, &stored->verdict, &err))
        fail_msg("%s", err.text);
}

/* The row of the whole run, which must be there. */
static const struct verdict_row *row_of(const struct stored *stored, enum metric metric)
{
    const struct verdict *verdict = &stored->verdict;
    size_t found = verdict->n_rows;
    for (size_t i = 0; i < verdict->n_rows; i++)
        if (!verdict->rows[i].endpoint && verdict->rows[i].metric == (int)metric)
            found = i;
    assert_true(found < verdict->n_rows);
    return &verdict->rows[found];
}

static void stored_close(struct stored *stored)
{
    verdict_release(&stored->verdict);
    policy_release(&stored->policy);
}

static void test_stored__few_runs_leave_it_to_the_threshold(void **state)
{
    (void)state;
    struct stored stored;
    stored_open(&stored, 3, 11.2); /* the median is 10.1 */
    judge(&stored);
    assert_true(fabs(row_of(&stored, METRIC_AVERAGE)->base - 10.1) < 1e-12);
    assert_int_equal(row_of(&stored, METRIC_AVERAGE)->status, ROW_REGRESSED);
    assert_non_null(strstr(row_of(&stored, METRIC_AVERAGE)->reason, "3 stored runs"));
    assert_int_equal(stored.verdict.exit_code, 1);
    stored_close(&stored);
}

static void test_stored__a_breach_within_the_bound_passes_with_a_warning(void **state)
{
    (void)state;
    struct stored stored;
    stored_open(&stored, 10, 11.4); /* the median is 10.05 */
    judge(&stored);
    const struct verdict_row *row = row_of(&stored, METRIC_AVERAGE);
    assert_int_equal(row->status, ROW_INSUFFICIENT);
    assert_int_equal(row->n_warnings, 1);
    assert_int_equal(stored.verdict.exit_code, 0);
    stored.policy.on[EVENT_INSUFFICIENT] = ON_UNDECIDED;
    judge(&stored);
    assert_int_equal(stored.verdict.exit_code, 3);
    stored.policy.on[EVENT_INSUFFICIENT] = ON_FAIL;
    judge(&stored);
    assert_int_equal(stored.verdict.exit_code, 1);
    stored_close(&stored);
}

/* The bound by hand: median * exp(t * s * sqrt(1/m + pi/2N)). */
static void test_stored__a_breach_beyond_the_bound_fails(void **state)
{
    (void)state;
    struct stored stored;
    double squares = 0, sum = 0;
    for (size_t i = 0; i < 10; i++)
        sum += log(averages[i]) / 10;
    for (size_t i = 0; i < 10; i++)
        squares += (log(averages[i]) - sum) * (log(averages[i]) - sum);
    double error = sqrt(squares / 9) * sqrt(1 + M_PI / 20);
    double level = dist_t_quantile(0.01 / 3, 9); /* three tested rows, Holm's first step */
    double bound = 10.05 * exp(level * error);
    stored_open(&stored, 10, bound * 1.001);
    stored.policy.overall.threshold[METRIC_P95] = 1.1;
    judge(&stored);
    assert_int_equal(row_of(&stored, METRIC_AVERAGE)->status, ROW_REGRESSED);
    assert_int_equal(row_of(&stored, METRIC_P95)->status, ROW_REGRESSED);
    assert_int_equal(stored.verdict.exit_code, 1);
    stored.candidates[0] = one_run(50, bound * 0.999);
    judge(&stored);
    assert_int_equal(row_of(&stored, METRIC_AVERAGE)->status, ROW_INSUFFICIENT);
    assert_int_equal(stored.verdict.exit_code, 0);
    stored_close(&stored);
}

static void test_stored__error_rates_are_counted_and_bursts_widen_the_bound(void **state)
{
    (void)state;
    struct stored stored;
    stored_open(&stored, 10, 10);
    stored.candidates[0] = one_run(120, 10);
    judge(&stored);
    assert_int_equal(row_of(&stored, METRIC_ERROR_RATE)->status, ROW_REGRESSED);
    for (size_t i = 0; i < 10; i++)
        stored.runs[i].metrics.total_failures = i % 5 ? 45 : 500;
    stored.candidates[0] = one_run(300, 10);
    judge(&stored);
    assert_int_equal(row_of(&stored, METRIC_ERROR_RATE)->status, ROW_INSUFFICIENT);
    stored_close(&stored);
}

static void test_stored__only_runs_of_the_same_kind_count(void **state)
{
    (void)state;
    struct stored stored;
    stored_open(&stored, 4, 10);
    stored.runs[0].environment.cpu_model = "another";
    stored.runs[1].workload = "bb";
    stored.runs[2].health.valid = false;
    judge(&stored);
    assert_true(fabs(row_of(&stored, METRIC_AVERAGE)->base - averages[3]) < 1e-12);
    assert_non_null(strstr(stored.verdict.warnings[stored.verdict.n_warnings - 1], "3 stored runs "
                                                                                   "left out"));
    stored.runs[3].workload = NULL;
    judge(&stored);
    assert_int_equal(row_of(&stored, METRIC_AVERAGE)->status, ROW_NOT_COMPARABLE);
    assert_int_equal(stored.verdict.exit_code, 3);
    stored.n_runs = 0;
    judge(&stored);
    assert_int_equal(row_of(&stored, METRIC_AVERAGE)->status, ROW_MISSING_BASELINE);
    assert_int_equal(stored.verdict.exit_code, 3);
    stored_close(&stored);
}

/* Runs of unchanged code with a spread of 8 % between them: the plain rule cries wolf in one of
 * ten, the bound does not. */
static void test_stored__unchanged_code_raises_few_alarms(void **state)
{
    (void)state;
    size_t alarms = 0, plain = 0, runs = 600;
    struct rng rng;
    rng_init(&rng, 5, 0);
    for (size_t run = 0; run < runs; run++) {
        struct stored stored;
        stored_open(&stored, 10, 10 * exp(0.08 * synth_normal(&rng)));
        for (size_t i = 0; i < 10; i++)
            stored.runs[i] = one_run(50, 10 * exp(0.08 * synth_normal(&rng)));
        judge(&stored);
        alarms += stored.verdict.exit_code == 1;
        plain += row_of(&stored, METRIC_AVERAGE)->change > 10;
        assert_int_not_equal(stored.verdict.exit_code, 3);
        stored_close(&stored);
    }
    print_message("%zu runs: %zu alarms, %zu by the plain rule\n", runs, alarms, plain);
    assert_true(dist_binomial_upper((double)alarms, (double)runs, 0.01) > 1e-5);
    assert_true(plain > 30);
}

static void test_stored__repeats_of_the_candidate_narrow_the_bound(void **state)
{
    (void)state;
    struct stored stored;
    static const char *const ids[] = {"r1", "r2", "r3"};
    stored_open(&stored, 10, 11.5);
    judge(&stored);
    const struct verdict_row *row = row_of(&stored, METRIC_AVERAGE);
    double wide = log(row->interval_high / row->interval_low);
    stored.n_candidates = 3;
    for (size_t i = 0; i < 3; i++) {
        stored.candidates[i] = one_run(50, i ? 11.5 : 20);
        stored.candidates[i].run_id = ids[i];
    }
    judge(&stored);
    row = row_of(&stored, METRIC_AVERAGE);
    double narrow = log(row->interval_high / row->interval_low);
    assert_true(fabs(row->candidate - 11.5) < 1e-12);
    assert_int_equal(row->candidate_count, 30000);
    double expected = sqrt((1.0 / 3 + M_PI / 20) / (1 + M_PI / 20));
    assert_true(fabs(narrow / wide - expected) < 1e-9);
    stored_close(&stored);
}

/* Two shards of one run, with histograms: one run's figures, exactly. */
static void test_stored__shards_of_a_run_are_one(void **state)
{
    (void)state;
    struct stored stored;
    struct report base;
    stored_open(&stored, 10, 10);
    stored.n_candidates = 2;
    for (int i = 0; i < 2; i++) {
        synth_paired(&(struct synth){.seed = (uint64_t)i + 1}, 1, &stored.candidates[i], &base);
        report_release(&base);
        stored.candidates[i].run_id = "one";
        stored.candidates[i].environment.cpu_model = "one";
        stored.candidates[i].workload = "aa";
    }
    judge(&stored);
    const struct metrics *a = &stored.candidates[0].metrics, *b = &stored.candidates[1].metrics;
    double sum =
        a->average_ms * (double)a->total_requests + b->average_ms * (double)b->total_requests;
    double average = sum / (double)(a->total_requests + b->total_requests);
    const struct verdict_row *row = row_of(&stored, METRIC_AVERAGE);
    assert_int_equal(row->candidate_count, a->total_requests + b->total_requests);
    assert_true(fabs(row->candidate - average) < 1e-9);
    double both = log(row->interval_high / row->interval_low);
    stored.n_candidates = 1;
    judge(&stored);
    row = row_of(&stored, METRIC_AVERAGE);
    assert_true(fabs(both - log(row->interval_high / row->interval_low)) < 1e-9);
    stored_close(&stored);
    report_release(&stored.candidates[0]);
    report_release(&stored.candidates[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored__few_runs_leave_it_to_the_threshold),
        cmocka_unit_test(test_stored__a_breach_within_the_bound_passes_with_a_warning),
        cmocka_unit_test(test_stored__a_breach_beyond_the_bound_fails),
        cmocka_unit_test(test_stored__error_rates_are_counted_and_bursts_widen_the_bound),
        cmocka_unit_test(test_stored__only_runs_of_the_same_kind_count),
        cmocka_unit_test(test_stored__unchanged_code_raises_few_alarms),
        cmocka_unit_test(test_stored__shards_of_a_run_are_one),
        cmocka_unit_test(test_stored__repeats_of_the_candidate_narrow_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
