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
#include "gate/stored.h"
#include "stats/dist.h"
#include "stats/histogram.h"
#include "stats/spread.h"
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

/* The deviation of the logs of `averages`, and that of a row of two that has the prior as well. */
static double own_deviation(void)
{
    double squares = 0, sum = 0;
    for (size_t i = 0; i < 10; i++)
        sum += log(averages[i]) / 10;
    for (size_t i = 0; i < 10; i++)
        squares += (log(averages[i]) - sum) * (log(averages[i]) - sum);
    return sqrt(squares / 9);
}

static double moderated_deviation(void)
{
    double own = own_deviation(), prior = STORED_PRIOR_SPREAD;
    return sqrt((9 * own * own + STORED_PRIOR_DF * prior * prior) / (9 + STORED_PRIOR_DF));
}

static void expect_average(struct stored *stored, double average, enum row_status status)
{
    stored->candidates[0] = one_run(50, average);
    judge(stored);
    const struct verdict_row *row = row_of(stored, METRIC_AVERAGE);
    if (row->status != (int)status)
        fail_msg("%s: %s", row_status_name((enum row_status)row->status), row->reason);
    assert_int_equal(row_of(stored, METRIC_P95)->status, status);
    assert_int_equal(stored->verdict.exit_code, status == ROW_REGRESSED ? 1 : 0);
}

/* median * exp(t * s * sqrt(1/m + pi/2N)), by hand, where that is beyond what the worst of the runs
 * leaves room for: with an alpha that is far below any, were it not that 5 % is the least. */
static void test_stored__a_breach_beyond_the_bound_fails(void **state)
{
    (void)state;
    struct stored stored;
    stored_open(&stored, 10, 10);
    stored.policy.overall.threshold[METRIC_P95] = 1.1;
    /* replicates of the base: those in the middle, so that the worst is not far */
    for (size_t i = 0; i < 10; i++)
        stored.runs[i] = one_run(50, averages[i] > 10.5 ? 10.5 : averages[i]);
    stored.runs[5] = one_run(50, 5); /* a wide spread, to one side */
    double squares = 0, sum = 0;
    for (size_t i = 0; i < 10; i++)
        sum += log(stored.runs[i].metrics.average_ms) / 10;
    for (size_t i = 0; i < 10; i++)
        squares += pow(log(stored.runs[i].metrics.average_ms) - sum, 2);
    double spread = sqrt((squares + STORED_PRIOR_DF * 0.0025) / (9 + STORED_PRIOR_DF));
    double level = dist_t_quantile(0.05 / 3, 11); /* three tested rows, Holm's first step */
    double bound = 10.05 * exp(level * spread * sqrt(1 + M_PI / 20));
    assert_true(bound > 10.5 * 1.1);
    expect_average(&stored, bound * 1.001, ROW_REGRESSED);
    expect_average(&stored, bound * 0.999, ROW_INSUFFICIENT);
    stored_close(&stored);
}

/* By 10 %, or by four deviations if that is less. */
static void test_stored__a_breach_is_beyond_the_worst_of_the_runs(void **state)
{
    (void)state;
    struct stored stored;
    stored_open(&stored, 10, 10);
    stored.policy.overall.threshold[METRIC_P95] = 1.1;
    double reach = 10.9 * exp(STORED_MARGIN_10);
    assert_true(STORED_MARGIN_SPREADS * moderated_deviation() > STORED_MARGIN_10);
    expect_average(&stored, reach * 1.001, ROW_REGRESSED);
    expect_average(&stored, reach * 0.999, ROW_INSUFFICIENT);
    assert_non_null(strstr(row_of(&stored, METRIC_AVERAGE)->reason,
                           ": within what the stored runs differ by, the largest of which is "
                           "10.9 ms and leaves room for 12.0 ms"));
    stored_close(&stored);
    /* five of them leave more room, for there may be more that has not been seen */
    stored_open(&stored, 5, 10);
    stored.policy.overall.threshold[METRIC_P95] = 1.1;
    reach = 10.9 * exp(2 * STORED_MARGIN_10);
    expect_average(&stored, reach * 1.001, ROW_REGRESSED);
    expect_average(&stored, reach * 0.999, ROW_INSUFFICIENT);
    stored_close(&stored);
}

/* Fewer requests a second than the worst run had, by four deviations of a quiet machine. */
static void test_stored__the_worst_rate_is_the_smallest(void **state)
{
    (void)state;
    struct stored stored;
    stored_open(&stored, 10, 10);
    for (int i = 0; i < METRIC_COUNT; i++)
        stored.policy.overall.threshold[i] = (double)NAN;
    stored.policy.overall.threshold[METRIC_REQUESTS_PER_S] = 1.02;
    for (size_t i = 0; i < 10; i++)
        stored.runs[i].metrics.requests_per_s = i ? 100 : 98;
    double own = HISTOGRAM_RESOLUTION, spread = sqrt((9 * own * own + 2 * 0.0025) / 11);
    assert_true(STORED_MARGIN_SPREADS * spread < STORED_MARGIN_10);
    double reach = 98 * exp(-STORED_MARGIN_SPREADS * spread);
    stored.candidates[0].metrics.requests_per_s = reach * 1.001;
    judge(&stored);
    assert_int_equal(row_of(&stored, METRIC_REQUESTS_PER_S)->status, ROW_INSUFFICIENT);
    assert_non_null(
        strstr(row_of(&stored, METRIC_REQUESTS_PER_S)->reason, "the smallest of which is 98.0"));
    stored.candidates[0].metrics.requests_per_s = reach * 0.999;
    judge(&stored);
    assert_int_equal(row_of(&stored, METRIC_REQUESTS_PER_S)->status, ROW_REGRESSED);
    stored_close(&stored);
}

/* The detectable change is beyond both bounds, and nine of ten draws of the candidate are. */
static void test_stored__the_detectable_change_is_beyond_the_worst(void **state)
{
    (void)state;
    struct stored stored;
    stored_open(&stored, 10, 10);
    judge(&stored);
    double error = moderated_deviation() * sqrt(1 + M_PI / 20);
    double expected = 10.9 / 10.05 * exp(STORED_MARGIN_10 + dist_t_quantile(0.1, 11) * error) - 1;
    assert_true(fabs(row_of(&stored, METRIC_AVERAGE)->detectable - expected) < 1e-9);
    stored_close(&stored);
}

/* ---- what rows say of each other ---- */

#define ROWS 8

/* An endpoint more in each run and in the candidate, of some 10 ms. */
static void add_endpoints(struct report *report, const double *ms)
{
    static const char *const names[ROWS] = {"/a", "/b", "/c", "/d", "/e", "/f", "/g", "/h"};
    report->n_endpoints = ROWS;
    report->endpoints = arena_array(&report->arena, ROWS, sizeof *report->endpoints);
    for (size_t i = 0; i < ROWS; i++)
        report->endpoints[i] = (struct report_endpoint){
            .name = names[i], .method = "GET", .metrics = synth_flat(10000, 50, ms[i], 20).metrics};
}

static const struct verdict_row *endpoint_row(const struct stored *stored, const char *name)
{
    const struct verdict *verdict = &stored->verdict;
    size_t i = 0;
    while (i + 1 < verdict->n_rows &&
           !(verdict->rows[i].endpoint && strcmp(verdict->rows[i].endpoint, name) == 0 &&
             verdict->rows[i].metric == METRIC_AVERAGE))
        i++;
    assert_string_equal(verdict->rows[i].endpoint, name);
    return &verdict->rows[i];
}

static void release_reports(struct stored *stored)
{
    for (size_t i = 0; i < MOST; i++)
        report_release(&stored->runs[i]);
    report_release(&stored->candidates[0]);
}

/* Five runs of /a that agree to the last digit by luck, where its neighbours spread by `spread`,
 * and a candidate with +15 % on it. */
static void judge_lucky_row(struct stored *stored, double spread)
{
    struct rng rng;
    double ms[ROWS];
    rng_init(&rng, 11, 0);
    stored_open(stored, 5, 10);
    stored->policy.overall.threshold[METRIC_P95] = (double)NAN;
    for (size_t run = 0; run < 6; run++) {
        struct report *report = run < 5 ? &stored->runs[run] : &stored->candidates[0];
        for (size_t i = 0; i < ROWS; i++)
            ms[i] = 10 * exp(spread * synth_normal(&rng));
        ms[0] = run < 5 ? 10 : 11.5;
        report->metrics.average_ms = ms[1];
        add_endpoints(report, ms);
    }
    judge(stored);
}

static double half_interval(const struct verdict_row *row)
{
    return log(row->interval_high / row->interval_low) / 2;
}

static void test_stored__a_row_that_agrees_by_luck_has_the_spread_of_the_others(void **state)
{
    (void)state;
    struct stored stored;
    judge_lucky_row(&stored, 0.15);
    const struct verdict_row *row = endpoint_row(&stored, "/a");
    assert_int_equal(row->status, ROW_INSUFFICIENT);
    double wide = half_interval(row);
    verdict_release(&stored.verdict);
    release_reports(&stored);
    judge_lucky_row(&stored, 0.01);
    row = endpoint_row(&stored, "/a");
    assert_int_equal(row->status, ROW_REGRESSED);
    assert_true(half_interval(row) < wide / 4);
    verdict_release(&stored.verdict);
    release_reports(&stored);
}

/* Rows that move together are worth one: their common variance has its four degrees of freedom, not
 * those of nine rows. It is a little larger than each, as the mean log of a variance is too small
 * by psi(2) - log 2. */
static void test_stored__rows_that_move_together_are_one_witness(void **state)
{
    (void)state;
    struct stored stored;
    double ms[ROWS], logs[5];
    stored_open(&stored, 5, 10);
    stored.policy.overall.threshold[METRIC_P95] = (double)NAN;
    for (size_t run = 0; run < 6; run++) {
        struct report *report = run < 5 ? &stored.runs[run] : &stored.candidates[0];
        double factor = averages[run] / 10;
        for (size_t i = 0; i < ROWS; i++)
            ms[i] = (double)(i + 1) * factor;
        report->metrics.average_ms = 10 * factor;
        add_endpoints(report, ms);
        if (run < 5)
            logs[run] = log(factor);
    }
    judge(&stored);
    double error = spread_deviation(logs, 5) * sqrt(2 * exp(-dist_digamma(2)));
    double expected = dist_t_quantile(0.005, 4) * error * sqrt(1 + M_PI / 10);
    assert_true(fabs(half_interval(endpoint_row(&stored, "/c")) - expected) < 1e-9);
    verdict_release(&stored.verdict);
    release_reports(&stored);
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
        cmocka_unit_test(test_stored__a_breach_is_beyond_the_worst_of_the_runs),
        cmocka_unit_test(test_stored__the_worst_rate_is_the_smallest),
        cmocka_unit_test(test_stored__the_detectable_change_is_beyond_the_worst),
        cmocka_unit_test(test_stored__a_row_that_agrees_by_luck_has_the_spread_of_the_others),
        cmocka_unit_test(test_stored__rows_that_move_together_are_one_witness),
        cmocka_unit_test(test_stored__error_rates_are_counted_and_bursts_widen_the_bound),
        cmocka_unit_test(test_stored__only_runs_of_the_same_kind_count),
        cmocka_unit_test(test_stored__unchanged_code_raises_few_alarms),
        cmocka_unit_test(test_stored__shards_of_a_run_are_one),
        cmocka_unit_test(test_stored__repeats_of_the_candidate_narrow_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
