/* The threshold rule, held against an implementation of its own on random pairs of reports. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "gate/decide.h"
#include "gate/gate.h"
#include "synth.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof *(a))
#define PAIRS         100000

/* What the rule says, written down a second time: by integers of the doubles' bits, which have the
 * order of positive doubles. */
enum expected {
    EXPECT_BREACH,
    EXPECT_BETTER,
    EXPECT_SAME,
    EXPECT_ERRORED,
    EXPECT_MISSING,
    EXPECT_BLIND
};

static uint64_t bits(double value)
{
    uint64_t word;
    memcpy(&word, &value, sizeof word);
    return word;
}

static int exceeds(double base, double current, double threshold)
{
    volatile double bound = base * threshold; /* rounded to a double, whatever the compiler does */
    return bits(base) != 0 && bits(current) > bits(bound);
}

static enum expected expect(double base, double current, double threshold)
{
    if (current != current)
        return EXPECT_ERRORED;
    if (base != base)
        return EXPECT_MISSING;
    if (exceeds(base, current, threshold))
        return EXPECT_BREACH;
    return exceeds(current, base, threshold) ? EXPECT_BETTER : EXPECT_SAME;
}

static const enum row_status statuses[] = {[EXPECT_BREACH] = ROW_REGRESSED,
                                           [EXPECT_BETTER] = ROW_IMPROVED,
                                           [EXPECT_SAME] = ROW_STABLE,
                                           [EXPECT_ERRORED] = ROW_ERRORED,
                                           [EXPECT_MISSING] = ROW_MISSING_BASELINE,
                                           [EXPECT_BLIND] = ROW_NOT_COMPARABLE};

static double random_base(struct rng *rng)
{
    static const double edges[] = {0, DBL_TRUE_MIN, DBL_MIN, 1, 10, 1e300, DBL_MAX, (double)NAN};
    if (rng_below(rng, 4) == 0)
        return edges[rng_below(rng, ARRAY_SIZE(edges))];
    return exp(20 * rng_unit(rng) - 8);
}

/* Mostly at or next to the threshold. */
static double random_current(struct rng *rng, double base, double threshold)
{
    double bound = base * threshold;
    switch (rng_below(rng, 8)) {
    case 0:
        return base;
    case 1:
        return bound;
    case 2:
        return nextafter(bound, INFINITY);
    case 3:
        return bound > 0 ? nextafter(bound, 0) : 0;
    case 4:
        return base / threshold;
    case 5:
        return nextafter(base / threshold, 0);
    case 6:
        return random_base(rng);
    default:
        return base * (0.5 + rng_unit(rng));
    }
}

static const struct verdict_row *row_of(const struct verdict *verdict, enum metric metric)
{
    size_t i = 0;
    while (i + 1 < verdict->n_rows && verdict->rows[i].metric != (int)metric)
        i++;
    assert_int_equal(verdict->rows[i].metric, metric);
    return &verdict->rows[i];
}

static void assert_row(const struct verdict *verdict, enum metric metric, enum expected expected)
{
    const struct verdict_row *row = row_of(verdict, metric);
    if (row->status != (int)statuses[expected])
        fail_msg("base %a, candidate %a, threshold %a: found %s, expected %s", row->base,
                 row->candidate, row->threshold, row_status_name((enum row_status)row->status),
                 row_status_name(statuses[expected]));
}

static int exit_of(const enum expected *expected, size_t n)
{
    int undecided = 0;
    for (size_t i = 0; i < n; i++) {
        if (expected[i] == EXPECT_BREACH)
            return 1;
        undecided |= expected[i] >= EXPECT_ERRORED;
    }
    return undecided ? 3 : 0;
}

static enum expected expect_rate(const struct metrics *base, const struct metrics *candidate,
                                 double threshold)
{
    double b = (double)base->total_failures / (double)base->total_requests;
    double c = (double)candidate->total_failures / (double)candidate->total_requests;
    if (base->total_failures == 0)
        return c > 0.01 ? EXPECT_BREACH : EXPECT_SAME;
    if (candidate->total_failures == 0)
        return b > 0.01 ? EXPECT_BETTER : EXPECT_SAME;
    enum expected expected = expect(b, c, threshold);
    return expected == EXPECT_SAME && b * threshold >= 1 ? EXPECT_BLIND : expected;
}

static void check_one_pair(struct rng *rng, struct policy *policy)
{
    double thresholds[3];
    for (size_t i = 0; i < 3; i++)
        thresholds[i] = rng_below(rng, 2) ? 1.1 : 1 + 2 * rng_unit(rng);
    double average = random_base(rng), p95 = random_base(rng);
    struct report base = synth_flat(rng_between(rng, 1, 2000),
                                    rng_below(rng, 3) ? rng_between(rng, 0, 60) : 0, average, p95);
    struct report candidate = synth_flat(
        rng_between(rng, 1, 2000), rng_below(rng, 3) ? rng_between(rng, 0, 60) : 0,
        random_current(rng, average, thresholds[0]), random_current(rng, p95, thresholds[1]));
    policy->overall.threshold[METRIC_AVERAGE] = thresholds[0];
    policy->overall.threshold[METRIC_P95] = thresholds[1];
    policy->overall.threshold[METRIC_ERROR_RATE] = thresholds[2];
    const struct report *candidates[] = {&candidate}, *bases[] = {&base};
    struct gate_input in = {.candidates = candidates,
                            .n_candidates = 1,
                            .bases = bases,
                            .n_bases = 1,
                            .comparison = COMPARISON_FILE,
                            .policy = policy};
    struct verdict verdict;
    struct err err = {0};
    assert_int_equal(gate_judge(&in, &verdict, &err), 0);
    const enum expected expected[] = {
        expect(average, candidate.metrics.average_ms, thresholds[0]),
        expect(p95, candidate.metrics.p95_ms, thresholds[1]),
        expect_rate(&base.metrics, &candidate.metrics, thresholds[2]),
    };
    assert_row(&verdict, METRIC_AVERAGE, expected[0]);
    assert_row(&verdict, METRIC_P95, expected[1]);
    assert_row(&verdict, METRIC_ERROR_RATE, expected[2]);
    assert_int_equal(verdict.exit_code, exit_of(expected, 3));
    verdict_release(&verdict);
}

static void test_rule__agrees_with_a_second_implementation(void **state)
{
    (void)state;
    struct policy policy;
    struct rng rng;
    rng_init(&rng, 2026, 0);
    policy_init_default(&policy);
    for (int i = 0; i < METRIC_COUNT; i++)
        policy.overall.limit[i].critical = (double)NAN; /* thresholds alone */
    for (int i = 0; i < PAIRS; i++)
        check_one_pair(&rng, &policy);
    policy_release(&policy);
}

static void test_rule__edges(void **state)
{
    (void)state;
    double bound = 10 * 1.1;
    assert_false(decide_breach(METRIC_AVERAGE, 10, bound, 1.1));
    assert_true(decide_breach(METRIC_AVERAGE, 10, nextafter(bound, INFINITY), 1.1));
    assert_false(decide_breach(METRIC_AVERAGE, 0, 1e300, 1.1));
    assert_false(decide_breach(METRIC_AVERAGE, (double)NAN, 1, 1.1));
    assert_false(decide_breach(METRIC_AVERAGE, 1, (double)NAN, 1.1));
    assert_true(decide_breach(METRIC_AVERAGE, DBL_TRUE_MIN, 3 * DBL_TRUE_MIN, 1.1));
    assert_false(decide_breach(METRIC_AVERAGE, DBL_MAX, DBL_MAX, 1.1));
    /* more is better: 100 / 1.25 = 80 is allowed, what is below is not */
    assert_false(decide_breach(METRIC_REQUESTS_PER_S, 100, 80, 1.25));
    assert_true(decide_breach(METRIC_REQUESTS_PER_S, 100, nextafter(80, 0), 1.25));
    assert_false(decide_breach(METRIC_REQUESTS_PER_S, 100, 200, 1.25));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule__edges),
        cmocka_unit_test(test_rule__agrees_with_a_second_implementation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
