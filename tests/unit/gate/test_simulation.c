/*
 * How often the gate is right, on made-up paired runs with heavy tails, a wandering machine, drift,
 * outlier blocks and starts that differ. Seeds are fixed, so the counts are exact; the bounds are
 * those that the binomial distribution gives a rate of one in a hundred thousand to break.
 * SIMULATION_RUNS multiplies the number of runs for `make soak`.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gate/gate.h"
#include "stats/dist.h"
#include "synth.h"

#define MOST_STARTS 3

struct tally {
    size_t runs, pass, fail, undecided;
    size_t named; /* failing verdicts that name GET /b */
};

static bool names_b(const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->n_regressions; i++)
        if (verdict->regressions[i].endpoint && strcmp(verdict->regressions[i].endpoint, "/b") == 0)
            return true;
    return false;
}

static void run_once(const struct synth *how, size_t starts, struct tally *tally)
{
    struct report reports[2][MOST_STARTS];
    const struct report *candidates[MOST_STARTS], *bases[MOST_STARTS];
    struct policy policy;
    struct verdict verdict;
    struct err err = {0};
    for (size_t i = 0; i < starts; i++) {
        synth_paired(how, (int64_t)i + 1, &reports[0][i], &reports[1][i]);
        candidates[i] = &reports[0][i];
        bases[i] = &reports[1][i];
    }
    policy_init_default(&policy);
    struct gate_input in = {.candidates = candidates,
                            .n_candidates = starts,
                            .bases = bases,
                            .n_bases = starts,
                            .comparison = COMPARISON_PAIRED,
                            .policy = &policy};
    if (gate_judge(&in, &verdict, &err))
        fail_msg("%s", err.text);
    tally->runs++;
    tally->pass += verdict.exit_code == 0;
    tally->fail += verdict.exit_code == 1;
    tally->undecided += verdict.exit_code == 3;
    tally->named += verdict.exit_code == 1 && names_b(&verdict);
    if (getenv("SIMULATION_SHOW") && verdict.exit_code)
        print_message("seed %llu: %s\n", (unsigned long long)how->seed, verdict.summary);
    verdict_release(&verdict);
    for (size_t i = 0; i < starts; i++) {
        report_release(&reports[0][i]);
        report_release(&reports[1][i]);
    }
}

static struct tally simulate(struct synth how, size_t starts, size_t runs)
{
    const char *more = getenv("SIMULATION_RUNS");
    struct tally tally = {0};
    runs *= more && atoi(more) > 0 ? (size_t)atoi(more) : 1;
    for (size_t i = 0; i < runs; i++) {
        how.seed = how.seed * 1000 + i + 1;
        run_once(&how, starts, &tally);
        how.seed = (how.seed - i - 1) / 1000;
    }
    print_message("%zu runs: %zu pass, %zu fail (%zu name /b), %zu undecided\n", tally.runs,
                  tally.pass, tally.fail, tally.named, tally.undecided);
    return tally;
}

/* Fails where `count` of `runs` would be seen less than once in 10^5 at that rate. */
static void assert_rate_at_most(size_t count, size_t runs, double rate)
{
    double p = dist_binomial_upper((double)count, (double)runs, rate);
    if (p < 1e-5)
        fail_msg("%zu of %zu is not a rate of %g (p = %g)", count, runs, rate, p);
}

static void test_simulation__equal_sides_pass(void **state)
{
    (void)state;
    struct tally one = simulate((struct synth){.seed = 1}, 1, 100);
    assert_rate_at_most(one.fail, one.runs, 0.001);
    assert_rate_at_most(one.undecided, one.runs, 0.01);
    struct tally three = simulate(
        (struct synth){.seed = 2, .pairs = 40, .batches = 20, .start_spread = 0.01}, 3, 40);
    assert_rate_at_most(three.fail, three.runs, 0.001);
    assert_rate_at_most(three.undecided, three.runs, 0.01);
}

static void test_simulation__nuisances_raise_no_alarm(void **state)
{
    (void)state;
    static const struct synth nuisances[] = {
        {.seed = 3, .drift = 1.5},
        {.seed = 4, .outliers = 0.03},
        {.seed = 5, .outliers = 0.15, .drift = 0.5},
        {.seed = 6, .errors = 0.005, .candidate_errors = 0.005},
        {.seed = 7, .burst = 0.03},
        {.seed = 8, .start_spread = 0.015},
        {.seed = 9, .per_block = 3, .outliers = 0.05},
    };
    for (size_t i = 0; i < sizeof nuisances / sizeof *nuisances; i++) {
        struct tally tally = simulate(nuisances[i], 1, 40);
        assert_rate_at_most(tally.fail, tally.runs, 0.001);
    }
}

static void test_simulation__slow_downs_are_found(void **state)
{
    (void)state;
    struct synth all = {.seed = 10, .slow = {0.15, 0.15, 0.15, 0.15}};
    struct tally tally = simulate(all, 1, 40);
    assert_rate_at_most(tally.runs - tally.fail, tally.runs, 0.01);
    tally = simulate((struct synth){.seed = 11, .slow = {0, 0.5, 0, 0}}, 1, 40);
    assert_rate_at_most(tally.runs - tally.named, tally.runs, 0.01);
    tally = simulate((struct synth){.seed = 12, .slow = {0, 0.5, 0, 0}, .drift = 1}, 1, 40);
    assert_rate_at_most(tally.runs - tally.named, tally.runs, 0.01);
    tally = simulate((struct synth){.seed = 13, .pause_every = 4}, 1, 40);
    assert_rate_at_most(tally.runs - tally.fail, tally.runs, 0.01);
}

/* One block of the base in which the machine stood still must neither hide what is slower nor make
 * equal sides undecidable. */
static void test_simulation__one_stall_does_not_blind(void **state)
{
    (void)state;
    struct synth stall = {.seed = 17, .pairs = 160, .per_block = 30, .stall = 9};
    struct tally tally = simulate(stall, 1, 40);
    assert_rate_at_most(tally.runs - tally.pass, tally.runs, 0.01);
    stall.slow[0] = stall.slow[1] = stall.slow[2] = stall.slow[3] = 0.3;
    stall.seed = 18;
    tally = simulate(stall, 1, 40);
    assert_rate_at_most(tally.runs - tally.fail, tally.runs, 0.01);
}

static void test_simulation__failures_are_found_and_bursts_are_not_blamed(void **state)
{
    (void)state;
    struct tally tally =
        simulate((struct synth){.seed = 14, .errors = 0.005, .candidate_errors = 0.02}, 1, 40);
    assert_rate_at_most(tally.runs - tally.fail, tally.runs, 0.01);
    tally = simulate((struct synth){.seed = 15, .candidate_errors = 0.03}, 1, 40);
    assert_rate_at_most(tally.runs - tally.fail, tally.runs, 0.01);
}

static void test_simulation__small_changes_pass(void **state)
{
    (void)state;
    struct synth all = {.seed = 16, .slow = {0.05, 0.05, 0.05, 0.05}};
    struct tally tally = simulate(all, 1, 40);
    assert_rate_at_most(tally.fail, tally.runs, 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simulation__equal_sides_pass),
        cmocka_unit_test(test_simulation__nuisances_raise_no_alarm),
        cmocka_unit_test(test_simulation__slow_downs_are_found),
        cmocka_unit_test(test_simulation__one_stall_does_not_blind),
        cmocka_unit_test(test_simulation__failures_are_found_and_bursts_are_not_blamed),
        cmocka_unit_test(test_simulation__small_changes_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
