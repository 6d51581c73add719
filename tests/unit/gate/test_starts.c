/* What the starts of a paired run say of how far starts differ. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate/starts.h"
#include "synth.h"

#define MOST_STARTS 8
#define SCOPES      (SYNTH_ENDPOINTS + 1)

/* Reports of a paired run, and what is known of the scopes. */
struct run {
    size_t starts;
    struct report candidate[MOST_STARTS], base[MOST_STARTS];
    struct starts_spread spread[SCOPES]; /* the whole run first */
};

static void run_open(struct run *run, const struct synth *how, size_t starts)
{
    *run = (struct run){.starts = starts};
    for (size_t i = 0; i < starts; i++)
        synth_paired(how, (int64_t)i + 1, &run->candidate[i], &run->base[i]);
}

static void run_close(struct run *run)
{
    for (size_t i = 0; i < run->starts; i++) {
        report_release(&run->candidate[i]);
        report_release(&run->base[i]);
    }
}

static void estimate(struct run *run)
{
    const struct report *candidates[MOST_STARTS], *bases[MOST_STARTS];
    struct evidence evidence[SCOPES];
    for (size_t i = 0; i < run->starts; i++) {
        candidates[i] = &run->candidate[i];
        bases[i] = &run->base[i];
    }
    const struct gate_input in = {.candidates = candidates,
                                  .n_candidates = run->starts,
                                  .bases = bases,
                                  .n_bases = run->starts,
                                  .comparison = COMPARISON_PAIRED};
    for (size_t i = 0; i < SCOPES; i++) {
        struct scope scope = {0};
        if (i) {
            scope.name = run->base[0].endpoints[i - 1].name;
            scope.method = run->base[0].endpoints[i - 1].method;
        }
        evidence_load(&in, &scope, &evidence[i]);
    }
    starts_estimate(evidence, SCOPES, run->spread);
    for (size_t i = 0; i < SCOPES; i++)
        evidence_release(&evidence[i]);
}

/* Of the prior alone; a little less. */
static double prior(size_t starts)
{
    double variance = STARTS_PRIOR_SPREAD * STARTS_PRIOR_SPREAD / (double)starts;
    return variance * STARTS_PRIOR_DF / (STARTS_PRIOR_DF + (double)starts - 1) * (1 - 1e-9);
}

/* The latencies of endpoint `i` of the candidate's start times `factor`. */
static void slow(struct run *run, size_t start, size_t i, double factor)
{
    struct report_blocks *blocks = run->candidate[start].endpoints[i].blocks;
    for (size_t pair = 0; pair < blocks->n_sum; pair++)
        blocks->sum_ns[pair] = (int64_t)((double)blocks->sum_ns[pair] * factor);
}

static void test_starts__a_single_one_has_the_stated_spread(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, &(struct synth){.seed = 1}, 1);
    estimate(&run);
    for (size_t i = 0; i < SCOPES; i++) {
        assert_true(run.spread[i].variance == STARTS_SPREAD * STARTS_SPREAD);
        assert_true(isinf(run.spread[i].df));
    }
    run_close(&run);
}

/* The noise within starts is not counted once more. */
static void test_starts__that_do_not_differ_leave_little_more_than_the_prior(void **state)
{
    (void)state;
    double sum = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct run run;
        run_open(&run, &(struct synth){.seed = seed, .per_block = 100}, 3);
        estimate(&run);
        assert_true(run.spread[0].variance >= prior(3));
        assert_true(run.spread[0].df == STARTS_PRIOR_DF + 2);
        sum += run.spread[0].variance / 20;
        run_close(&run);
    }
    assert_true(sum < 1.1 * prior(3));
}

/* Each side by 5 %: their ratio by sqrt(2) of that. */
static void test_starts__that_differ_are_found_to(void **state)
{
    (void)state;
    double sum = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct run run;
        run_open(&run, &(struct synth){.seed = seed, .per_block = 100, .start_spread = 0.05}, 8);
        estimate(&run);
        sum += run.spread[0].variance * 8 / 40;
        run_close(&run);
    }
    double expected = (STARTS_PRIOR_DF * STARTS_PRIOR_SPREAD * STARTS_PRIOR_SPREAD + 7 * 0.005) /
                      (STARTS_PRIOR_DF + 7);
    assert_true(sum > 0.8 * expected && sum < 1.3 * expected);
}

static void test_starts__a_row_that_differs_more_has_its_own(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, &(struct synth){.seed = 2, .per_block = 100}, 3);
    slow(&run, 1, 2, 1.2);
    estimate(&run);
    assert_true(run.spread[3].variance > 4 * run.spread[0].variance);
    assert_true(run.spread[3].variance > 4 * run.spread[1].variance);
    run_close(&run);
}

/* Not one row says so surely, all together do. */
static void test_starts__rows_that_agree_have_the_pool(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, &(struct synth){.seed = 3, .per_block = 100}, 3);
    for (size_t i = 0; i < SYNTH_ENDPOINTS; i++)
        slow(&run, 1, i, 1.2);
    estimate(&run);
    double least = run.spread[0].variance;
    for (size_t i = 1; i < SCOPES; i++)
        least = fmin(least, run.spread[i].variance);
    assert_true(least > 0.0005);
    run_close(&run);
}

static void test_starts__a_row_without_requests_has_the_pool(void **state)
{
    (void)state;
    struct run run;
    run_open(&run, &(struct synth){.seed = 3}, 3);
    for (size_t i = 0; i < run.starts; i++) {
        struct report_blocks *blocks = run.candidate[i].endpoints[1].blocks;
        for (size_t pair = 0; pair < blocks->n_count; pair++)
            blocks->count[pair] = blocks->sum_ns[pair] = 0;
    }
    estimate(&run);
    assert_true(run.spread[2].variance >= prior(3) && run.spread[2].variance < 0.001);
    run_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_starts__a_single_one_has_the_stated_spread),
        cmocka_unit_test(test_starts__that_do_not_differ_leave_little_more_than_the_prior),
        cmocka_unit_test(test_starts__that_differ_are_found_to),
        cmocka_unit_test(test_starts__a_row_that_differs_more_has_its_own),
        cmocka_unit_test(test_starts__rows_that_agree_have_the_pool),
        cmocka_unit_test(test_starts__a_row_without_requests_has_the_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
