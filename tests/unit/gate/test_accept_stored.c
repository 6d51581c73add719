/* Accepted regressions in comparison with stored runs: which runs count, and what decides where
 * none does. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "court.h"
#include "synth.h"

static struct report one_run(double average, int64_t started_ns)
{
    struct report run = synth_flat(10000, 50, average, 20);
    run.flat = false;
    run.health.valid = true;
    run.workload = "aa";
    run.environment.cpu_model = "one";
    run.started_ns = started_ns;
    return run;
}

/* `before` runs of some 10 ms from before the acceptance, `after` ones of some 14 ms since. */
static void store(struct court *court, size_t before, size_t after, double average)
{
    court_open(court, COMPARISON_STORED, before + after);
    int64_t accepted_ns = court->acceptances[0].accepted_ns;
    for (size_t i = 0; i < before; i++)
        court->base[i] = one_run(10 + 0.01 * (double)i, accepted_ns - 1 - (int64_t)i);
    for (size_t i = 0; i < after; i++)
        court->base[before + i] = one_run(14 + 0.01 * (double)i, accepted_ns + (int64_t)i);
    court->candidate[0] = one_run(average, accepted_ns);
    court->acceptances[0].value = 15;
}

static void test_accept__stored_runs_from_before_no_longer_count(void **state)
{
    (void)state;
    struct court court;
    store(&court, 6, 5, 14);
    court_judge(&court, 0);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_STABLE);
    assert_true(fabs(row->base - 14.02) < 1e-12);
    assert_int_equal(row->base_count, 50000);
    assert_true(!isnan(row->p));
    assert_int_equal(row->n_warnings, 0);
    /* Only the metric that is named. */
    row = court_row(&court, NULL, METRIC_P95);
    assert_true(row->base == 20);
    assert_int_equal(row->base_count, 110000);
    /* Up to the value, here too. */
    court.candidate[0].metrics.average_ms = 15;
    court.policy.overall.threshold[METRIC_AVERAGE] = 1.05;
    court_judge(&court, 0);
    court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED);
    court.candidate[0].metrics.average_ms = 16;
    court_judge(&court, 1);
    assert_says(court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED)->reason,
                "accepted only up to 15");
    court_close(&court);
}

static void test_accept__few_stored_runs_since_leave_it_to_the_threshold(void **state)
{
    (void)state;
    struct court court;
    store(&court, 9, 1, 14);
    court_judge(&court, 0);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_STABLE);
    assert_true(row->base == 14 && isnan(row->p));
    assert_string_equal(row->warnings[0],
                        "by the threshold alone: 1 of the 10 stored runs is newer than its "
                        "acceptance, and noise is estimated from 5 on");
    assert_true(!isnan(court_row(&court, NULL, METRIC_P95)->p));
    court.candidate[0].metrics.average_ms = 16;
    court_judge(&court, 1);
    row = court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    assert_says(row->reason, "by the threshold alone (1 of the 10 stored runs is newer than");
    assert_int_equal(row->n_warnings, 0);
    court_close(&court);
}

static void test_accept__the_value_decides_until_a_newer_run_is_stored(void **state)
{
    (void)state;
    struct court court;
    store(&court, 9, 0, 15);
    court.candidate[0].metrics.total_failures = 300;
    court.acceptances[1].metric = METRIC_ERROR_RATE;
    court.acceptances[1].value = 0.03;
    court.n_acceptances = 2;
    court_judge(&court, 0);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED);
    assert_string_equal(row->reason,
                        "average +49.4 % from 10.0 ms before the acceptance to 15.0 ms, and no "
                        "run that counts is stored since, accepted up to 15.0 ms by Ann <a@b.c>: "
                        "new index costs a lookup (1a2b3c4:baselines/x.accept.json)");
    assert_true(fabs(row->base - 10.04) < 1e-12); /* to be seen, it decides nothing */
    assert_true(isnan(row->threshold) && isnan(row->p) && isnan(row->detectable));
    court_expect(&court, METRIC_ERROR_RATE, ROW_ACCEPTED);
    assert_true(!isnan(court_row(&court, NULL, METRIC_P95)->p));
    court.candidate[0].metrics.average_ms = 10; /* no breach of what was, yet still by the value */
    court_judge(&court, 0);
    court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED);
    court.candidate[0].metrics.average_ms = nextafter(15, 16);
    court_judge(&court, 1);
    row = court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    assert_says(row->reason, "and no run that counts is stored since; accepted only up to 15.0");
    assert_int_equal(court.verdict.n_regressions, 1);
    court.acceptances[0].value = 10.05; /* any other one fails, whatever was before */
    court.candidate[0].metrics.average_ms = 10.5;
    court_judge(&court, 1);
    court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    court.policy.overall.limit[METRIC_AVERAGE].critical = 10.2;
    court.acceptances[0].value = 15;
    court_judge(&court, 1);
    assert_says(court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED)->reason, "beyond its limit");
    court_close(&court);
}

/* Six rows besides the average, which together tell what noise is like. */
static void judge_seven_rows(struct court *court)
{
    static const enum metric more[] = {METRIC_P95, METRIC_P99, METRIC_MEDIAN,
                                       METRIC_P75, METRIC_P90, METRIC_REQUESTS_PER_S};
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        court->policy.overall.threshold[more[i]] = 1.2;
    court->candidate[0].metrics.median_ms = court->candidate[0].metrics.p75_ms =
        court->candidate[0].metrics.p90_ms = 20;
    for (size_t i = 0; i < court->n_bases; i++)
        court->base[i].metrics.median_ms = court->base[i].metrics.p75_ms =
            court->base[i].metrics.p90_ms = 20;
    court_judge(court, 0);
}

/* What is known of a row's noise is in part what is known of that of all rows: of runs that
 * count. */
static void test_accept__runs_that_do_not_count_widen_no_other_rows_bound(void **state)
{
    (void)state;
    struct court court;
    store(&court, 8, 0, 15);
    for (size_t i = 0; i < 8; i += 2)
        court.base[i].metrics.average_ms *= 3;
    judge_seven_rows(&court);
    const struct verdict_row *row = court_row(&court, NULL, METRIC_P95);
    double width = row->interval_high / row->interval_low;
    court.n_acceptances = 0;
    court.policy.overall.threshold[METRIC_AVERAGE] = (double)NAN;
    court_judge(&court, 0);
    row = court_row(&court, NULL, METRIC_P95);
    assert_true(fabs(width - row->interval_high / row->interval_low) < 1e-12);
    court.policy.overall.threshold[METRIC_AVERAGE] = 3;
    court_judge(&court, 0);
    row = court_row(&court, NULL, METRIC_P95);
    assert_true(fabs(log(row->interval_high / row->interval_low) / log(width) - 1) > 0.02);
    court_close(&court);
}

static void test_accept__one_that_is_over_lets_older_runs_count_again(void **state)
{
    (void)state;
    struct court court;
    store(&court, 6, 0, 14);
    court.acceptances[0].until = PAST_DAY;
    court_judge(&court, 1);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    assert_true(fabs(row->base - 10.025) < 1e-12);
    assert_int_equal(row->base_count, 60000);
    assert_says(row->warnings[0], "no longer accepted, as the last day is over");
    court_close(&court);
}

static void test_accept__a_figure_that_no_stored_run_has(void **state)
{
    (void)state;
    struct court court;
    store(&court, 6, 1, 14);
    add_endpoint(&court.candidate[0], "GET", "/new", 15);
    court.n_acceptances = 1;
    court_judge(&court, 0);
    assert_int_equal(court_row(&court, "/new", METRIC_AVERAGE)->status, ROW_MISSING_BASELINE);
    court.acceptances[0].scope = "GET /new";
    court.candidate[0].metrics.average_ms = 10;
    court_judge(&court, 0);
    const struct verdict_row *row = court_row(&court, "/new", METRIC_AVERAGE);
    assert_int_equal(row->status, ROW_ACCEPTED);
    assert_says(row->reason, "average 15.0 ms, and no run that counts is stored since the "
                             "acceptance, accepted up to 15.0 ms");
    assert_true(isnan(row->base));
    court.acceptances[0].value = 14.9999;
    court_judge(&court, 1);
    row = court_row(&court, "/new", METRIC_AVERAGE);
    assert_says(row->reason, "average 15.0000 ms, and");
    assert_says(row->reason, "accepted only up to 14.9999 ms");
    court_close(&court);
}

static void test_accept__nothing_comparable_is_not_accepted(void **state)
{
    (void)state;
    struct court court;
    store(&court, 1, 0, 14);
    court.base[0].workload = "bb";
    court_judge(&court, 3);
    court_expect(&court, METRIC_AVERAGE, ROW_NOT_COMPARABLE);
    court.n_bases = 0;
    court_judge(&court, 3);
    court_expect(&court, METRIC_AVERAGE, ROW_MISSING_BASELINE);
    court_close(&court);
}

/* An acceptance is newer than the run it is for; that run's repeats still count. */
static void test_accept__the_candidates_own_repeats_are_of_any_time(void **state)
{
    (void)state;
    struct court court;
    static const char *const ids[] = {"r1", "r2", "r3"};
    store(&court, 6, 0, 14);
    court.acceptances[0].metric = METRIC_P95;
    court.acceptances[0].value = 20;
    court.n_candidates = 3;
    for (size_t i = 0; i < 3; i++) {
        court.candidate[i] = one_run(10, NOON_NS - 9 * DAY_NS);
        court.candidate[i].run_id = ids[i];
    }
    court_judge(&court, 0);
    assert_true(court_expect(&court, METRIC_P95, ROW_ACCEPTED)->candidate == 20);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept__stored_runs_from_before_no_longer_count),
        cmocka_unit_test(test_accept__few_stored_runs_since_leave_it_to_the_threshold),
        cmocka_unit_test(test_accept__the_value_decides_until_a_newer_run_is_stored),
        cmocka_unit_test(test_accept__runs_that_do_not_count_widen_no_other_rows_bound),
        cmocka_unit_test(test_accept__one_that_is_over_lets_older_runs_count_again),
        cmocka_unit_test(test_accept__a_figure_that_no_stored_run_has),
        cmocka_unit_test(test_accept__nothing_comparable_is_not_accepted),
        cmocka_unit_test(test_accept__the_candidates_own_repeats_are_of_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
