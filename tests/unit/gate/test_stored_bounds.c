/* The two bounds that a breach against stored runs must be beyond, by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "gate/runs.h"
#include "gate/stored.h"
#include "shelf.h"
#include "stats/dist.h"
#include "stats/histogram.h"
#include "stats/spread.h"
#include "synth.h"

/* The deviation of the logs of `shelf_averages`, and that of a row of two that has the prior as
 * well. */
static double own_deviation(void)
{
    double squares = 0, sum = 0;
    for (size_t i = 0; i < 10; i++)
        sum += log(shelf_averages[i]) / 10;
    for (size_t i = 0; i < 10; i++)
        squares += (log(shelf_averages[i]) - sum) * (log(shelf_averages[i]) - sum);
    return sqrt(squares / 9);
}

static double moderated_deviation(void)
{
    double own = own_deviation(), prior = RUNS_PRIOR_SPREAD;
    return sqrt((9 * own * own + RUNS_PRIOR_DF * prior * prior) / (9 + RUNS_PRIOR_DF));
}

static void expect_average(struct shelf *shelf, double average, enum row_status status)
{
    shelf->candidates[0] = shelf_run(50, average);
    shelf_judge(shelf);
    const struct verdict_row *row = shelf_row(shelf, METRIC_AVERAGE);
    if (row->status != (int)status)
        fail_msg("%s: %s", row_status_name((enum row_status)row->status), row->reason);
    assert_int_equal(shelf_row(shelf, METRIC_P95)->status, status);
    assert_int_equal(shelf->verdict.exit_code, status == ROW_REGRESSED ? 1 : 0);
}

/* median * exp(t * s * sqrt(1/m + pi/2N)), where that is beyond what the worst of the runs leaves
 * room for: the runs spread to the better side. */
static void test_stored_bounds__a_breach_beyond_the_bound_fails(void **state)
{
    (void)state;
    struct shelf shelf;
    shelf_open(&shelf, 10, 10);
    shelf.policy.overall.threshold[METRIC_P95] = 1.1;
    for (size_t i = 0; i < 10; i++)
        shelf.runs[i] = shelf_run(50, shelf_averages[i] > 10.5 ? 10.5 : shelf_averages[i]);
    shelf.runs[5] = shelf_run(50, 5);
    double squares = 0, sum = 0;
    for (size_t i = 0; i < 10; i++)
        sum += log(shelf.runs[i].metrics.average_ms) / 10;
    for (size_t i = 0; i < 10; i++)
        squares += pow(log(shelf.runs[i].metrics.average_ms) - sum, 2);
    double spread = sqrt((squares + RUNS_PRIOR_DF * 0.0025) / (9 + RUNS_PRIOR_DF));
    double level = dist_t_quantile(0.05 / 3, 11); /* three tested rows, Holm's first step */
    double bound = 10.05 * exp(level * spread * sqrt(1 + M_PI / 20));
    assert_true(bound > 10.5 * 1.1);
    expect_average(&shelf, bound * 1.001, ROW_REGRESSED);
    expect_average(&shelf, bound * 0.999, ROW_INSUFFICIENT);
    shelf_close(&shelf);
}

/* By 10 %, or by four deviations if that is less. */
static void test_stored_bounds__a_breach_is_beyond_the_worst_of_the_runs(void **state)
{
    (void)state;
    struct shelf shelf;
    shelf_open(&shelf, 10, 10);
    shelf.policy.overall.threshold[METRIC_P95] = 1.1;
    double reach = 10.9 * exp(STORED_MARGIN_10);
    assert_true(STORED_MARGIN_SPREADS * moderated_deviation() > STORED_MARGIN_10);
    expect_average(&shelf, reach * 1.001, ROW_REGRESSED);
    expect_average(&shelf, reach * 0.999, ROW_INSUFFICIENT);
    assert_non_null(strstr(shelf_row(&shelf, METRIC_AVERAGE)->reason,
                           ": within what the stored runs differ by, the largest of which is "
                           "10.9 ms and leaves room for 12.0 ms"));
    shelf_close(&shelf);
    /* five of them leave more room, for there may be more that has not been seen */
    shelf_open(&shelf, 5, 10);
    shelf.policy.overall.threshold[METRIC_P95] = 1.1;
    reach = 10.9 * exp(2 * STORED_MARGIN_10);
    expect_average(&shelf, reach * 1.001, ROW_REGRESSED);
    expect_average(&shelf, reach * 0.999, ROW_INSUFFICIENT);
    shelf_close(&shelf);
}

/* Fewer requests a second than the worst run had, by four deviations of a quiet machine. */
static void test_stored_bounds__the_worst_rate_is_the_smallest(void **state)
{
    (void)state;
    struct shelf shelf;
    shelf_open(&shelf, 10, 10);
    for (int i = 0; i < METRIC_COUNT; i++)
        shelf.policy.overall.threshold[i] = (double)NAN;
    shelf.policy.overall.threshold[METRIC_REQUESTS_PER_S] = 1.02;
    for (size_t i = 0; i < 10; i++)
        shelf.runs[i].metrics.requests_per_s = i ? 100 : 98;
    double own = HISTOGRAM_RESOLUTION, spread = sqrt((9 * own * own + 2 * 0.0025) / 11);
    assert_true(STORED_MARGIN_SPREADS * spread < STORED_MARGIN_10);
    double reach = 98 * exp(-STORED_MARGIN_SPREADS * spread);
    shelf.candidates[0].metrics.requests_per_s = reach * 1.001;
    shelf_judge(&shelf);
    assert_int_equal(shelf_row(&shelf, METRIC_REQUESTS_PER_S)->status, ROW_INSUFFICIENT);
    assert_non_null(
        strstr(shelf_row(&shelf, METRIC_REQUESTS_PER_S)->reason, "the smallest of which is 98.0"));
    shelf.candidates[0].metrics.requests_per_s = reach * 0.999;
    shelf_judge(&shelf);
    assert_int_equal(shelf_row(&shelf, METRIC_REQUESTS_PER_S)->status, ROW_REGRESSED);
    shelf_close(&shelf);
}

/* The detectable change is beyond both bounds, and nine of ten draws of the candidate are. */
static void test_stored_bounds__the_detectable_change_is_beyond_the_worst(void **state)
{
    (void)state;
    struct shelf shelf;
    shelf_open(&shelf, 10, 10);
    shelf_judge(&shelf);
    double error = moderated_deviation() * sqrt(1 + M_PI / 20);
    double expected = 10.9 / 10.05 * exp(STORED_MARGIN_10 + dist_t_quantile(0.1, 11) * error) - 1;
    assert_true(fabs(shelf_row(&shelf, METRIC_AVERAGE)->detectable - expected) < 1e-9);
    shelf_close(&shelf);
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

static const struct verdict_row *endpoint_row(const struct shelf *shelf, const char *name)
{
    const struct verdict *verdict = &shelf->verdict;
    size_t i = 0;
    while (i + 1 < verdict->n_rows &&
           !(verdict->rows[i].endpoint && strcmp(verdict->rows[i].endpoint, name) == 0 &&
             verdict->rows[i].metric == METRIC_AVERAGE))
        i++;
    assert_string_equal(verdict->rows[i].endpoint, name);
    return &verdict->rows[i];
}

static void release_reports(struct shelf *shelf)
{
    for (size_t i = 0; i < SHELF_RUNS; i++)
        report_release(&shelf->runs[i]);
    report_release(&shelf->candidates[0]);
}

/* Five runs of /a that agree to the last digit by luck, where its neighbours spread by `spread`,
 * and a candidate with +15 % on it. */
static void judge_lucky_row(struct shelf *shelf, double spread)
{
    struct rng rng;
    double ms[ROWS];
    rng_init(&rng, 11, 0);
    shelf_open(shelf, 5, 10);
    shelf->policy.overall.threshold[METRIC_P95] = (double)NAN;
    for (size_t run = 0; run < 6; run++) {
        struct report *report = run < 5 ? &shelf->runs[run] : &shelf->candidates[0];
        for (size_t i = 0; i < ROWS; i++)
            ms[i] = 10 * exp(spread * synth_normal(&rng));
        ms[0] = run < 5 ? 10 : 11.5;
        report->metrics.average_ms = ms[1];
        add_endpoints(report, ms);
    }
    shelf_judge(shelf);
}

static double half_interval(const struct verdict_row *row)
{
    return log(row->interval_high / row->interval_low) / 2;
}

static void test_stored_bounds__a_row_that_agrees_by_luck_has_the_spread_of_the_others(void **state)
{
    (void)state;
    struct shelf shelf;
    judge_lucky_row(&shelf, 0.15);
    const struct verdict_row *row = endpoint_row(&shelf, "/a");
    assert_int_equal(row->status, ROW_INSUFFICIENT);
    double wide = half_interval(row);
    verdict_release(&shelf.verdict);
    release_reports(&shelf);
    judge_lucky_row(&shelf, 0.01);
    row = endpoint_row(&shelf, "/a");
    assert_int_equal(row->status, ROW_REGRESSED);
    assert_true(half_interval(row) < wide / 4);
    verdict_release(&shelf.verdict);
    release_reports(&shelf);
}

/* Rows that move together are worth one: their common variance has its four degrees of freedom, not
 * those of nine rows. It is a little larger than each, as the mean log of a variance is too small
 * by psi(2) - log 2. */
static void test_stored_bounds__rows_that_move_together_are_one_witness(void **state)
{
    (void)state;
    struct shelf shelf;
    double ms[ROWS], logs[5];
    shelf_open(&shelf, 5, 10);
    shelf.policy.overall.threshold[METRIC_P95] = (double)NAN;
    for (size_t run = 0; run < 6; run++) {
        struct report *report = run < 5 ? &shelf.runs[run] : &shelf.candidates[0];
        double factor = shelf_averages[run] / 10;
        for (size_t i = 0; i < ROWS; i++)
            ms[i] = (double)(i + 1) * factor;
        report->metrics.average_ms = 10 * factor;
        add_endpoints(report, ms);
        if (run < 5)
            logs[run] = log(factor);
    }
    shelf_judge(&shelf);
    double error = spread_deviation(logs, 5) * sqrt(2 * exp(-dist_digamma(2)));
    double expected = dist_t_quantile(0.005, 4) * error * sqrt(1 + M_PI / 10);
    assert_true(fabs(half_interval(endpoint_row(&shelf, "/c")) - expected) < 1e-9);
    verdict_release(&shelf.verdict);
    release_reports(&shelf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored_bounds__a_breach_beyond_the_bound_fails),
        cmocka_unit_test(test_stored_bounds__a_breach_is_beyond_the_worst_of_the_runs),
        cmocka_unit_test(test_stored_bounds__the_worst_rate_is_the_smallest),
        cmocka_unit_test(test_stored_bounds__the_detectable_change_is_beyond_the_worst),
        cmocka_unit_test(
            test_stored_bounds__a_row_that_agrees_by_luck_has_the_spread_of_the_others),
        cmocka_unit_test(test_stored_bounds__rows_that_move_together_are_one_witness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
