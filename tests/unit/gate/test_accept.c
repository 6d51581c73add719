/* Accepted regressions: what they cover, what they do not, and what is said of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "court.h"
#include "synth.h"

/* ---- the value ---- */

static void test_accept__a_breach_up_to_the_value_passes_and_says_who_where_and_why(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.acceptances[0].value = 15;
    court.acceptances[0].until = "2026-12-31";
    court_judge(&court, 0);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED);
    assert_string_equal(row->reason,
                        "average +50.0 % (allowed +10 %), base 10.0 ms, candidate 15.0 ms, "
                        "accepted up to 15.0 ms by Ann <a@b.c> until 2026-12-31: new index costs "
                        "a lookup (1a2b3c4:baselines/x.accept.json)");
    assert_string_equal(court.verdict.summary, "no regression beyond what was accepted: 3 rows "
                                               "judged, 1 accepted regression");
    assert_int_equal(court.verdict.n_regressions, 0);
    const struct verdict_acceptance *acceptance = row->acceptance;
    assert_non_null(acceptance);
    assert_string_equal(acceptance->by, "Ann <a@b.c>");
    assert_string_equal(acceptance->reason, "new index costs a lookup");
    assert_string_equal(acceptance->place, "1a2b3c4:baselines/x.accept.json");
    assert_string_equal(acceptance->until, "2026-12-31");
    assert_true(acceptance->value == 15);
    court.acceptances[0].until = court.acceptances[0].place = NULL;
    court_judge(&court, 0);
    row = court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED);
    assert_says(row->reason, "accepted up to 15.0 ms by Ann <a@b.c>: new index costs a lookup");
    assert_null(strchr(row->reason + strlen(row->reason) - 1, ')'));
    court_close(&court);
}

static void test_accept__a_figure_that_is_worse_fails_and_says_what_was_accepted(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.acceptances[0].value = 12;
    court_judge(&court, 1);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    assert_says(row->reason, "; accepted only up to 12.0 ms by Ann <a@b.c>: new index costs a "
                             "lookup (1a2b3c4:baselines/x.accept.json)");
    assert_says(court.verdict.summary, "accepted only up to 12.0 ms by Ann");
    assert_true(row->acceptance->value == 12);
    assert_int_equal(court.verdict.n_regressions, 1);
    /* Rounding must not hide on which side it is. */
    court.acceptances[0].value = 15;
    court.candidate[0].metrics.average_ms = 15.001;
    court_judge(&court, 1);
    row = court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    assert_says(row->reason, "candidate 15.001 ms");
    assert_says(row->reason, "accepted only up to 15.000 ms");
    assert_int_equal(row->text_digits, 2);
    court.candidate[0].metrics.average_ms = nextafter(15, 16);
    court_judge(&court, 1);
    court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    court.candidate[0].metrics.average_ms = nextafter(15, 14);
    court_judge(&court, 0);
    row = court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED);
    assert_int_equal(row->text_digits, 0);
    court_close(&court);
}

static void test_accept__more_is_better_down_to_the_value(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.candidate[0] = synth_flat(1000, 0, 10, 20);
    court.policy.overall.threshold[METRIC_REQUESTS_PER_S] = 1.1;
    court.acceptances[0].metric = METRIC_REQUESTS_PER_S;
    court.acceptances[0].value = 80;
    court.candidate[0].metrics.requests_per_s = 80;
    court_judge(&court, 0);
    assert_says(court_expect(&court, METRIC_REQUESTS_PER_S, ROW_ACCEPTED)->reason,
                "accepted down to 80.0 /s by Ann");
    court.candidate[0].metrics.requests_per_s = nextafter(80, 0);
    court_judge(&court, 1);
    assert_says(court_expect(&court, METRIC_REQUESTS_PER_S, ROW_REGRESSED)->reason,
                "accepted only down to 80.0");
    court_close(&court);
}

static void test_accept__error_rates_of_a_base_without_failures(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.acceptances[0].metric = METRIC_ERROR_RATE;
    court.acceptances[0].value = 0.02;
    court.candidate[0] = synth_flat(1000, 20, 10, 20);
    court_judge(&court, 0);
    assert_says(court_expect(&court, METRIC_ERROR_RATE, ROW_ACCEPTED)->reason,
                "error rate 2.00 % (allowed 1.00 %), base 0.00 %, candidate 2.00 %, accepted up "
                "to 2.00 % by Ann");
    court.candidate[0] = synth_flat(1000, 21, 10, 20);
    court_judge(&court, 1);
    assert_says(court_expect(&court, METRIC_ERROR_RATE, ROW_REGRESSED)->reason,
                "accepted only up to 2.00 %");
    court.candidate[0] = synth_flat(1000, 10, 10, 20); /* within the target: no breach */
    court_judge(&court, 0);
    assert_null(court_expect(&court, METRIC_ERROR_RATE, ROW_STABLE)->acceptance);
    court_close(&court);
}

static void test_accept__what_is_no_breach_needs_no_acceptance(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.candidate[0] = synth_flat(1000, 0, 11, 20);
    court_judge(&court, 0);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_STABLE);
    assert_null(row->acceptance);
    assert_null(strstr(row->reason, "accepted"));
    assert_int_equal(row->n_warnings, 0);
    assert_string_equal(court.verdict.summary, "no regression: 3 rows judged");
    court.candidate[0].metrics.average_ms = (double)NAN;
    court_judge(&court, 3);
    assert_null(court_expect(&court, METRIC_AVERAGE, ROW_ERRORED)->acceptance);
    court_close(&court);
}

static void test_accept__what_is_over_its_limit_is_not_accepted(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.policy.overall.limit[METRIC_AVERAGE] = (struct policy_limit){(double)NAN, 15};
    court_judge(&court, 0); /* at the limit is within it */
    court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED);
    court.policy.overall.limit[METRIC_AVERAGE].critical = 14.9;
    court_judge(&court, 1);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    assert_says(row->reason, "; beyond its limit of 14.9 ms this does not count: accepted up to "
                             "20.0 ms by Ann");
    assert_non_null(row->acceptance);
    court.policy.overall.limit[METRIC_AVERAGE].critical = 9; /* the base is over it too */
    court_judge(&court, 1);
    court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    court.policy.overall.limit[METRIC_AVERAGE] = (struct policy_limit){12, 30};
    court_judge(&court, 0);
    assert_says(court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED)->warnings[0],
                "over its target of 12.0 ms");
    court_close(&court);
}

/* ---- which acceptance ---- */

static void test_accept__only_what_it_names(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    add_endpoint(&court.base[0], "GET", "/forum", 10);
    add_endpoint(&court.base[0], "POST", "/forum", 10);
    add_endpoint(&court.candidate[0], "GET", "/forum", 15);
    add_endpoint(&court.candidate[0], "POST", "/forum", 10);
    court_judge(&court, 1);
    court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED);
    assert_int_equal(court_row(&court, "/forum", METRIC_AVERAGE)->status, ROW_REGRESSED);
    assert_null(court_row(&court, "/forum", METRIC_AVERAGE)->acceptance);
    court.n_acceptances = 2;
    court.acceptances[1].scope = "POST /forum";
    court_judge(&court, 1);
    court.acceptances[1].scope = "GET /forum";
    court_judge(&court, 0);
    assert_string_equal(court.verdict.summary, "no regression beyond what was accepted: 9 rows "
                                               "judged, 2 accepted regressions");
    court.acceptances[1].metric = METRIC_P95;
    court_judge(&court, 1);
    court_close(&court);
}

static void test_accept__the_one_that_was_accepted_last_counts(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.n_acceptances = 2;
    court.acceptances[1].value = 12;
    court.acceptances[1].by = "Bob <b@b.c>";
    court.acceptances[1].accepted_ns--;
    court_judge(&court, 0);
    court.acceptances[1].accepted_ns += 2;
    court_judge(&court, 1);
    assert_says(court.verdict.summary, "accepted only up to 12.0 ms by Bob <b@b.c>");
    court.acceptances[1].accepted_ns = court.acceptances[0].accepted_ns; /* the stricter one */
    court_judge(&court, 1);
    court.acceptances[1].value = 20;
    court.acceptances[0].value = 12;
    court_judge(&court, 1);
    court.acceptances[1].accepted_ns++;
    court_judge(&court, 0);
    court.acceptances[1].until = PAST_DAY; /* the last one of those that are not over */
    court_judge(&court, 1);
    court.acceptances[0].value = 18;
    court_judge(&court, 0);
    assert_says(court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED)->reason, "up to 18.0 ms by Ann");
    court_close(&court);
}

static void test_accept__until_the_end_of_the_last_day(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.acceptances[0].until = LAST_DAY;
    court_judge(&court, 0);
    court.in.now_ns = NOON_NS + DAY_NS / 2 - 1;
    court_judge(&court, 0);
    court.in.now_ns++;
    court_judge(&court, 1);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED);
    assert_int_equal(row->n_warnings, 1);
    assert_string_equal(row->warnings[0],
                        "no longer accepted, as the last day is over: up to 20.0 ms by Ann "
                        "<a@b.c> until 2024-10-04: new index costs a lookup "
                        "(1a2b3c4:baselines/x.accept.json)");
    assert_null(row->acceptance);
    assert_null(strstr(row->reason, "accepted"));
    court_close(&court);
}

static void test_accept__one_that_is_over_is_named_only_where_it_would_have_covered(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.acceptances[0].until = PAST_DAY;
    court.acceptances[0].value = 14; /* it would not have */
    court_judge(&court, 1);
    assert_int_equal(court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED)->n_warnings, 0);
    court.acceptances[0].value = 20;
    court.candidate[0].metrics.average_ms = 10; /* nothing to cover */
    court_judge(&court, 0);
    assert_int_equal(court_expect(&court, METRIC_AVERAGE, ROW_STABLE)->n_warnings, 0);
    court.candidate[0].metrics.average_ms = 15;
    court.n_acceptances = 2;
    court.acceptances[1].value = 12; /* another one has replaced it */
    court.acceptances[1].accepted_ns++;
    court_judge(&court, 1);
    assert_int_equal(court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED)->n_warnings, 0);
    court.acceptances[1].accepted_ns -= 2;
    court_judge(&court, 1);
    assert_int_equal(court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED)->n_warnings, 1);
    court_close(&court);
}

static void test_accept__a_scope_that_no_report_has_is_a_warning(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    add_endpoint(&court.base[0], "GET", "/gone", 10);
    court.n_acceptances = 4;
    court.acceptances[1].scope = "GET /gone";
    court.acceptances[2].metric = METRIC_MAX; /* no row, but no typo */
    court.acceptances[3].scope = "GET /fourm";
    court.acceptances[3].until = PAST_DAY;
    court_judge(&court, 0);
    assert_int_equal(court.verdict.n_warnings, 1); /* that thresholds alone decide */
    court.acceptances[3].until = NULL;
    court_judge(&court, 0);
    assert_int_equal(court.verdict.n_warnings, 2);
    assert_string_equal(court.verdict.warnings[1],
                        "an acceptance is for 'GET /fourm', which is in no report "
                        "(1a2b3c4:baselines/x.accept.json)");
    court.acceptances[2].scope = "GET /form";
    court.acceptances[1].scope = "get /gone";
    court_judge(&court, 0);
    assert_int_equal(court.verdict.n_warnings, 2);
    assert_says(court.verdict.warnings[1], "'get /gone', which is in no report");
    assert_says(court.verdict.warnings[1], ", and so are 2 more");
    court_close(&court);
}

static void test_accept__somebody_elses_words_are_cut(void **state)
{
    (void)state;
    struct court court;
    char words[3000];
    for (size_t i = 0; i + 3 < sizeof words; i += 3)
        memcpy(words + i, "\xe2\x82\xac", 3); /* the euro sign */
    words[sizeof words - 3] = '\0';
    court_open(&court, COMPARISON_FILE, 1);
    court.acceptances[0].by = court.acceptances[0].reason = court.acceptances[0].place = words;
    court_judge(&court, 0);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED);
    assert_true(strlen(row->reason) < 3 * (100 + 200 + 240) + 200);
    assert_says(row->reason, "\xe2\x82\xac\xe2\x80\xa6: \xe2\x82\xac"); /* whole characters */
    assert_string_equal(row->acceptance->reason, words);
    court_close(&court);
}

/* ---- two policies ---- */

static void test_accept__under_both_policies_or_not_at_all(void **state)
{
    (void)state;
    struct court court;
    court_open(&court, COMPARISON_FILE, 1);
    court.in.candidate_policy = &court.candidate_policy;
    court_judge(&court, 0);
    assert_int_equal(court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED)->n_warnings, 0);
    court.candidate_policy.overall.threshold[METRIC_AVERAGE] = 2; /* a breach under one only */
    court_judge(&court, 0);
    assert_says(court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED)->warnings[0],
                "by the base's policy; the candidate's says stable");
    court.policy.overall.threshold[METRIC_AVERAGE] = 2;
    court.candidate_policy.overall.threshold[METRIC_AVERAGE] = 1.1;
    court_judge(&court, 0);
    assert_says(court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED)->warnings[0],
                "by the candidate's policy; the base's says stable");
    /* Accepted under the one, over the limit of the other. */
    court.policy.overall.threshold[METRIC_AVERAGE] = 1.1;
    court.candidate_policy.overall.limit[METRIC_AVERAGE].critical = 12;
    court_judge(&court, 1);
    assert_says(court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED)->warnings[1],
                "by the candidate's policy; the base's says accepted");
    court.policy.overall.limit[METRIC_AVERAGE].critical = 12;
    court.candidate_policy.overall.limit[METRIC_AVERAGE].critical = 5000;
    court_judge(&court, 1);
    assert_says(court_expect(&court, METRIC_AVERAGE, ROW_REGRESSED)->warnings[1],
                "by the base's policy; the candidate's says accepted");
    court.policy.overall.limit[METRIC_AVERAGE].critical = 5000;
    court.acceptances[0].value = 14; /* worse than the value under both */
    court_judge(&court, 1);
    court_close(&court);
}

/* ---- paired runs ---- */

static void pair_up(struct court *court, const struct synth *how)
{
    court_open(court, COMPARISON_PAIRED, 1);
    synth_paired(how, 1, &court->candidate[0], &court->base[0]);
}

static void test_accept__a_paired_regression(void **state)
{
    (void)state;
    struct court court;
    pair_up(&court, &(struct synth){.seed = 2, .slow = {0, 0, 0.5, 0}});
    court.acceptances[0].scope = "GET /c";
    court_judge(&court, 1);
    const struct verdict_row *row = court_row(&court, "/c", METRIC_AVERAGE);
    assert_int_equal(row->status, ROW_ACCEPTED);
    assert_true(row->p < 0.001 && row->interval_low > 1);
    assert_int_equal(court_row(&court, "/c", METRIC_P95)->status, ROW_REGRESSED);
    court.acceptances[0].value = row->candidate - 0.001;
    court_judge(&court, 1);
    row = court_row(&court, "/c", METRIC_AVERAGE);
    assert_int_equal(row->status, ROW_REGRESSED);
    assert_says(row->reason, "; p < 0.001; accepted only up to");
    court_close(&court);
}

/* What may be noise may be accepted too, so that the whole run is decided. */
static void test_accept__a_breach_that_may_be_noise(void **state)
{
    (void)state;
    struct court court;
    pair_up(&court, &(struct synth){.seed = 10});
    struct report_endpoint *endpoint = &court.candidate[0].endpoints[0];
    endpoint->blocks->sum_ns[3] += INT64_C(20000000000);
    struct metrics *whole = &court.candidate[0].metrics;
    whole->average_ms += 20000.0 / (double)whole->total_requests;
    court.acceptances[0].value = whole->average_ms;
    court.n_acceptances = 0;
    court_judge(&court, 3);
    court_expect(&court, METRIC_AVERAGE, ROW_INSUFFICIENT);
    court.n_acceptances = 1;
    court_judge(&court, 0);
    assert_null(strstr(court_expect(&court, METRIC_AVERAGE, ROW_ACCEPTED)->reason, "noise"));
    court.acceptances[0].value = nextafter(whole->average_ms, 0);
    court_judge(&court, 3);
    const struct verdict_row *row = court_expect(&court, METRIC_AVERAGE, ROW_INSUFFICIENT);
    assert_says(row->reason, "may be noise");
    assert_says(row->reason, "; accepted only up to");
    court_close(&court);
}

static void test_accept__failures_too_few_to_test(void **state)
{
    (void)state;
    struct court court;
    pair_up(&court, &(struct synth){.seed = 7});
    struct metrics *whole = &court.candidate[0].metrics;
    whole->total_failures = 9;
    court.policy.overall.limit[METRIC_ERROR_RATE].target = 0.001;
    court.acceptances[0].metric = METRIC_ERROR_RATE;
    court.acceptances[0].value = 9 / (double)whole->total_requests;
    court_judge(&court, 0);
    assert_says(court_expect(&court, METRIC_ERROR_RATE, ROW_ACCEPTED)->reason,
                "over the target of 0.10 %, accepted up to");
    court.acceptances[0].value = nextafter(court.acceptances[0].value, 0);
    court_judge(&court, 3);
    court_expect(&court, METRIC_ERROR_RATE, ROW_INSUFFICIENT);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept__a_breach_up_to_the_value_passes_and_says_who_where_and_why),
        cmocka_unit_test(test_accept__a_figure_that_is_worse_fails_and_says_what_was_accepted),
        cmocka_unit_test(test_accept__more_is_better_down_to_the_value),
        cmocka_unit_test(test_accept__error_rates_of_a_base_without_failures),
        cmocka_unit_test(test_accept__what_is_no_breach_needs_no_acceptance),
        cmocka_unit_test(test_accept__what_is_over_its_limit_is_not_accepted),
        cmocka_unit_test(test_accept__only_what_it_names),
        cmocka_unit_test(test_accept__the_one_that_was_accepted_last_counts),
        cmocka_unit_test(test_accept__until_the_end_of_the_last_day),
        cmocka_unit_test(test_accept__one_that_is_over_is_named_only_where_it_would_have_covered),
        cmocka_unit_test(test_accept__a_scope_that_no_report_has_is_a_warning),
        cmocka_unit_test(test_accept__somebody_elses_words_are_cut),
        cmocka_unit_test(test_accept__under_both_policies_or_not_at_all),
        cmocka_unit_test(test_accept__a_paired_regression),
        cmocka_unit_test(test_accept__a_breach_that_may_be_noise),
        cmocka_unit_test(test_accept__failures_too_few_to_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
