/* Comparison with stored runs, and repeats and shards of the candidate. */
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
#include "synth.h"

static void test_stored__few_runs_leave_it_to_the_threshold(void **state)
{
    (void)state;
    struct shelf shelf;
    shelf_open(&shelf, 3, 11.2); /* the median is 10.1 */
    shelf_judge(&shelf);
    assert_true(fabs(shelf_row(&shelf, METRIC_AVERAGE)->base - 10.1) < 1e-12);
    assert_int_equal(shelf_row(&shelf, METRIC_AVERAGE)->status, ROW_REGRESSED);
    assert_non_null(strstr(shelf_row(&shelf, METRIC_AVERAGE)->reason, "3 stored runs"));
    assert_int_equal(shelf.verdict.exit_code, 1);
    shelf_close(&shelf);
}

static void test_stored__a_breach_within_the_bound_passes_with_a_warning(void **state)
{
    (void)state;
    struct shelf shelf;
    shelf_open(&shelf, 10, 11.4); /* the median is 10.05 */
    shelf_judge(&shelf);
    const struct verdict_row *row = shelf_row(&shelf, METRIC_AVERAGE);
    assert_int_equal(row->status, ROW_INSUFFICIENT);
    assert_int_equal(row->n_warnings, 1);
    assert_int_equal(shelf.verdict.exit_code, 0);
    shelf.policy.on[EVENT_INSUFFICIENT] = ON_UNDECIDED;
    shelf_judge(&shelf);
    assert_int_equal(shelf.verdict.exit_code, 3);
    shelf.policy.on[EVENT_INSUFFICIENT] = ON_FAIL;
    shelf_judge(&shelf);
    assert_int_equal(shelf.verdict.exit_code, 1);
    shelf_close(&shelf);
}

static void test_stored__error_rates_are_counted_and_bursts_widen_the_bound(void **state)
{
    (void)state;
    struct shelf shelf;
    shelf_open(&shelf, 10, 10);
    shelf.candidates[0] = shelf_run(120, 10);
    shelf_judge(&shelf);
    assert_int_equal(shelf_row(&shelf, METRIC_ERROR_RATE)->status, ROW_REGRESSED);
    for (size_t i = 0; i < 10; i++)
        shelf.runs[i].metrics.total_failures = i % 5 ? 45 : 500;
    shelf.candidates[0] = shelf_run(300, 10);
    shelf_judge(&shelf);
    assert_int_equal(shelf_row(&shelf, METRIC_ERROR_RATE)->status, ROW_INSUFFICIENT);
    shelf_close(&shelf);
}

static void test_stored__only_runs_of_the_same_kind_count(void **state)
{
    (void)state;
    struct shelf shelf;
    shelf_open(&shelf, 4, 10);
    shelf.runs[0].environment.cpu_model = "another";
    shelf.runs[1].workload = "bb";
    shelf.runs[2].health.valid = false;
    shelf_judge(&shelf);
    assert_true(fabs(shelf_row(&shelf, METRIC_AVERAGE)->base - shelf_averages[3]) < 1e-12);
    assert_non_null(strstr(shelf.verdict.warnings[shelf.verdict.n_warnings - 1], "3 stored runs "
                                                                                 "left out"));
    shelf.runs[3].workload = NULL;
    shelf_judge(&shelf);
    assert_int_equal(shelf_row(&shelf, METRIC_AVERAGE)->status, ROW_NOT_COMPARABLE);
    assert_int_equal(shelf.verdict.exit_code, 3);
    shelf.n_runs = 0;
    shelf_judge(&shelf);
    assert_int_equal(shelf_row(&shelf, METRIC_AVERAGE)->status, ROW_MISSING_BASELINE);
    assert_int_equal(shelf.verdict.exit_code, 3);
    shelf_close(&shelf);
}

static void expect_status(struct shelf *shelf, enum row_status status, int exit_code,
                          const char *reason)
{
    shelf_judge(shelf);
    const struct verdict_row *row = shelf_row(shelf, METRIC_AVERAGE);
    assert_int_equal(row->status, status);
    if (!strstr(row->reason, reason))
        fail_msg("'%s' does not say '%s'", row->reason, reason);
    assert_int_equal(shelf->verdict.exit_code, exit_code);
}

/* One to four runs of its own kind: the threshold alone, however many others there are. None: not
 * comparable, unless there are no others either. */
static void test_stored__its_own_kind_of_machine_alone_counts(void **state)
{
    (void)state;
    struct shelf shelf;
    shelf_open(&shelf, 10, 10.9); /* over some medians, and within any bound */
    for (size_t own = 0; own <= 10; own++) {
        for (size_t i = 0; i < 10; i++)
            shelf.runs[i].environment.cpu_model = i < own ? "one" : "another";
        shelf_judge(&shelf);
        const struct verdict_row *row = shelf_row(&shelf, METRIC_AVERAGE);
        if (own == 0)
            assert_int_equal(row->status, ROW_NOT_COMPARABLE);
        else
            assert_int_equal(row->base_count, 10000 * (int64_t)own);
        assert_int_equal(isnan(row->p), own < RUNS_MIN);
    }
    for (size_t i = 0; i < 10; i++)
        shelf.runs[i].environment.cpu_model = "another";
    expect_status(&shelf, ROW_NOT_COMPARABLE, 3, "are of other kinds of machine than this one");
    for (size_t i = 0; i < 10; i++)
        shelf.runs[i].environment = (struct fingerprint){.cpu_model = "one", .cores = 2};
    expect_status(&shelf, ROW_NOT_COMPARABLE, 3, "are of other kinds of machine than this one");
    for (size_t i = 0; i < 10; i++)
        shelf.runs[i].environment =
            (struct fingerprint){.cpu_model = "one", .virtualization = "kvm"};
    expect_status(&shelf, ROW_NOT_COMPARABLE, 3, "are of other kinds of machine than this one");
    /* what is shown and nothing more */
    for (size_t i = 0; i < 10; i++)
        shelf.runs[i].environment = (struct fingerprint){.cpu_model = "one",
                                                         .memory_mb = 1000 * (int64_t)i,
                                                         .kernel = "Linux 6.1",
                                                         .runner_image = "ubuntu24",
                                                         .tool = "perfgate 9"};
    expect_status(&shelf, ROW_STABLE, 0, "average");
    for (size_t i = 0; i < 10; i++)
        shelf.runs[i].workload = "bb";
    expect_status(&shelf, ROW_NOT_COMPARABLE, 3, "are of another workload");
    shelf.n_runs = 0;
    expect_status(&shelf, ROW_MISSING_BASELINE, 3, "no run is stored");
    shelf_close(&shelf);
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
        struct shelf shelf;
        shelf_open(&shelf, 10, 10 * exp(0.08 * synth_normal(&rng)));
        for (size_t i = 0; i < 10; i++)
            shelf.runs[i] = shelf_run(50, 10 * exp(0.08 * synth_normal(&rng)));
        shelf_judge(&shelf);
        alarms += shelf.verdict.exit_code == 1;
        plain += shelf_row(&shelf, METRIC_AVERAGE)->change > 10;
        assert_int_not_equal(shelf.verdict.exit_code, 3);
        shelf_close(&shelf);
    }
    print_message("%zu runs: %zu alarms, %zu by the plain rule\n", runs, alarms, plain);
    assert_true(dist_binomial_upper((double)alarms, (double)runs, 0.01) > 1e-5);
    assert_true(plain > 30);
}

static void test_stored__repeats_of_the_candidate_narrow_the_bound(void **state)
{
    (void)state;
    struct shelf shelf;
    static const char *const ids[] = {"r1", "r2", "r3"};
    shelf_open(&shelf, 10, 11.5);
    shelf_judge(&shelf);
    const struct verdict_row *row = shelf_row(&shelf, METRIC_AVERAGE);
    double wide = log(row->interval_high / row->interval_low);
    shelf.n_candidates = 3;
    for (size_t i = 0; i < 3; i++) {
        shelf.candidates[i] = shelf_run(50, i ? 11.5 : 20);
        shelf.candidates[i].run_id = ids[i];
    }
    shelf_judge(&shelf);
    row = shelf_row(&shelf, METRIC_AVERAGE);
    double narrow = log(row->interval_high / row->interval_low);
    assert_true(fabs(row->candidate - (20 + 2 * 11.5) / 3) < 1e-12); /* of all requests */
    assert_int_equal(row->candidate_count, 30000);
    double expected = sqrt((1.0 / 3 + M_PI / 20) / (1 + M_PI / 20));
    assert_true(fabs(narrow / wide - expected) < 1e-9);
    shelf_close(&shelf);
}

/* Two shards of one run, with histograms: one run's figures, exactly. */
static void test_stored__shards_of_a_run_are_one(void **state)
{
    (void)state;
    struct shelf shelf;
    struct report base;
    shelf_open(&shelf, 10, 10);
    shelf.n_candidates = 2;
    for (int i = 0; i < 2; i++) {
        synth_paired(&(struct synth){.seed = (uint64_t)i + 1}, 1, &shelf.candidates[i], &base);
        report_release(&base);
        shelf.candidates[i].run_id = "one";
        shelf.candidates[i].environment.cpu_model = "one";
        shelf.candidates[i].workload = "aa";
    }
    shelf_judge(&shelf);
    const struct metrics *a = &shelf.candidates[0].metrics, *b = &shelf.candidates[1].metrics;
    double sum =
        a->average_ms * (double)a->total_requests + b->average_ms * (double)b->total_requests;
    double average = sum / (double)(a->total_requests + b->total_requests);
    const struct verdict_row *row = shelf_row(&shelf, METRIC_AVERAGE);
    assert_int_equal(row->candidate_count, a->total_requests + b->total_requests);
    assert_true(fabs(row->candidate - average) < 1e-9);
    double both = log(row->interval_high / row->interval_low);
    shelf.n_candidates = 1;
    shelf_judge(&shelf);
    row = shelf_row(&shelf, METRIC_AVERAGE);
    assert_true(fabs(both - log(row->interval_high / row->interval_low)) < 1e-9);
    shelf_close(&shelf);
    report_release(&shelf.candidates[0]);
    report_release(&shelf.candidates[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored__few_runs_leave_it_to_the_threshold),
        cmocka_unit_test(test_stored__a_breach_within_the_bound_passes_with_a_warning),
        cmocka_unit_test(test_stored__error_rates_are_counted_and_bursts_widen_the_bound),
        cmocka_unit_test(test_stored__only_runs_of_the_same_kind_count),
        cmocka_unit_test(test_stored__its_own_kind_of_machine_alone_counts),
        cmocka_unit_test(test_stored__unchanged_code_raises_few_alarms),
        cmocka_unit_test(test_stored__shards_of_a_run_are_one),
        cmocka_unit_test(test_stored__repeats_of_the_candidate_narrow_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
