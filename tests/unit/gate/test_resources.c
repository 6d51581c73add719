/* The limits of the target's CPU and memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/gate/court.h"

static void use(struct report *report, double cpu, double memory, bool of_machine)
{
    report->resources = arena_array(&report->arena, 1, sizeof *report->resources);
    *report->resources = (struct report_resources){
        .cpu_usage = cpu, .memory_usage = memory, .of_machine = of_machine};
}

static void open_equal(struct court *court, enum comparison comparison, size_t n_bases)
{
    court_open(court, comparison, n_bases);
    court->n_acceptances = 0;
    court->candidate[0].metrics.average_ms = 10;
}

static void test_resources__built_in_limits_only_warn(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    use(&court.candidate[0], 0.97, 0.85, false);
    court_judge(&court, 0);
    const struct verdict_row *row = court_expect(&court, METRIC_CPU_USAGE, ROW_STABLE);
    assert_int_equal(row->n_warnings, 1);
    assert_says(row->warnings[0], "CPU 97.0 % is over its limit of 90.0 %");
    row = court_expect(&court, METRIC_MEMORY_USAGE, ROW_STABLE);
    assert_says(row->warnings[0], "memory 85.0 % is over its target of 80.0 %");
    court_close(&court);
}

static void test_resources__limits_of_the_policy_file_fail(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    court.policy.overall.limit_set[METRIC_CPU_USAGE] = true;
    use(&court.candidate[0], 0.97, 0.1, false);
    use(&court.base[0], 0.5, 0.1, false);
    court_judge(&court, 1);
    const struct verdict_row *row = court_expect(&court, METRIC_CPU_USAGE, ROW_OVER_LIMIT);
    assert_says(row->reason, "CPU 97.0 % is over its limit of 90.0 %");
    /* Not where the base breaks it as well. */
    use(&court.base[0], 0.95, 0.1, false);
    court_judge(&court, 0);
    row = court_expect(&court, METRIC_CPU_USAGE, ROW_STABLE);
    assert_says(row->warnings[0], "and so is the base");
    /* What the base's whole machine did is no excuse. */
    use(&court.base[0], 0.95, 0.1, true);
    court_judge(&court, 1);
    court_close(&court);
}

static void test_resources__a_machine_fails_nothing(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    court.policy.overall.limit_set[METRIC_CPU_USAGE] = true;
    use(&court.candidate[0], 0.97, 0.1, true);
    court_judge(&court, 0);
    const struct verdict_row *row = court_expect(&court, METRIC_CPU_USAGE, ROW_STABLE);
    assert_says(row->warnings[0], "CPU of the whole machine 97.0 % is over its limit of 90.0 %");
    court_close(&court);
}

static void test_resources__stored_runs_have_a_median(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_STORED, 3);
    court.policy.overall.limit_set[METRIC_CPU_USAGE] = true;
    for (size_t i = 0; i < 3; i++)
        use(&court.base[i], 0.3 * (double)(i + 1), 0.1, i == 2);
    use(&court.candidate[0], 0.97, 0.1, false);
    court_judge(&court, 1);
    const struct verdict_row *row = court_expect(&court, METRIC_CPU_USAGE, ROW_OVER_LIMIT);
    assert_float_equal(row->base, 0.45, 1e-12);
    assert_float_equal(row->candidate, 0.97, 1e-12);
    court_close(&court);
}

static void test_resources__nothing_known_is_no_row(void **state)
{
    (void)state;
    struct court court;
    open_equal(&court, COMPARISON_FILE, 1);
    use(&court.candidate[0], (double)NAN, (double)NAN, false);
    court_judge(&court, 0);
    for (size_t i = 0; i < court.verdict.n_rows; i++)
        assert_true(court.verdict.rows[i].metric != METRIC_CPU_USAGE);
    court_close(&court);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resources__built_in_limits_only_warn),
        cmocka_unit_test(test_resources__limits_of_the_policy_file_fail),
        cmocka_unit_test(test_resources__a_machine_fails_nothing),
        cmocka_unit_test(test_resources__stored_runs_have_a_median),
        cmocka_unit_test(test_resources__nothing_known_is_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
