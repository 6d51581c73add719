/* The self-test of other comparisons than paired ones. */
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

/* The row of the whole run. */
static const struct selftest_row *overall(const struct selftest *selftest, enum metric metric)
{
    size_t found = selftest->n_rows;
    for (size_t i = 0; i < selftest->n_rows; i++)
        if (selftest->rows[i].metric == metric && !selftest->rows[i].endpoint)
            found = i;
    assert_true(found < selftest->n_rows);
    return &selftest->rows[found];
}

static void court_selftest(struct court *court, struct selftest *out)
{
    struct err err = {0};
    if (selftest_run(court_input(court), out, &err))
        fail_msg("%s", err.text);
    if (out->n_faults)
        fail_msg("%s", out->faults[0]);
}

/* By the threshold alone: just over it, and whatever was accepted. */
static void test_selftest__one_report_as_the_base(void **state)
{
    (void)state;
    struct court court;
    struct selftest selftest;
    court_open(&court, COMPARISON_FILE, 1);
    court_selftest(&court, &selftest);
    assert_int_equal(selftest.counts[SELFTEST_FIRES], 3);
    const struct selftest_row *row = overall(&selftest, METRIC_AVERAGE);
    assert_true(isnan(row->detectable));
    assert_true(row->found > 11 && row->found < 11.01);
    assert_true(overall(&selftest, METRIC_ERROR_RATE)->found > 0.01);
    selftest_release(&selftest);
    court_close(&court);
}

static void test_selftest__stored_runs(void **state)
{
    (void)state;
    static const double spread[] = {0.9, 0.95, 1, 1.05, 1.1};
    struct court court;
    struct selftest selftest;
    court_open(&court, COMPARISON_STORED, 5);
    for (size_t i = 0; i < 5; i++)
        court.base[i].metrics.average_ms *= spread[i];
    court_selftest(&court, &selftest);
    assert_int_equal(selftest.counts[SELFTEST_FIRES], 3);
    const struct selftest_row *row = overall(&selftest, METRIC_AVERAGE);
    assert_true(row->detectable > 0.4);
    assert_true(row->found / row->base > 1 + row->detectable);
    assert_true(row->found / row->base < (1 + row->detectable) * 1.001);
    selftest_release(&selftest);
    court_close(&court);
}

/* The one that will be in force: a broken rule can be mended, and must not be brought in. */
static void test_selftest__the_policy_of_the_change_is_tested(void **state)
{
    (void)state;
    struct court court;
    struct selftest selftest;
    struct err err = {0};
    court_open(&court, COMPARISON_FILE, 1);
    court.in.candidate_policy = &court.candidate_policy;
    court.policy.overall.threshold[METRIC_AVERAGE] = 1e308;
    court_selftest(&court, &selftest);
    selftest_release(&selftest);
    court.policy.overall.threshold[METRIC_AVERAGE] = 1.1;
    court.candidate_policy.overall.threshold[METRIC_AVERAGE] = 1e308;
    const struct report *candidate = &court.candidate[0], *base = &court.base[0];
    court.in.candidates = &candidate;
    court.in.bases = &base;
    assert_int_equal(selftest_run(&court.in, &selftest, &err), 0);
    assert_int_equal(selftest.n_faults, 1);
    selftest_release(&selftest);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selftest__one_report_as_the_base),
        cmocka_unit_test(test_selftest__stored_runs),
        cmocka_unit_test(test_selftest__the_policy_of_the_change_is_tested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
