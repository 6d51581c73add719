/* What a change must be besides over its threshold: more than min_change, and than rounding. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "court.h"
#include "synth.h"

/* An average of `base` and `current` ms, nothing accepted, and a least change of `ms`. */
static void open_with(struct court *court, double base, double current, double ms)
{
    court_open(court, COMPARISON_FILE, 1);
    court->n_acceptances = 0;
    court->base[0] = synth_flat(1000, 0, base, 20);
    court->candidate[0] = synth_flat(1000, 0, current, 20);
    for (int i = 0; i < METRIC_COUNT; i++)
        if (metric_info((enum metric)i)->unit == UNIT_MS)
            court->policy.overall.min_change[i] = ms;
}

static void test_least__what_is_not_more_than_min_change_is_no_breach(void **state)
{
    (void)state;
    struct court court;
    open_with(&court, 1.6, 2.0, 2);
    court_judge(&court, 0);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_STABLE);
    assert_says(row->reason, "average +25.0 % (allowed +10 % or 2ms), base 1.60 ms, candidate "
                             "2.00 ms, but only 400 us more, within min_change");
    assert_int_equal(row->n_warnings, 1);
    assert_string_equal(row->warnings[0],
                        "over its threshold, but only 400 us more, within min_change");
    assert_true(row->min_change == 2);
    assert_true(row->threshold == 1.1);
    court_close(&court);
}

static void test_least__what_is_more_than_min_change_is_one(void **state)
{
    (void)state;
    struct court court;
    open_with(&court, 8, 10, 2);
    court_judge(&court, 0); /* exactly */
    court_expect(&court, METRIC_AVERAGE, ROW_STABLE);
    court.candidate[0] = synth_flat(1000, 0, nextafter(10, 11), 20);
    court_judge(&court, 1);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    assert_says(row->reason, "candidate 10.000000000000002 ms"); /* nothing is hidden */
    assert_null(strstr(row->reason, "but only"));
    court_close(&court);
}

static void test_least__within_the_threshold_nothing_is_said(void **state)
{
    (void)state;
    struct court court;
    open_with(&court, 100, 109, 2);
    court_judge(&court, 0);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_STABLE);
    assert_null(strstr(row->reason, "but only"));
    assert_int_equal(row->n_warnings, 0);
    court_close(&court);
}

static void test_least__an_improvement_is_measured_alike(void **state)
{
    (void)state;
    struct court court;
    open_with(&court, 2, 1, 2);
    court_judge(&court, 0);
    court_expect(&court, METRIC_AVERAGE, ROW_STABLE);
    court.base[0] = synth_flat(1000, 0, 4, 20);
    court_judge(&court, 0);
    court_expect(&court, METRIC_AVERAGE, ROW_IMPROVED);
    court_close(&court);
}

/* Rates and throughput have no ms; a limit is not a change. */
static void test_least__holds_for_changes_of_latencies_alone(void **state)
{
    (void)state;
    struct court court;
    open_with(&court, 10, 10, 1e6);
    court.base[0] = synth_flat(1000, 5, 10, 20);
    court.candidate[0] = synth_flat(1000, 40, 10, 20);
    court_judge(&court, 1);
    court_expect(&court, METRIC_ERROR_RATE, ROW_REGRESSED);
    court.candidate[0] = synth_flat(1000, 5, 10, 6000);
    court_judge(&court, 1);
    court_expect(&court, METRIC_P95, ROW_OVER_LIMIT);
    court_close(&court);
}

/* Nobody has to accept what is no breach, and what is one still can be. */
static void test_least__goes_before_acceptances(void **state)
{
    (void)state;
    struct court court;
    open_with(&court, 1.6, 2, 2);
    court.n_acceptances = 1;
    court_judge(&court, 0);
    assert_null(court_expect(&court, METRIC_AVERAGE, ROW_STABLE)->acceptance);
    court.base[0] = synth_flat(1000, 0, 10, 20);
    court.candidate[0] = synth_flat(1000, 0, 15, 20);
    court_judge(&court, 0);
    assert_non_null(court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED)->acceptance);
    court_close(&court);
}

/* Where the candidate's policy has a floor and the base's has none, the base's breach stands. */
static void test_least__the_worse_of_two_policies_stands(void **state)
{
    (void)state;
    struct court court;
    open_with(&court, 1.6, 2, (double)NAN);
    court.candidate_policy.overall.min_change[METRIC_AVERAGE] = 2;
    court.in.candidate_policy = &court.candidate_policy;
    court_judge(&court, 1);
    court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    court_close(&court);
}

/* ---- rounded figures ---- */

static void set_resolution(struct court *court, double base_ms, double candidate_ms)
{
    court->base[0].resolution_ns = (int64_t)(base_ms * NS_PER_MS);
    court->candidate[0].resolution_ns = (int64_t)(candidate_ms * NS_PER_MS);
}

static void test_least__from_2_to_3_whole_ms_is_no_50_percent(void **state)
{
    (void)state;
    struct court court;
    open_with(&court, 2, 3, (double)NAN);
    court_judge(&court, 1);
    set_resolution(&court, 1, 1); /* from 2.5 to 2.5 is nothing */
    court_judge(&court, 0);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_STABLE);
    assert_says(row->reason, "average +50.0 % (allowed +10 %), base 2.00 ms, candidate 3.00 ms, "
                             "but the figures are known to 1ms only");
    assert_string_equal(row->warnings[0],
                        "over its threshold, but the figures are known to 1ms only");
    set_resolution(&court, 0.1, 0.1); /* from 2.05 to 2.95 is a lot */
    court_judge(&court, 1);
    court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    court_close(&court);
}

/* Each side by its own half: 20.5 * 1.1 = 22.55, and 23.05 - 0.5 is just that. */
static void test_least__each_side_moves_by_half_its_resolution(void **state)
{
    (void)state;
    struct court court;
    open_with(&court, 20, 23.05, (double)NAN);
    set_resolution(&court, 1, 1);
    court_judge(&court, 0);
    set_resolution(&court, 0.98, 1);
    court_judge(&court, 1);
    set_resolution(&court, 1, 0.98);
    court_judge(&court, 1);
    set_resolution(&court, 0, 2);
    court_judge(&court, 1);
    set_resolution(&court, 0, 2.2);
    court_judge(&court, 0);
    court_close(&court);
}

/* The coarsest of the stored runs counts; error rates are counted, not rounded. */
static void test_least__of_stored_runs(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_STORED, 3);
    court.n_acceptances = 0;
    for (size_t i = 0; i < 3; i++)
        court.base[i] = synth_flat(1000, 5, 2, 20);
    court.candidate[0] = synth_flat(1000, 5, 3, 20);
    court_judge(&court, 1);
    court.base[1].resolution_ns = 2 * NS_PER_MS;
    court_judge(&court, 0);
    assert_says(court_expect(&court, METRIC_AVERAGE, ROW_STABLE)->reason, "known to 2ms only");
    court.candidate[0] = synth_flat(1000, 50, 3, 20);
    court_judge(&court, 1);
    court_expect(&court, METRIC_ERROR_RATE, ROW_REGRESSED);
    court_close(&court);
}

/* ---- with evidence ---- */

static void judge_paired(double slow, double min_change, struct verdict *verdict)
{
    struct synth how = {.seed = 7, .slow = {slow, slow, slow, slow}};
    struct report candidate, base;
    struct policy policy;
    struct err err = {0};
    synth_paired(&how, 1, &candidate, &base);
    policy_init_default(&policy);
    policy.overall.min_change[METRIC_AVERAGE] = min_change;
    policy.overall.min_change[METRIC_P95] = min_change;
    const struct report *candidates[] = {&candidate}, *bases[] = {&base};
    struct gate_input in = {.candidates = candidates,
                            .n_candidates = 1,
                            .bases = bases,
                            .n_bases = 1,
                            .comparison = COMPARISON_PAIRED,
                            .policy = &policy};
    assert_int_equal(gate_judge(&in, verdict, &err), 0);
    policy_release(&policy);
    report_release(&candidate);
    report_release(&base);
}

static const struct verdict_row *whole_average(const struct verdict *verdict)
{
    size_t i = 0;
    while (i + 1 < verdict->n_rows &&
           (verdict->rows[i].endpoint || verdict->rows[i].metric != METRIC_AVERAGE))
        i++;
    assert_int_equal(verdict->rows[i].metric, METRIC_AVERAGE);
    return &verdict->rows[i];
}

/* Of 10 ms with a long tail: +25 % is about 3 ms. */
static void test_least__of_a_paired_run(void **state)
{
    (void)state;
    struct verdict verdict;
    judge_paired(0.25, (double)NAN, &verdict);
    assert_int_equal(verdict.exit_code, 1);
    verdict_release(&verdict);
    judge_paired(0.25, 2, &verdict);
    assert_int_equal(verdict.exit_code, 1);
    verdict_release(&verdict);
    judge_paired(0.25, 20, &verdict);
    assert_int_equal(verdict.exit_code, 0);
    const struct verdict_row *row = whole_average(&verdict);
    assert_int_equal(row->status, ROW_STABLE);
    assert_says(row->reason, "within min_change; p < 0.001");
    assert_int_equal(row->n_warnings, 1);
    /* nothing smaller would have failed */
    assert_true(row->detectable >= 20 / row->base - 1e-9);
    verdict_release(&verdict);
}

/* What is over the threshold by chance alone was not kept from failing by the floor. */
static void test_least__does_not_boast_of_noise(void **state)
{
    (void)state;
    static const double averages[] = {10.1, 9.6, 10.4, 9.9, 10.9, 9.3, 10.0, 10.2, 9.8, 10.6};
    struct court court;
    court_open(&court, COMPARISON_STORED, 10);
    court.n_acceptances = 0;
    for (size_t i = 0; i < 10; i++)
        court.base[i] = synth_flat(10000, 0, averages[i], 20);
    court.candidate[0] = synth_flat(10000, 0, 11.4, 20);
    court_judge(&court, 0);
    court_expect(&court, METRIC_AVERAGE, ROW_INSUFFICIENT);
    court.policy.overall.min_change[METRIC_AVERAGE] = 3;
    court_judge(&court, 0);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_STABLE);
    assert_says(row->reason, "within min_change; p = 0.0");
    assert_int_equal(row->n_warnings, 0);
    /* from 10 to 21.5 ms is the first step that counts: (10.05 + 5) * 1.1 + 5 */
    court.base[0].resolution_ns = court.candidate[0].resolution_ns = 10 * NS_PER_MS;
    court_judge(&court, 0);
    row = court_expect(&court, METRIC_AVERAGE, ROW_STABLE);
    assert_true(fabs(row->detectable - (21.555 / 10.05 - 1)) < 1e-9);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_least__what_is_not_more_than_min_change_is_no_breach),
        cmocka_unit_test(test_least__what_is_more_than_min_change_is_one),
        cmocka_unit_test(test_least__within_the_threshold_nothing_is_said),
        cmocka_unit_test(test_least__an_improvement_is_measured_alike),
        cmocka_unit_test(test_least__holds_for_changes_of_latencies_alone),
        cmocka_unit_test(test_least__goes_before_acceptances),
        cmocka_unit_test(test_least__the_worse_of_two_policies_stands),
        cmocka_unit_test(test_least__from_2_to_3_whole_ms_is_no_50_percent),
        cmocka_unit_test(test_least__each_side_moves_by_half_its_resolution),
        cmocka_unit_test(test_least__of_stored_runs),
        cmocka_unit_test(test_least__of_a_paired_run),
        cmocka_unit_test(test_least__does_not_boast_of_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
