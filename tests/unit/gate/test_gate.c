/* Comparisons without pair evidence: files, stored runs, nothing; policies, limits, exit codes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gate/gate.h"
#include "synth.h"

#define MOST 12

/* A judgement in the making, and its outcome. */
struct court {
    struct report candidate[MOST], base[MOST];
    size_t n_candidates, n_bases;
    struct policy policy, candidate_policy;
    struct gate_input in;
    struct verdict verdict;
};

static void court_open(struct court *court, enum comparison comparison, size_t n_bases)
{
    *court = (struct court){.n_candidates = 1, .n_bases = n_bases};
    policy_init_default(&court->policy);
    policy_init_default(&court->candidate_policy);
    court->in.comparison = comparison;
    court->candidate[0] = synth_flat(1000, 0, 10, 20);
    for (size_t i = 0; i < n_bases; i++)
        court->base[i] = synth_flat(1000, 0, 10, 20);
}

static void judge(struct court *court)
{
    const struct report *candidates[MOST], *bases[MOST];
    struct err err = {0};
    for (size_t i = 0; i < MOST; i++) {
        candidates[i] = &court->candidate[i];
        bases[i] = &court->base[i];
    }
    court->in.candidates = candidates;
    court->in.n_candidates = court->n_candidates;
    court->in.bases = bases;
    court->in.n_bases = court->n_bases;
    court->in.policy = &court->policy;
    verdict_release(&court->verdict);
    if (gate_judge(&court->in, &court->verdict, &err))
        fail_msg("%s", err.text);
}

static void court_close(struct court *court)
{
    verdict_release(&court->verdict);
    policy_release(&court->policy);
    policy_release(&court->candidate_policy);
    for (size_t i = 0; i < MOST; i++) {
        report_release(&court->candidate[i]);
        report_release(&court->base[i]);
    }
}

/* The row, which must be there. */
static const struct verdict_row *row_of(const struct court *court, const char *endpoint,
                                        enum metric metric)
{
    const struct verdict *verdict = &court->verdict;
    size_t i = 0, found = verdict->n_rows;
    for (; i < verdict->n_rows; i++) {
        const struct verdict_row *row = &verdict->rows[i];
        if (row->metric == (int)metric &&
            (endpoint ? row->endpoint && strcmp(row->endpoint, endpoint) == 0 : !row->endpoint))
            found = i;
    }
    assert_true(found < verdict->n_rows);
    return &verdict->rows[found];
}

static void assert_status(const struct court *court, enum metric metric, enum row_status expected)
{
    const struct verdict_row *row = row_of(court, NULL, metric);
    if (row->status != (int)expected)
        fail_msg("%s: %s", row_status_name((enum row_status)row->status), row->reason);
}

static void assert_exit(const struct court *court, int expected)
{
    static const enum overall_status statuses[] = {OVERALL_PASS, OVERALL_FAIL, OVERALL_PASS,
                                                   OVERALL_UNDECIDED};
    if (court->verdict.exit_code != expected)
        fail_msg("exit %d: %s", (int)court->verdict.exit_code, court->verdict.summary);
    assert_int_equal(court->verdict.status, statuses[expected]);
}

static void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' does not say '%s'", text, part);
}

static void add_endpoint(struct report *report, const char *name, int64_t requests, double ms)
{
    struct report from = synth_flat(requests, 0, ms, 2 * ms);
    struct report_endpoint *longer =
        arena_array(&report->arena, report->n_endpoints + 1, sizeof *longer);
    if (report->n_endpoints)
        memcpy(longer, report->endpoints, report->n_endpoints * sizeof *longer);
    longer[report->n_endpoints++] =
        (struct report_endpoint){.name = name, .method = "GET", .metrics = from.metrics};
    report->endpoints = longer;
}

static void add_entry(struct policy *policy, const char *pattern, bool required)
{
    struct policy_entry *entry = arena_array(&policy->arena, 1, sizeof *entry);
    entry->pattern = pattern;
    for (int i = 0; i < METRIC_COUNT; i++) {
        entry->rules.threshold[i] = (double)NAN;
        entry->rules.limit[i] = (struct policy_limit){(double)NAN, (double)NAN};
    }
    entry->rules.required = required;
    policy->endpoints = entry;
    policy->n_endpoints = 1;
}

/* ---- one file ---- */

static void test_gate__file_passes_equal_reports_and_says_how_it_judged(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    judge(&court);
    assert_exit(&court, 0);
    assert_int_equal(court.verdict.n_rows, 3);
    assert_string_equal(court.verdict.summary, "no regression: 3 rows judged");
    assert_says(row_of(&court, NULL, METRIC_AVERAGE)->reason, "by the threshold alone");
    assert_int_equal(court.verdict.n_warnings, 1);
    assert_says(court.verdict.warnings[0], "thresholds alone decide");
    court_close(&court);
}

static void test_gate__file_fails_a_slower_report_in_one_clear_sentence(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.candidate[0] = synth_flat(1000, 0, 15.21, 20);
    judge(&court);
    assert_exit(&court, 1);
    assert_says(court.verdict.summary, "slower: overall average +52.1 % (allowed +10 %), base "
                                       "10.0 ms, candidate 15.2 ms");
    assert_int_equal(court.verdict.n_regressions, 1);
    assert_string_equal(court.verdict.regressions[0].metric, "avg_response_time");
    assert_true(fabs(court.verdict.regressions[0].degradation - 52.1) < 1e-9);
    assert_int_equal(court.verdict.rows[0].status, ROW_REGRESSED);
    court_close(&court);
}

static void test_gate__display_gets_the_digits_that_it_needs(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    judge(&court);
    assert_int_equal(row_of(&court, NULL, METRIC_AVERAGE)->text_digits, 0);
    court.candidate[0] = synth_flat(1000, 0, 11.0004, 23.9996);
    judge(&court);
    assert_status(&court, METRIC_AVERAGE, ROW_REGRESSED);
    assert_status(&court, METRIC_P95, ROW_STABLE);
    assert_says(row_of(&court, NULL, METRIC_AVERAGE)->reason,
                "+10.0040 % (allowed +10 %), base 10.0000 ms");
    assert_says(row_of(&court, NULL, METRIC_P95)->reason, "+20.0 % (allowed +20 %)");
    court_close(&court);
}

static void test_gate__rates_from_zero_are_held_to_the_target(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.candidate[0] = synth_flat(1000, 10, 10, 20);
    judge(&court);
    assert_status(&court, METRIC_ERROR_RATE, ROW_STABLE);
    court.candidate[0] = synth_flat(1000, 11, 10, 20);
    judge(&court);
    assert_status(&court, METRIC_ERROR_RATE, ROW_REGRESSED);
    assert_says(court.verdict.summary, "less reliable: overall error rate");
    court.base[0] = synth_flat(1000, 5, 10, 20);
    court.candidate[0] = synth_flat(1000, 10, 10, 20);
    judge(&court);
    assert_status(&court, METRIC_ERROR_RATE, ROW_STABLE);
    court_close(&court);
}

/* A scenario that fails on both sides alike, because its log-in is wrong, say. */
static void test_gate__a_base_that_fails_itself_passes_nothing(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.base[0] = court.candidate[0] = synth_flat(1000, 1000, 10, 20);
    judge(&court);
    assert_status(&court, METRIC_ERROR_RATE, ROW_NOT_COMPARABLE);
    assert_int_equal(court.verdict.exit_code, 3);
    assert_says(court.verdict.summary, "error rate 100 % on the base side: no candidate could be");
    court.candidate[0] = synth_flat(1000, 0, 10, 20); /* the mend of it */
    judge(&court);
    assert_status(&court, METRIC_ERROR_RATE, ROW_IMPROVED);
    assert_int_equal(court.verdict.exit_code, 0);
    court.base[0] = court.candidate[0] = synth_flat(1000, 499, 10, 20);
    judge(&court);
    assert_status(&court, METRIC_ERROR_RATE, ROW_STABLE);
    court_close(&court);
}

static void test_gate__more_requests_per_second_are_better(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.policy.overall.threshold[METRIC_REQUESTS_PER_S] = 1.25;
    court.candidate[0].metrics.requests_per_s = 79;
    judge(&court);
    assert_status(&court, METRIC_REQUESTS_PER_S, ROW_REGRESSED);
    assert_says(court.verdict.summary, "requests per second -21.0 % (allowed -20 %)");
    assert_true(court.verdict.regressions[0].degradation > 20.9);
    court.candidate[0].metrics.requests_per_s = 300;
    judge(&court);
    assert_status(&court, METRIC_REQUESTS_PER_S, ROW_IMPROVED);
    assert_exit(&court, 0);
    court_close(&court);
}

static void test_gate__files_of_other_workloads_are_not_comparable(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.candidate[0].workload = "aa";
    judge(&court);
    assert_exit(&court, 0);
    court.base[0].workload = "bb";
    judge(&court);
    assert_status(&court, METRIC_AVERAGE, ROW_NOT_COMPARABLE);
    assert_exit(&court, 3);
    court_close(&court);
}

/* ---- limits ---- */

static void test_gate__limits_fail_unless_the_base_breaks_them_too(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.policy.overall.limit[METRIC_AVERAGE] = (struct policy_limit){5, 9.5};
    court.base[0] = synth_flat(1000, 0, 9.4, 20);
    judge(&court);
    assert_status(&court, METRIC_AVERAGE, ROW_OVER_LIMIT);
    assert_exit(&court, 1);
    assert_says(court.verdict.summary, "over the limit: overall average 10.0 ms is over its limit "
                                       "of 9.50 ms");
    assert_int_equal(court.verdict.n_regressions, 1);
    court.base[0] = synth_flat(1000, 0, 10, 20);
    judge(&court);
    assert_status(&court, METRIC_AVERAGE, ROW_STABLE);
    assert_says(row_of(&court, NULL, METRIC_AVERAGE)->warnings[0], "and so is the base");
    court.policy.overall.limit[METRIC_AVERAGE] = (struct policy_limit){5, 10};
    judge(&court);
    assert_says(row_of(&court, NULL, METRIC_AVERAGE)->warnings[0], "over its target of 5.00 ms");
    assert_exit(&court, 0);
    court.policy.overall.limit[METRIC_AVERAGE] = (struct policy_limit){5, 9.9995};
    court.base[0] = synth_flat(1000, 0, 9.4, 20);
    judge(&court);
    assert_says(court.verdict.summary, "average 10.00 ms is over its limit of 9.999 ms");
    court_close(&court);
}

static void test_gate__limits_are_judged_without_a_baseline(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_NONE, 0);
    judge(&court);
    assert_status(&court, METRIC_AVERAGE, ROW_MISSING_BASELINE);
    assert_exit(&court, 3);
    court.candidate[0] = synth_flat(1000, 0, 2500, 3000);
    judge(&court);
    assert_status(&court, METRIC_AVERAGE, ROW_OVER_LIMIT);
    assert_exit(&court, 1);
    court_close(&court);
}

/* ---- what cannot be decided ---- */

static void test_gate__a_run_without_requests_never_passes(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.candidate[0] = synth_flat(0, 0, 0, 0);
    judge(&court);
    assert_exit(&court, 3);
    assert_says(court.verdict.summary, "completed no request");
    court.policy.on[EVENT_INVALID_RUN] = ON_PASS;
    court.policy.on[EVENT_ERRORED] = ON_PASS;
    judge(&court);
    assert_exit(&court, 3);
    court.policy.on[EVENT_INVALID_RUN] = ON_FAIL;
    judge(&court);
    assert_exit(&court, 1);
    court_close(&court);
}

static void test_gate__an_invalid_run_is_undecided_and_shows_its_regressions(void **state)
{
    (void)state;
    struct court court;
    static const char *reasons[] = {"schedule_lag"};
    court_open(&court, COMPARISON_FILE, 1);
    court.candidate[0] = synth_flat(1000, 0, 30, 20);
    court.candidate[0].flat = false;
    court.candidate[0].health.reasons = reasons;
    court.candidate[0].health.n_reasons = 1;
    judge(&court);
    assert_exit(&court, 3);
    assert_says(court.verdict.summary, "the candidate run cannot be trusted: ");
    assert_int_equal(court.verdict.n_regressions, 1);
    court.policy.on[EVENT_INVALID_RUN] = ON_PASS;
    judge(&court);
    assert_exit(&court, 1);
    assert_says(court.verdict.summary, "slower");
    court_close(&court);
}

static void test_gate__events_map_to_exit_codes(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_NONE, 0);
    court.policy.on[EVENT_MISSING_BASELINE] = ON_PASS;
    judge(&court);
    assert_exit(&court, 0);
    court.policy.on[EVENT_MISSING_BASELINE] = ON_FAIL;
    judge(&court);
    assert_exit(&court, 1);
    assert_says(court.verdict.summary, "failed by the policy");
    court.policy.on[EVENT_MISSING_BASELINE] = ON_UNDECIDED;
    judge(&court);
    assert_exit(&court, 3);
    court.in.scenario_change = "the scenario differs from the base's: GET /x went";
    court.policy.on[EVENT_MISSING_BASELINE] = ON_PASS;
    judge(&court);
    assert_exit(&court, 0);
    assert_string_equal(court.verdict.warnings[0], court.in.scenario_change);
    court.in.no_pass = "the policy that the change brings cannot be read";
    court.in.warnings = (const char *const[]){"the change adds a file"};
    court.in.n_warnings = 1;
    judge(&court);
    assert_exit(&court, 3);
    assert_string_equal(court.verdict.summary, court.in.no_pass);
    assert_string_equal(court.verdict.warnings[0], court.in.no_pass);
    assert_string_equal(court.verdict.warnings[2], court.in.warnings[0]);
    court.policy.on[EVENT_SCENARIO_CHANGED] = ON_FAIL;
    judge(&court);
    assert_exit(&court, 1);
    court_close(&court);
}

static void test_gate__a_missing_figure_is_an_error_of_its_row(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.candidate[0].metrics.p95_ms = (double)NAN;
    judge(&court);
    assert_status(&court, METRIC_P95, ROW_ERRORED);
    assert_exit(&court, 3);
    court.base[0].metrics.average_ms = (double)NAN;
    court.candidate[0] = synth_flat(1000, 0, 10, 20);
    judge(&court);
    assert_status(&court, METRIC_AVERAGE, ROW_MISSING_BASELINE);
    court_close(&court);
}

/* ---- endpoints ---- */

static void test_gate__endpoints_are_named_and_required_ones_decide(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    add_endpoint(&court.base[0], "/forum", 500, 12.1);
    add_endpoint(&court.candidate[0], "/forum", 500, 18.4);
    add_endpoint(&court.base[0], "/rare", 3, 10);
    add_endpoint(&court.candidate[0], "/rare", 3, 30);
    add_endpoint(&court.base[0], "/gone", 500, 10);
    add_endpoint(&court.candidate[0], "/new", 500, 10);
    judge(&court);
    assert_exit(&court, 1);
    assert_says(court.verdict.summary, "slower: GET /forum average +52.1 % (allowed +10 %), base "
                                       "12.1 ms, candidate 18.4 ms");
    assert_int_equal(row_of(&court, "/rare", METRIC_AVERAGE)->status, ROW_INSUFFICIENT);
    assert_false(row_of(&court, "/rare", METRIC_AVERAGE)->judged);
    assert_int_equal(row_of(&court, "/gone", METRIC_P95)->status, ROW_NOT_COMPARABLE);
    assert_int_equal(row_of(&court, "/new", METRIC_P95)->status, ROW_MISSING_BASELINE);
    report_release(&court.base[0]);
    court.base[0] = synth_flat(1000, 0, 10, 20);
    add_endpoint(&court.base[0], "/forum", 500, 18.4);
    judge(&court);
    assert_exit(&court, 0);
    add_entry(&court.policy, "GET /n*", true);
    court.policy.endpoints[0].rules.required = true;
    judge(&court);
    assert_exit(&court, 3);
    assert_says(court.verdict.summary, "GET /new: the base has no average");
    court.policy.endpoints[0].pattern = "GET /absent";
    judge(&court);
    assert_exit(&court, 3);
    assert_says(court.verdict.summary, "GET /absent: the policy requires it");
    court_close(&court);
}

/* ---- two policies ---- */

static void test_gate__the_worse_of_two_policies_stands(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.in.candidate_policy = &court.candidate_policy;
    court.candidate[0] = synth_flat(1000, 0, 10.5, 20);
    judge(&court);
    assert_exit(&court, 0);
    assert_int_equal(row_of(&court, NULL, METRIC_AVERAGE)->n_warnings, 0);
    court.candidate_policy.overall.threshold[METRIC_AVERAGE] = 1.02;
    judge(&court);
    assert_exit(&court, 1);
    assert_says(row_of(&court, NULL, METRIC_AVERAGE)->warnings[0],
                "by the candidate's policy; the base's says stable");
    court.policy.overall.threshold[METRIC_AVERAGE] = 1.02;
    court.candidate_policy.overall.threshold[METRIC_AVERAGE] = 5;
    judge(&court);
    assert_exit(&court, 1);
    assert_says(row_of(&court, NULL, METRIC_AVERAGE)->warnings[0],
                "by the base's policy; the candidate's says stable");
    court.candidate_policy.overall.threshold[METRIC_AVERAGE] = (double)NAN;
    court.candidate_policy.overall.limit[METRIC_AVERAGE] =
        (struct policy_limit){(double)NAN, (double)NAN};
    judge(&court);
    assert_exit(&court, 1);
    assert_says(row_of(&court, NULL, METRIC_AVERAGE)->warnings[0], "does not ask for it");
    court_close(&court);
}

static void test_gate__a_candidate_cannot_map_events_away(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_NONE, 0);
    court.in.candidate_policy = &court.candidate_policy;
    court.candidate_policy.on[EVENT_MISSING_BASELINE] = ON_PASS;
    judge(&court);
    assert_exit(&court, 3);
    court.candidate_policy.on[EVENT_MISSING_BASELINE] = ON_FAIL;
    judge(&court);
    assert_exit(&court, 1);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate__file_passes_equal_reports_and_says_how_it_judged),
        cmocka_unit_test(test_gate__file_fails_a_slower_report_in_one_clear_sentence),
        cmocka_unit_test(test_gate__display_gets_the_digits_that_it_needs),
        cmocka_unit_test(test_gate__rates_from_zero_are_held_to_the_target),
        cmocka_unit_test(test_gate__a_base_that_fails_itself_passes_nothing),
        cmocka_unit_test(test_gate__more_requests_per_second_are_better),
        cmocka_unit_test(test_gate__files_of_other_workloads_are_not_comparable),
        cmocka_unit_test(test_gate__limits_fail_unless_the_base_breaks_them_too),
        cmocka_unit_test(test_gate__limits_are_judged_without_a_baseline),
        cmocka_unit_test(test_gate__a_run_without_requests_never_passes),
        cmocka_unit_test(test_gate__an_invalid_run_is_undecided_and_shows_its_regressions),
        cmocka_unit_test(test_gate__events_map_to_exit_codes),
        cmocka_unit_test(test_gate__a_missing_figure_is_an_error_of_its_row),
        cmocka_unit_test(test_gate__endpoints_are_named_and_required_ones_decide),
        cmocka_unit_test(test_gate__the_worse_of_two_policies_stands),
        cmocka_unit_test(test_gate__a_candidate_cannot_map_events_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
