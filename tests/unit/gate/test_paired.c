/* Paired runs: what belongs together, which rows are judged, what is said of each. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gate/compare.h"
#include "gate/gate.h"
#include "gate/starts.h"
#include "stats/dist.h"
#include "synth.h"

#define MOST_STARTS 3

/* A paired run and its verdict. */
struct pairing {
    struct report candidate[MOST_STARTS], base[MOST_STARTS];
    size_t starts;
    struct policy policy;
    struct verdict verdict;
};

static void pairing_open(struct pairing *pairing, const struct synth *how, size_t starts)
{
    *pairing = (struct pairing){.starts = starts};
    policy_init_default(&pairing->policy);
    for (size_t i = 0; i < starts; i++)
        synth_paired(how, (int64_t)i + 1, &pairing->candidate[i], &pairing->base[i]);
}

static int try_judge(struct pairing *pairing, struct err *err)
{
    static const char *const candidate_names[] = {"c1.json", "c2.json", "c3.json"};
    static const char *const base_names[] = {"b1.json", "b2.json", "b3.json"};
    const struct report *candidates[MOST_STARTS], *bases[MOST_STARTS];
    for (size_t i = 0; i < MOST_STARTS; i++) {
        candidates[i] = &pairing->candidate[i];
        bases[i] = &pairing->base[i];
    }
    struct gate_input in = {.candidates = candidates,
                            .n_candidates = pairing->starts,
                            .bases = bases,
                            .n_bases = pairing->starts,
                            .candidate_names = candidate_names,
                            .base_names = base_names,
                            .comparison = COMPARISON_PAIRED,
                            .policy = &pairing->policy};
    verdict_release(&pairing->verdict);
    return gate_judge(&in, &pairing->verdict, err);
}

static void judge(struct pairing *pairing, int exit_code)
{
    struct err err = {0};
    if (try_judge(pairing, &err))
        fail_msg("%s", err.text);
    if (pairing->verdict.exit_code != exit_code)
        fail_msg("exit %d: %s", (int)pairing->verdict.exit_code, pairing->verdict.summary);
}

static void assert_refused(struct pairing *pairing, const char *part)
{
    struct err err = {0};
    assert_int_equal(try_judge(pairing, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_int_equal(pairing->verdict.n_rows, 0);
    if (!strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
}

static void pairing_close(struct pairing *pairing)
{
    verdict_release(&pairing->verdict);
    policy_release(&pairing->policy);
    for (size_t i = 0; i < pairing->starts; i++) {
        report_release(&pairing->candidate[i]);
        report_release(&pairing->base[i]);
    }
}

static const struct verdict_row *row_of(const struct pairing *pairing, const char *endpoint,
                                        enum metric metric)
{
    const struct verdict *verdict = &pairing->verdict;
    size_t found = verdict->n_rows;
    for (size_t i = 0; i < verdict->n_rows; i++) {
        const struct verdict_row *row = &verdict->rows[i];
        if (row->metric == (int)metric &&
            (endpoint ? row->endpoint && strcmp(row->endpoint, endpoint) == 0 : !row->endpoint))
            found = i;
    }
    assert_true(found < verdict->n_rows);
    return &verdict->rows[found];
}

static void test_paired__equal_sides_pass_with_all_numbers_shown(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 1}, 1);
    judge(&pairing, 0);
    const struct verdict_row *row = row_of(&pairing, NULL, METRIC_AVERAGE);
    assert_int_equal(row->status, ROW_STABLE);
    assert_true(row->interval_low < 1 && row->interval_high > 1 && row->p > 0.001);
    assert_true(row->detectable >= 0.1 - 1e-12 && row->detectable < 0.2);
    assert_true(row->judged && row->required && row->base_count > 4000);
    assert_int_equal(pairing.verdict.starts, 1);
    assert_int_equal(pairing.verdict.pairs, 80);
    assert_int_equal(pairing.verdict.batches, 40);
    assert_int_equal(pairing.verdict.users, 10);
    assert_int_equal(pairing.verdict.n_rows, 15);
    pairing_close(&pairing);
}

static void test_paired__the_slow_endpoint_is_named(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 2, .slow = {0, 0, 0.5, 0}}, 1);
    judge(&pairing, 1);
    const struct verdict_row *row = row_of(&pairing, "/c", METRIC_AVERAGE);
    assert_int_equal(row->status, ROW_REGRESSED);
    assert_true(row->p < 0.001 && row->interval_low > 1.3 && row->interval_high < 1.7);
    assert_int_equal(row_of(&pairing, "/a", METRIC_AVERAGE)->status, ROW_STABLE);
    assert_non_null(strstr(row->reason, "(allowed +10 %), base 1"));
    assert_non_null(strstr(row->reason, "p < 0.001"));
    pairing_close(&pairing);
}

static void test_paired__swapped_labels_show_an_improvement(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 3, .slow = {-0.4, -0.4, -0.4, -0.4}}, 1);
    judge(&pairing, 0);
    assert_int_equal(row_of(&pairing, NULL, METRIC_AVERAGE)->status, ROW_IMPROVED);
    assert_non_null(strstr(pairing.verdict.summary, "improved"));
    pairing_close(&pairing);
}

/* More starts, of which each is as long: the spread between starts counts less. */
static void test_paired__starts_narrow_the_interval(void **state)
{
    (void)state;
    struct pairing pairing;
    struct synth how = {.seed = 4, .per_block = 100};
    pairing_open(&pairing, &how, 1);
    judge(&pairing, 0);
    const struct verdict_row *row = row_of(&pairing, NULL, METRIC_AVERAGE);
    double one = log(row->interval_high / row->interval_low) / 2;
    assert_true(one > STARTS_SPREAD * dist_t_quantile(0.005, 39));
    pairing_close(&pairing);
    pairing_open(&pairing, &how, 3);
    judge(&pairing, 0);
    row = row_of(&pairing, NULL, METRIC_AVERAGE);
    double three = log(row->interval_high / row->interval_low) / 2;
    double equal = STARTS_PRIOR_SPREAD * sqrt(STARTS_PRIOR_DF / (STARTS_PRIOR_DF + 2) / 3);
    assert_true(three > equal * dist_t_quantile(0.005, 119));
    assert_true(three < 0.7 * one);
    assert_int_equal(pairing.verdict.starts, 3);
    assert_int_equal(pairing.verdict.pairs, 240);
    assert_int_equal(pairing.verdict.batches, 120);
    pairing_close(&pairing);
}

static void test_paired__a_start_that_was_left_behind_is_told(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 4, .per_block = 100}, 2);
    judge(&pairing, 0);
    assert_int_equal(pairing.verdict.n_warnings, 0);
    pairing.candidate[1].pair->start = pairing.base[1].pair->start = 3;
    judge(&pairing, 0);
    assert_int_equal(pairing.verdict.n_warnings, 1);
    assert_string_equal(pairing.verdict.warnings[0],
                        "the reports reach to start 3 of the paired run, and only 2 of its starts "
                        "are given; name the reports of all");
    pairing_close(&pairing);
}

static void test_paired__two_starts_have_the_figures_of_both(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 5}, 2);
    judge(&pairing, 0);
    const struct metrics *a = &pairing.candidate[0].metrics, *b = &pairing.candidate[1].metrics;
    double sum =
        a->average_ms * (double)a->total_requests + b->average_ms * (double)b->total_requests;
    double average = sum / (double)(a->total_requests + b->total_requests);
    const struct verdict_row *row = row_of(&pairing, NULL, METRIC_AVERAGE);
    assert_true(fabs(row->candidate - average) < 1e-9 * average);
    assert_int_equal(row->candidate_count, a->total_requests + b->total_requests);
    double high = row->interval_high;
    pairing.candidate[1].endpoints[0].blocks->sum_ns[70] += INT64_C(60000000000);
    judge(&pairing, 0); /* an outlier in the second start's evidence counts too */
    assert_true(row_of(&pairing, NULL, METRIC_AVERAGE)->interval_high > 1.2 * high);
    pairing_close(&pairing);
}

static void test_paired__rows_with_too_few_requests_decide_nothing(void **state)
{
    (void)state;
    struct pairing pairing;
    struct synth how = {.seed = 6, .per_block = 2, .slow = {4, 0, 0, 0}};
    pairing_open(&pairing, &how, 1);
    pairing.policy.overall.threshold[METRIC_P99] = 1.2;
    judge(&pairing, 1);
    const struct verdict_row *row = row_of(&pairing, "/a", METRIC_P95);
    assert_int_equal(row->status, ROW_INSUFFICIENT);
    assert_false(row->judged);
    assert_non_null(strstr(row->reason, "too few requests"));
    assert_int_equal(row_of(&pairing, "/a", METRIC_AVERAGE)->status, ROW_REGRESSED);
    row = row_of(&pairing, NULL, METRIC_P99);
    assert_int_equal(row->status, ROW_INSUFFICIENT);
    assert_true(row->required && row->judged);
    pairing_close(&pairing);
    how.slow[0] = 0;
    pairing_open(&pairing, &how, 1);
    pairing.policy.overall.threshold[METRIC_P95] = (double)NAN;
    pairing.policy.overall.threshold[METRIC_AVERAGE] = 3;
    judge(&pairing, 0);
    pairing.policy.overall.threshold[METRIC_P99] = 3;
    judge(&pairing, 3);
    pairing.policy.on[EVENT_INSUFFICIENT] = ON_PASS;
    judge(&pairing, 0);
    pairing_close(&pairing);
}

static void test_paired__few_failures_are_stable_within_the_target_only(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 7}, 1);
    pairing.candidate[0].metrics.total_failures = 9;
    judge(&pairing, 0);
    const struct verdict_row *row = row_of(&pairing, NULL, METRIC_ERROR_RATE);
    assert_int_equal(row->status, ROW_STABLE);
    assert_true(isnan(row->p));
    pairing.policy.overall.limit[METRIC_ERROR_RATE].target = 0.001;
    judge(&pairing, 3);
    assert_int_equal(row_of(&pairing, NULL, METRIC_ERROR_RATE)->status, ROW_INSUFFICIENT);
    pairing_close(&pairing);
}

static void test_paired__failures_on_one_side_only_are_found(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 8, .candidate_errors = 0.03}, 1);
    judge(&pairing, 1);
    const struct verdict_row *row = row_of(&pairing, NULL, METRIC_ERROR_RATE);
    assert_int_equal(row->status, ROW_REGRESSED);
    assert_true(isnan(row->change) && isnan(row->interval_low) && isnan(row->detectable));
    assert_non_null(strstr(pairing.verdict.summary, "less reliable"));
    pairing_close(&pairing);
}

static void test_paired__throughput_is_judged_by_its_direction(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 9}, 1);
    pairing.policy.overall.threshold[METRIC_REQUESTS_PER_S] = 1.1;
    judge(&pairing, 0);
    for (size_t i = 0; i < SYNTH_ENDPOINTS; i++)
        for (size_t j = 0; j < 80; j++)
            pairing.candidate[0].endpoints[i].blocks->count[j] -= 4;
    pairing.candidate[0].metrics.requests_per_s *= 11.0 / 15;
    judge(&pairing, 1);
    assert_int_equal(row_of(&pairing, NULL, METRIC_REQUESTS_PER_S)->status, ROW_REGRESSED);
    pairing_close(&pairing);
}

static void test_paired__a_few_outlier_pairs_are_no_evidence(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 10}, 1);
    struct report_endpoint *endpoint = &pairing.candidate[0].endpoints[0];
    endpoint->blocks->sum_ns[3] += INT64_C(20000000000);
    endpoint->metrics.average_ms += 20000.0 / (double)endpoint->metrics.total_requests;
    judge(&pairing, 0); /* the overall average has the outlier as well, but is no breach */
    const struct verdict_row *row = row_of(&pairing, "/a", METRIC_AVERAGE);
    assert_int_equal(row->status, ROW_INSUFFICIENT);
    assert_true(row->change > 100 && row->p > 0.1);
    assert_non_null(strstr(row->reason, "may be noise"));
    pairing_close(&pairing);
}

static void test_paired__too_few_batches_are_insufficient(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 11, .batches = 19}, 1);
    judge(&pairing, 3);
    assert_non_null(strstr(pairing.verdict.summary, "19 batches"));
    pairing_close(&pairing);
}

static void test_paired__extremes_have_no_known_noise(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 12}, 1);
    pairing.policy.overall.threshold[METRIC_MAX] = 1.5;
    judge(&pairing, 3);
    assert_int_equal(row_of(&pairing, NULL, METRIC_MAX)->status, ROW_INSUFFICIENT);
    pairing_close(&pairing);
}

static void test_paired__a_pass_that_could_hide_much_is_none(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 13, .per_block = 40}, 1);
    pairing.policy.overall.threshold[METRIC_AVERAGE] = 1.03;
    judge(&pairing, 3);
    const struct verdict_row *row = row_of(&pairing, NULL, METRIC_AVERAGE);
    assert_int_equal(row->status, ROW_INSUFFICIENT);
    assert_true(row->detectable > 0.06);
    pairing_close(&pairing);
}

/* What is known of a mean does not hang on whether a percentile is judged beside it. */
static void test_paired__a_mean_alone_is_known_as_well(void **state)
{
    (void)state;
    struct pairing pairing;
    struct err err = {0};
    double errors[2];
    pairing_open(&pairing, &(struct synth){.seed = 16, .per_block = 100}, 1);
    const struct report *candidates[] = {&pairing.candidate[0]}, *bases[] = {&pairing.base[0]};
    const struct gate_input in = {.candidates = candidates,
                                  .n_candidates = 1,
                                  .bases = bases,
                                  .n_bases = 1,
                                  .comparison = COMPARISON_PAIRED};
    for (int i = 0; i < 2; i++) {
        struct numbers numbers;
        const bool wanted[METRIC_COUNT] = {[METRIC_AVERAGE] = true, [METRIC_P95] = i};
        assert_int_equal(compare_reports(&in, wanted, &numbers, &err), 0);
        errors[i] = numbers.scopes[0].metrics[METRIC_AVERAGE].typical.error;
        numbers_release(&numbers);
    }
    assert_true(errors[0] > 0 && errors[0] == errors[1]);
    pairing_close(&pairing);
}

static void test_paired__verdicts_repeat(void **state)
{
    (void)state;
    struct pairing pairing;
    struct buf first = {0}, second = {0};
    pairing_open(&pairing, &(struct synth){.seed = 14, .slow = {0.1, 0.2, 0.05, 0}}, 1);
    judge(&pairing, 1); /* /b is over its threshold, and so is its typical batch */
    verdict_encode(&pairing.verdict, &first);
    judge(&pairing, 1);
    verdict_encode(&pairing.verdict, &second);
    assert_string_equal(buf_text(&first), buf_text(&second));
    buf_release(&first);
    buf_release(&second);
    pairing_close(&pairing);
}

static void test_paired__reports_that_do_not_belong_together_are_refused(void **state)
{
    (void)state;
    struct pairing pairing;
    pairing_open(&pairing, &(struct synth){.seed = 15}, 2);
    struct report_pair *candidate = pairing.candidate[0].pair, *base = pairing.base[0].pair;
    candidate->id = "another";
    assert_refused(&pairing, "'c1.json' and 'b1.json' are not of one paired run");
    candidate->id = base->id;
    base->start = 7;
    assert_refused(&pairing, "start 1 and pair");
    base->start = 1;
    base->role = ROLE_CANDIDATE;
    assert_refused(&pairing, "'b1.json': expected the base side");
    base->role = ROLE_BASE;
    base->batch_end[4]++;
    assert_refused(&pairing, "the two sides have other pairs and batches");
    base->batch_end[4]--;
    pairing.base[0].endpoints[2].blocks->n_sum--;
    assert_refused(&pairing, "'b1.json': endpoints[2].blocks: expected columns of 80 pairs");
    pairing.base[0].endpoints[2].blocks->n_sum++;
    pairing.candidate[1].pair->start = pairing.base[1].pair->start = 1;
    assert_refused(&pairing, "'c2.json': start 1 of the paired run is given twice");
    pairing.candidate[1].pair->start = pairing.base[1].pair->start = 2;
    pairing.candidate[1].pair->id = pairing.base[1].pair->id = "another";
    assert_refused(&pairing, "compare one at a time");
    pairing.candidate[1].pair->id = pairing.base[1].pair->id = base->id;
    pairing.base[0].workload = "bb";
    assert_refused(&pairing, "other workloads");
    pairing.base[0].workload = pairing.candidate[0].workload;
    pairing.base[0].pair = NULL;
    assert_refused(&pairing, "'b1.json': not a report of a paired run");
    pairing.base[0].pair = base;
    judge(&pairing, 0);
    pairing_close(&pairing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paired__equal_sides_pass_with_all_numbers_shown),
        cmocka_unit_test(test_paired__the_slow_endpoint_is_named),
        cmocka_unit_test(test_paired__swapped_labels_show_an_improvement),
        cmocka_unit_test(test_paired__starts_narrow_the_interval),
        cmocka_unit_test(test_paired__a_start_that_was_left_behind_is_told),
        cmocka_unit_test(test_paired__two_starts_have_the_figures_of_both),
        cmocka_unit_test(test_paired__rows_with_too_few_requests_decide_nothing),
        cmocka_unit_test(test_paired__few_failures_are_stable_within_the_target_only),
        cmocka_unit_test(test_paired__failures_on_one_side_only_are_found),
        cmocka_unit_test(test_paired__throughput_is_judged_by_its_direction),
        cmocka_unit_test(test_paired__a_few_outlier_pairs_are_no_evidence),
        cmocka_unit_test(test_paired__too_few_batches_are_insufficient),
        cmocka_unit_test(test_paired__extremes_have_no_known_noise),
        cmocka_unit_test(test_paired__a_pass_that_could_hide_much_is_none),
        cmocka_unit_test(test_paired__a_mean_alone_is_known_as_well),
        cmocka_unit_test(test_paired__verdicts_repeat),
        cmocka_unit_test(test_paired__reports_that_do_not_belong_together_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
