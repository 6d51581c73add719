/*
 * How often a row is found at its first try, just over what the verdict claims to be detectable, on
 * made-up runs with fixed seeds, of which none may have a fault. SELFTEST_SHOW=1 prints the counts.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "gate/selftest.h"
#include "synth.h"

#define RUNS 20

struct counts {
    size_t rows[METRIC_COUNT], late[METRIC_COUNT]; /* that were found, and not at once */
    double worst[METRIC_COUNT];                    /* log of the change over that of the claim */
    size_t undecided;
};

/* Two roundings to a bucket are no second try. */
static void count_row(const struct selftest_row *row, struct counts *counts)
{
    double claimed = log(fmax(row->threshold, 1 + row->detectable));
    double found = log(row->found / row->base);
    if (row->state != SELFTEST_FIRES)
        return;
    counts->rows[row->metric]++;
    if (found <= claimed + (row->metric == METRIC_P95 ? 0.033 : 0.001))
        return;
    counts->late[row->metric]++;
    counts->worst[row->metric] = fmax(counts->worst[row->metric], found / claimed);
}

static void run_once(const struct synth *how, struct counts *counts)
{
    struct report candidate, base;
    struct policy policy;
    struct selftest selftest;
    struct err err = {0};
    const struct report *candidates = &candidate, *bases = &base;
    synth_paired(how, 1, &candidate, &base);
    policy_init_default(&policy);
    struct gate_input in = {.candidates = &candidates,
                            .n_candidates = 1,
                            .bases = &bases,
                            .n_bases = 1,
                            .comparison = COMPARISON_PAIRED,
                            .policy = &policy};
    if (selftest_run(&in, &selftest, &err))
        fail_msg("%s", err.text);
    if (selftest.n_faults)
        fail_msg("seed %d: %s", (int)how->seed, selftest.faults[0]);
    for (size_t i = 0; i < selftest.n_rows; i++)
        count_row(&selftest.rows[i], counts);
    counts->undecided += selftest.counts[SELFTEST_UNDECIDED];
    selftest_release(&selftest);
    policy_release(&policy);
    report_release(&candidate);
    report_release(&base);
}

static struct counts count(const char *what, struct synth how)
{
    struct counts counts = {0};
    for (how.seed = 7001; how.seed <= 7000 + RUNS; how.seed++)
        run_once(&how, &counts);
    static const enum metric shown[] = {METRIC_AVERAGE, METRIC_P95};
    for (size_t i = 0; i < 2 && getenv("SELFTEST_SHOW"); i++)
        print_message("%s, %s: %zu of %zu late, at most %.2f times; %zu undecided\n", what,
                      metric_info(shown[i])->title, counts.late[shown[i]], counts.rows[shown[i]],
                      counts.worst[shown[i]], counts.undecided);
    return counts;
}

static void test_selftest_rates__quiet_runs_and_failures(void **state)
{
    (void)state;
    const struct synth kinds[] = {
        {0},
        {.errors = 0.01, .candidate_errors = 0.01},
        {.errors = 0.005, .candidate_errors = 0.005, .burst = 0.03},
        {.pairs = 20, .batches = 20, .per_block = 60, .errors = 0.02, .candidate_errors = 0.005},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct counts counts = count("quiet", kinds[i]);
        assert_int_equal(counts.undecided, 0);
        assert_true(counts.late[METRIC_AVERAGE] <= 2);
        assert_true(counts.late[METRIC_P95] <= 20);
        assert_int_equal(counts.rows[METRIC_P95], 5 * RUNS);
    }
}

static void test_selftest_rates__rare_endpoints(void **state)
{
    (void)state;
    struct counts counts = count("rare", (struct synth){.per_block = 4});
    assert_true(counts.late[METRIC_AVERAGE] <= 2);
    assert_true(counts.late[METRIC_P95] <= 60);
}

static void test_selftest_rates__blocks_that_stand_still(void **state)
{
    (void)state;
    struct counts counts = count("outliers", (struct synth){.outliers = 0.1});
    assert_true(counts.undecided <= 90);
    count("stall", (struct synth){.stall = 10});
    counts = count("pauses", (struct synth){.pause_every = 20});
    assert_true(counts.worst[METRIC_AVERAGE] <= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selftest_rates__quiet_runs_and_failures),
        cmocka_unit_test(test_selftest_rates__rare_endpoints),
        cmocka_unit_test(test_selftest_rates__blocks_that_stand_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
