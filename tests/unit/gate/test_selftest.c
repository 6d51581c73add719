/* The self-test: what fires, what is told of what does not, and which of it is a fault. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "court.h"
#include "gate/selftest.h"
#include "synth.h"

#define MOST_STARTS 3

/* A self-test of a made-up paired run, or of a court's reports. */
struct attempt {
    struct report candidate[MOST_STARTS], base[MOST_STARTS];
    size_t starts;
    struct policy policy;
    struct selftest selftest;
};

static void attempt_open(struct attempt *attempt, const struct synth *how, size_t starts)
{
    *attempt = (struct attempt){.starts = starts};
    policy_init_default(&attempt->policy);
    for (size_t i = 0; i < starts; i++)
        synth_paired(how, (int64_t)i + 1, &attempt->candidate[i], &attempt->base[i]);
}

static int attempt_try(struct attempt *attempt, struct err *err)
{
    const struct report *candidates[MOST_STARTS], *bases[MOST_STARTS];
    for (size_t i = 0; i < MOST_STARTS; i++) {
        candidates[i] = &attempt->candidate[i];
        bases[i] = &attempt->base[i];
    }
    struct gate_input in = {.candidates = candidates,
                            .n_candidates = attempt->starts,
                            .bases = bases,
                            .n_bases = attempt->starts,
                            .comparison = COMPARISON_PAIRED,
                            .policy = &attempt->policy};
    selftest_release(&attempt->selftest);
    return selftest_run(&in, &attempt->selftest, err);
}

static void attempt_run(struct attempt *attempt, size_t faults)
{
    struct err err = {0};
    if (attempt_try(attempt, &err))
        fail_msg("%s", err.text);
    if (attempt->selftest.n_faults != faults)
        fail_msg("%zu faults: %s", attempt->selftest.n_faults,
                 attempt->selftest.n_faults ? attempt->selftest.faults[0] : "");
}

static void attempt_close(struct attempt *attempt)
{
    selftest_release(&attempt->selftest);
    policy_release(&attempt->policy);
    for (size_t i = 0; i < attempt->starts; i++) {
        report_release(&attempt->candidate[i]);
        report_release(&attempt->base[i]);
    }
}

static const struct selftest_row *row_of(const struct selftest *selftest, const char *endpoint,
                                         enum metric metric)
{
    size_t found = selftest->n_rows;
    for (size_t i = 0; i < selftest->n_rows; i++) {
        const struct selftest_row *row = &selftest->rows[i];
        if (row->metric == metric &&
            (endpoint ? row->endpoint && strcmp(row->endpoint, endpoint) == 0 : !row->endpoint))
            found = i;
    }
    assert_true(found < selftest->n_rows);
    return &selftest->rows[found];
}

static void expect(const struct attempt *attempt, const char *endpoint, enum metric metric,
                   enum selftest_state state)
{
    const struct selftest_row *row = row_of(&attempt->selftest, endpoint, metric);
    if (row->state != state)
        fail_msg("%s %s: %s (%s)", endpoint, metric_info(metric)->title,
                 selftest_state_name(row->state), row->reason);
}

static void assert_fault(const struct selftest *selftest, size_t i, const char *part)
{
    assert_true(i < selftest->n_faults);
    assert_says(selftest->faults[i], part);
}

/* Sets what the policy says of endpoints. */
static void set_entries(struct policy *policy, const struct policy_entry *entries, size_t n)
{
    policy->endpoints = arena_array(&policy->arena, n, sizeof *policy->endpoints);
    memcpy(policy->endpoints, entries, n * sizeof *entries);
    policy->n_endpoints = n;
}

static struct policy_rules no_rules(void)
{
    struct policy_rules rules = {0};
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        rules.threshold[i] = (double)NAN;
        rules.limit[i] = (struct policy_limit){(double)NAN, (double)NAN};
    }
    return rules;
}

/* ---- rules that fire ---- */

/* Quiet sides: each row is found from just over what the verdict says is detectable. */
static void test_selftest__equal_sides_every_rule_fires(void **state)
{
    (void)state;
    for (size_t starts = 1; starts <= 3; starts += 2) {
        struct attempt attempt;
        attempt_open(&attempt, &(struct synth){.seed = 1, .per_block = 40}, starts);
        attempt.policy.overall.threshold[METRIC_P95] = 1.5; /* a second try would be far off */
        attempt_run(&attempt, 0);
        assert_int_equal(attempt.selftest.n_rows, 15);
        assert_int_equal(attempt.selftest.counts[SELFTEST_FIRES], 15);
        for (size_t i = 0; i < 15; i++) {
            const struct selftest_row *row = &attempt.selftest.rows[i];
            double change = row->found / row->base - 1;
            assert_null(row->reason);
            if (row->metric == METRIC_ERROR_RATE)
                continue;
            assert_true(row->detectable >= row->threshold - 1 - 1e-12);
            assert_true(change > row->detectable);
            if (row->metric == METRIC_AVERAGE)
                assert_true(change < (1 + row->detectable) * 1.0002 - 1);
            else
                assert_true(change < (1 + row->detectable) * 1.033 - 1);
        }
        attempt_close(&attempt);
    }
}

/* What the candidate is really like makes no difference: it is divided by its own ratio. */
static void test_selftest__a_slow_candidate_is_made_equal_first(void **state)
{
    (void)state;
    struct attempt attempt;
    struct synth how = {.seed = 2,
                        .slow = {0.5, -0.4, 3, 0},
                        .per_block = 40,
                        .errors = 0.01,
                        .candidate_errors = 0.03};
    attempt_open(&attempt, &how, 1);
    attempt_run(&attempt, 0);
    assert_int_equal(attempt.selftest.counts[SELFTEST_FIRES], 15);
    for (size_t i = 0; i < 15; i++) {
        const struct selftest_row *row = &attempt.selftest.rows[i];
        assert_true(row->found > row->base * row->threshold);
        assert_true(row->found < row->base * fmax(row->threshold, 1 + row->detectable) * 1.3);
    }
    attempt_close(&attempt);
}

static void test_selftest__all_metrics_that_a_run_has(void **state)
{
    (void)state;
    static const enum metric more[] = {METRIC_P99, METRIC_MEDIAN, METRIC_P75, METRIC_P90,
                                       METRIC_REQUESTS_PER_S};
    struct attempt attempt;
    attempt_open(&attempt, &(struct synth){.seed = 3, .per_block = 60}, 2);
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        attempt.policy.overall.threshold[more[i]] = 1.25;
    attempt_run(&attempt, 0);
    assert_int_equal(attempt.selftest.n_rows, 40);
    assert_int_equal(attempt.selftest.counts[SELFTEST_FIRES], 40);
    const struct selftest_row *row = row_of(&attempt.selftest, NULL, METRIC_REQUESTS_PER_S);
    assert_true(row->found < row->base / 1.25 && row->found > row->base / 1.26);
    attempt_close(&attempt);
}

/* Without failures in the base the target counts, and ten failures are needed for a test. */
static void test_selftest__error_rates_without_a_base(void **state)
{
    (void)state;
    struct attempt attempt;
    attempt_open(&attempt, &(struct synth){.seed = 4}, 1);
    attempt_run(&attempt, 0);
    const struct selftest_row *row = row_of(&attempt.selftest, NULL, METRIC_ERROR_RATE);
    assert_int_equal(row->state, SELFTEST_FIRES);
    assert_true(row->base <= 0 && isnan(row->detectable));
    assert_true(row->found > 0.01 && row->found < 0.011);
    /* nor need the candidate have any */
    attempt_close(&attempt);
    attempt_open(&attempt, &(struct synth){.seed = 4, .errors = 0.02}, 1);
    attempt_run(&attempt, 0);
    row = row_of(&attempt.selftest, NULL, METRIC_ERROR_RATE);
    assert_int_equal(row->state, SELFTEST_FIRES);
    assert_true(row->base > 0.015 && row->found > 2 * row->base && row->found < 3 * row->base);
    attempt_close(&attempt);
}

/* Unchanged code would fail: that is what was asked for, and it fires. */
static void test_selftest__a_threshold_that_demands_an_improvement(void **state)
{
    (void)state;
    struct attempt attempt;
    attempt_open(&attempt, &(struct synth){.seed = 5, .per_block = 40}, 1);
    attempt.policy.overall.threshold[METRIC_P95] = 0.5;
    attempt_run(&attempt, 0);
    expect(&attempt, NULL, METRIC_P95, SELFTEST_FIRES);
    attempt_close(&attempt);
}

/* ---- what does not, and is no fault ---- */

static void test_selftest__noise_that_the_verdict_admits(void **state)
{
    (void)state;
    struct attempt attempt;
    attempt_open(&attempt, &(struct synth){.seed = 64, .outliers = 0.1}, 1);
    attempt_run(&attempt, 0);
    const size_t *counts = attempt.selftest.counts;
    assert_true(counts[SELFTEST_UNDECIDED] > 0);
    assert_int_equal(counts[SELFTEST_UNDECIDED] + counts[SELFTEST_FIRES], 15);
    for (size_t i = 0; i < 15; i++)
        if (attempt.selftest.rows[i].state == SELFTEST_UNDECIDED)
            assert_says(attempt.selftest.rows[i].reason, "a longer run or more starts can tell");
    attempt_close(&attempt);
}

/* A block of the candidate that stood still is in its figure, but not in the typical pair. */
static void test_selftest__a_row_that_is_found_later_than_is_claimed(void **state)
{
    (void)state;
    struct attempt attempt;
    attempt_open(&attempt, &(struct synth){.seed = 7, .pause_every = 20}, 1);
    attempt_run(&attempt, 0);
    const struct selftest_row *row = row_of(&attempt.selftest, NULL, METRIC_AVERAGE);
    assert_int_equal(row->state, SELFTEST_FIRES);
    assert_true(row->found / row->base > 1.05 * (1 + row->detectable));
    attempt_close(&attempt);
}

static void test_selftest__rare_endpoints_are_not_judged(void **state)
{
    (void)state;
    struct attempt attempt;
    attempt_open(&attempt, &(struct synth){.seed = 8, .per_block = 1.6}, 1);
    attempt_run(&attempt, 0);
    expect(&attempt, NULL, METRIC_P95, SELFTEST_FIRES);
    expect(&attempt, "/a", METRIC_P95, SELFTEST_UNJUDGED);
    assert_says(row_of(&attempt.selftest, "/a", METRIC_P95)->reason, "too few requests");
    attempt_close(&attempt);
}

static void test_selftest__an_endpoint_that_one_side_lacks(void **state)
{
    (void)state;
    struct attempt attempt;
    attempt_open(&attempt, &(struct synth){.seed = 9, .per_block = 40}, 1);
    attempt.base[0].endpoints[3].name = "/new";
    attempt_run(&attempt, 0);
    expect(&attempt, "/d", METRIC_AVERAGE, SELFTEST_NOT_HERE);
    expect(&attempt, "/new", METRIC_AVERAGE, SELFTEST_NOT_HERE);
    expect(&attempt, "/a", METRIC_AVERAGE, SELFTEST_FIRES);
    /* not even where the policy asks for it: it comes, or goes, with this change */
    struct policy_entry entries[] = {{"GET /new", no_rules(), false},
                                     {"GET /d", no_rules(), false}};
    entries[0].rules.required = entries[1].rules.required = true;
    entries[0].rules.threshold[METRIC_P95] = 1.5;
    set_entries(&attempt.policy, entries, 2);
    attempt_run(&attempt, 0);
    attempt_close(&attempt);
}

/* ---- faults ---- */

static void test_selftest__patterns_that_match_nothing(void **state)
{
    (void)state;
    struct attempt attempt;
    struct policy_entry entries[] = {
        {"/a", no_rules(), false}, {"GET /?", no_rules(), false}, {"POST *", no_rules(), false}};
    entries[0].rules.threshold[METRIC_P95] = 1.5;
    entries[1].rules.threshold[METRIC_P95] = 1.5;
    attempt_open(&attempt, &(struct synth){.seed = 10, .per_block = 40}, 1);
    set_entries(&attempt.policy, entries, 3);
    attempt_run(&attempt, 2);
    assert_fault(&attempt.selftest, 0, "'/a' matches no endpoint");
    assert_fault(&attempt.selftest, 1, "'POST *' matches no endpoint");
    assert_int_equal(attempt.selftest.counts[SELFTEST_FIRES], 15);
    attempt_close(&attempt);
}

/* A tag is on endpoints of either side; none of them is '/a' or 'GET /a'. */
static void test_selftest__tags_that_match_nothing(void **state)
{
    (void)state;
    const char *names[] = {"pay", "read"};
    struct attempt attempt;
    struct policy_entry tags[] = {{"read", no_rules(), true}, {"reads", no_rules(), true}};
    tags[0].rules.threshold[METRIC_P95] = 1.5;
    tags[1].rules.threshold[METRIC_P95] = 1.5;
    attempt_open(&attempt, &(struct synth){.seed = 10, .per_block = 40}, 1);
    attempt.base[0].endpoints[2].tags = (struct tags){2, names};
    attempt.policy.tags = tags;
    attempt.policy.n_tags = 2;
    attempt_run(&attempt, 1);
    assert_fault(&attempt.selftest, 0,
                 "tag 'reads' is on no endpoint of the reports; tasks and steps of the scenario");
    assert_true(row_of(&attempt.selftest, "/c", METRIC_P95)->threshold == 1.5);
    assert_true(row_of(&attempt.selftest, "/b", METRIC_P95)->threshold == 1.2);
    tags[0].rules.threshold[METRIC_P999] = 1.5;
    attempt.policy.n_tags = 1;
    attempt_run(&attempt, 1);
    assert_fault(&attempt.selftest, 0, "tag 'read' has a threshold for the p99.9 that never");
    attempt_close(&attempt);
}

static void test_selftest__a_threshold_beyond_all_that_can_be(void **state)
{
    (void)state;
    struct attempt attempt;
    attempt_open(&attempt, &(struct synth){.seed = 11, .errors = 0.03, .candidate_errors = 0.03},
                 1);
    attempt.policy.overall.threshold[METRIC_AVERAGE] = 1e308;
    attempt.policy.overall.threshold[METRIC_ERROR_RATE] = 900;
    attempt_run(&attempt, 10);
    expect(&attempt, NULL, METRIC_AVERAGE, SELFTEST_BEYOND);
    expect(&attempt, "/a", METRIC_ERROR_RATE, SELFTEST_BEYOND);
    expect(&attempt, NULL, METRIC_P95, SELFTEST_FIRES);
    assert_fault(&attempt.selftest, 0, "overall average: no candidate can be over 1e+308 times");
    assert_fault(&attempt.selftest, 1, "overall error rate: no candidate can be over 900 times");
    attempt_close(&attempt);
}

/* Of a base that fails that often, the change that mends it must come through. */
static void test_selftest__a_base_that_fails_too_often(void **state)
{
    (void)state;
    struct attempt attempt;
    attempt_open(&attempt, &(struct synth){.seed = 12, .errors = 0.6, .candidate_errors = 0.6}, 1);
    attempt_run(&attempt, 5);
    expect(&attempt, NULL, METRIC_ERROR_RATE, SELFTEST_BEYOND);
    assert_fault(&attempt.selftest, 0, "no candidate can be over 2 times the base's 59.3 %");
    attempt_close(&attempt);
    attempt_open(&attempt, &(struct synth){.seed = 12, .errors = 0.6, .candidate_errors = 0.01}, 1);
    attempt_run(&attempt, 0);
    expect(&attempt, NULL, METRIC_ERROR_RATE, SELFTEST_NOT_HERE);
    attempt_close(&attempt);
}

static void test_selftest__rows_that_must_be_decided_and_never_are(void **state)
{
    (void)state;
    struct attempt attempt;
    attempt_open(&attempt, &(struct synth){.seed = 13, .per_block = 1.6}, 1);
    attempt.policy.overall.threshold[METRIC_P99] = 1.5;
    attempt_run(&attempt, 1);
    assert_fault(&attempt.selftest, 0, "overall p99 is never judged: too few requests");
    attempt.policy.overall.threshold[METRIC_P99] = (double)NAN;
    attempt.policy.overall.threshold[METRIC_MAX] = 2;
    attempt_run(&attempt, 1);
    assert_fault(&attempt.selftest, 0, "overall maximum is never judged: the noise of its maximum");
    attempt.policy.overall.threshold[METRIC_MAX] = (double)NAN;
    struct policy_entry required = {"GET /b", no_rules(), false};
    required.rules.required = true;
    set_entries(&attempt.policy, &required, 1);
    attempt_run(&attempt, 1);
    assert_fault(&attempt.selftest, 0, "GET /b p95 is never judged: too few requests");
    attempt_close(&attempt);
}

/* A pattern's own threshold that decides nowhere; elsewhere is enough. */
static void test_selftest__a_pattern_whose_threshold_never_decides(void **state)
{
    (void)state;
    struct attempt attempt;
    struct policy_entry entry = {"GET /*", no_rules(), false};
    entry.rules.threshold[METRIC_P95] = 1.5;
    attempt_open(&attempt, &(struct synth){.seed = 14, .per_block = 1.6}, 1);
    set_entries(&attempt.policy, &entry, 1);
    attempt_run(&attempt, 1);
    assert_fault(&attempt.selftest, 0, "'GET /*' has a threshold for the p95 that never decides");
    entry.rules.threshold[METRIC_AVERAGE] = 1.3;
    entry.rules.threshold[METRIC_P95] = (double)NAN;
    set_entries(&attempt.policy, &entry, 1);
    attempt_run(&attempt, 0);
    attempt_close(&attempt);
}

/* With no level at all nothing is ever sure. */
static void test_selftest__no_rule_fires(void **state)
{
    (void)state;
    struct attempt attempt;
    attempt_open(&attempt, &(struct synth){.seed = 15}, 1);
    attempt.policy.alpha = 0;
    attempt_run(&attempt, 1);
    assert_int_equal(attempt.selftest.counts[SELFTEST_FIRES], 0);
    assert_fault(&attempt.selftest, 0, "no rule fires");
    attempt_close(&attempt);
}

static void test_selftest__nothing_to_be_tried_on(void **state)
{
    (void)state;
    struct attempt attempt;
    struct err err = {0};
    struct report report = synth_flat(1000, 0, 10, 20);
    const struct report *candidate = &report;
    attempt_open(&attempt, &(struct synth){.seed = 16}, 1);
    attempt.candidate[0].health.valid = false;
    assert_int_equal(attempt_try(&attempt, &err), -1);
    assert_int_equal(err.code, ERR_UNDECIDED);
    assert_says(err.text, "the candidate run cannot be trusted");
    assert_int_equal(attempt.selftest.n_rows, 0);
    struct gate_input in = {.candidates = &candidate,
                            .n_candidates = 1,
                            .comparison = COMPARISON_NONE,
                            .policy = &attempt.policy};
    err = (struct err){0};
    assert_int_equal(selftest_run(&in, &attempt.selftest, &err), -1);
    assert_int_equal(err.code, ERR_UNDECIDED);
    assert_says(err.text, "there is no baseline to compare with");
    in.n_candidates = 0;
    err = (struct err){0};
    assert_int_equal(selftest_run(&in, &attempt.selftest, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    attempt_close(&attempt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selftest__equal_sides_every_rule_fires),
        cmocka_unit_test(test_selftest__a_slow_candidate_is_made_equal_first),
        cmocka_unit_test(test_selftest__all_metrics_that_a_run_has),
        cmocka_unit_test(test_selftest__error_rates_without_a_base),
        cmocka_unit_test(test_selftest__a_threshold_that_demands_an_improvement),
        cmocka_unit_test(test_selftest__noise_that_the_verdict_admits),
        cmocka_unit_test(test_selftest__a_row_that_is_found_later_than_is_claimed),
        cmocka_unit_test(test_selftest__rare_endpoints_are_not_judged),
        cmocka_unit_test(test_selftest__an_endpoint_that_one_side_lacks),
        cmocka_unit_test(test_selftest__patterns_that_match_nothing),
        cmocka_unit_test(test_selftest__tags_that_match_nothing),
        cmocka_unit_test(test_selftest__a_threshold_beyond_all_that_can_be),
        cmocka_unit_test(test_selftest__a_base_that_fails_too_often),
        cmocka_unit_test(test_selftest__rows_that_must_be_decided_and_never_are),
        cmocka_unit_test(test_selftest__a_pattern_whose_threshold_never_decides),
        cmocka_unit_test(test_selftest__no_rule_fires),
        cmocka_unit_test(test_selftest__nothing_to_be_tried_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
