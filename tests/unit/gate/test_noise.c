/* What makes the evidence of a paired run weaker than it looks, each alone: two sides that are
 * equal to the last request but for what a test changes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gate/gate.h"
#include "gate/starts.h"
#include "stats/dist.h"
#include "synth.h"

#define BATCHES 40

struct twins {
    struct report candidate, base;
    struct policy policy;
    struct verdict verdict;
};

static void copy_blocks(const struct report_blocks *from, struct report_blocks *to)
{
    memcpy(to->count, from->count, from->n_count * sizeof *to->count);
    memcpy(to->sum_ns, from->sum_ns, from->n_sum * sizeof *to->sum_ns);
    memcpy(to->failures, from->failures, from->n_failures * sizeof *to->failures);
    memcpy(to->batches, from->batches, from->n_batches * sizeof *to->batches);
}

/* Two equal sides of which only `metric` of the whole run is judged. */
static void twins_open(struct twins *twins, enum metric metric, double threshold)
{
    struct synth how = {.seed = 1, .pairs = BATCHES, .batches = BATCHES};
    *twins = (struct twins){0};
    policy_init_default(&twins->policy);
    for (int i = 0; i < METRIC_COUNT; i++)
        twins->policy.overall.threshold[i] = (double)NAN;
    twins->policy.overall.threshold[metric] = threshold;
    synth_paired(&how, 1, &twins->candidate, &twins->base);
    for (size_t i = 0; i < SYNTH_ENDPOINTS; i++)
        copy_blocks(twins->base.endpoints[i].blocks, twins->candidate.endpoints[i].blocks);
    /* endpoints without requests of their own are not judged, but their evidence is there */
    for (size_t i = 0; i < SYNTH_ENDPOINTS; i++)
        twins->base.endpoints[i].metrics = twins->candidate.endpoints[i].metrics =
            (struct metrics){.total_requests = 1};
    twins->candidate.metrics = twins->base.metrics;
}

static const struct verdict_row *judge(struct twins *twins)
{
    const struct report *candidates[] = {&twins->candidate}, *bases[] = {&twins->base};
    struct gate_input in = {.candidates = candidates,
                            .n_candidates = 1,
                            .bases = bases,
                            .n_bases = 1,
                            .comparison = COMPARISON_PAIRED,
                            .policy = &twins->policy};
    struct err err = {0};
    verdict_release(&twins->verdict);
    assert_int_equal(gate_judge(&in, &twins->verdict, &err), 0);
    size_t found = twins->verdict.n_rows;
    for (size_t i = 0; i < twins->verdict.n_rows; i++)
        if (!twins->verdict.rows[i].endpoint && !isnan(twins->verdict.rows[i].threshold))
            found = i;
    assert_true(found < twins->verdict.n_rows);
    return &twins->verdict.rows[found];
}

static void twins_close(struct twins *twins)
{
    verdict_release(&twins->verdict);
    policy_release(&twins->policy);
    report_release(&twins->candidate);
    report_release(&twins->base);
}

static double half_interval(const struct verdict_row *row)
{
    return log(row->interval_high / row->interval_low) / 2;
}

static void test_noise__no_error_is_smaller_than_that_between_starts(void **state)
{
    (void)state;
    struct twins twins;
    twins_open(&twins, METRIC_AVERAGE, 1.1);
    double expected = dist_t_quantile(0.005, BATCHES - 1) * STARTS_SPREAD;
    assert_true(fabs(half_interval(judge(&twins)) - expected) < 1e-9);
    twins_close(&twins);
}

static void test_noise__no_quantile_is_surer_than_its_histogram(void **state)
{
    (void)state;
    struct twins twins;
    twins_open(&twins, METRIC_P95, 1.2);
    double error =
        sqrt(HISTOGRAM_RESOLUTION * HISTOGRAM_RESOLUTION + STARTS_SPREAD * STARTS_SPREAD);
    double expected = dist_t_quantile(0.005, BATCHES - 1) * error;
    assert_true(fabs(half_interval(judge(&twins)) - expected) < 1e-9);
    twins_close(&twins);
}

/* Ten pairs of forty, all slower on one side: by swapping labels that is one chance in 2^10, where
 * Student's tail sees much less. */
static void test_noise__ten_pairs_are_no_surer_than_ten_coins(void **state)
{
    (void)state;
    struct twins twins;
    int64_t requests;
    twins_open(&twins, METRIC_AVERAGE, 1.1);
    requests = twins.base.metrics.total_requests;
    for (size_t i = 0; i < 20; i += 2)
        twins.candidate.endpoints[0].blocks->sum_ns[i] += INT64_C(1000000000);
    twins.candidate.metrics.average_ms += 10 * 1000.0 / (double)requests;
    double p = judge(&twins)->p;
    assert_true(judge(&twins)->change > 30);
    assert_true(p > 0.0004 && p < 0.003);
    for (size_t i = 1; i < 40; i += 2) /* thirty are */
        twins.candidate.endpoints[0].blocks->sum_ns[i] += INT64_C(1000000000);
    twins.candidate.metrics.average_ms += 20 * 1000.0 / (double)requests;
    assert_true(judge(&twins)->p < 1e-6);
    twins_close(&twins);
}

/* One failure in every other batch is less than chance varies; it still is one failure at a time.
 */
static void test_noise__even_failures_are_no_surer_than_a_binomial(void **state)
{
    (void)state;
    struct twins twins;
    twins_open(&twins, METRIC_ERROR_RATE, 2);
    for (size_t i = 0; i < BATCHES; i++)
        twins.candidate.endpoints[0].blocks->failures[i] = i < 24;
    twins.candidate.metrics.total_failures = 24;
    assert_true(judge(&twins)->p >= 0.99 * ldexp(1, -24));
    for (size_t i = 0; i < BATCHES; i++)
        twins.candidate.endpoints[0].blocks->failures[i] = i == 7 ? 24 : 0;
    assert_true(judge(&twins)->p > 0.1); /* one burst */
    twins_close(&twins);
}

/* A closed model sends a slow side fewer requests: sums of latencies stay, the mean does not. */
static void test_noise__a_slow_side_with_fewer_requests_is_found(void **state)
{
    (void)state;
    struct twins twins;
    twins_open(&twins, METRIC_AVERAGE, 1.1);
    for (size_t i = 0; i < SYNTH_ENDPOINTS; i++)
        for (size_t pair = 0; pair < BATCHES; pair++)
            twins.candidate.endpoints[i].blocks->count[pair] /= 2;
    twins.candidate.metrics.total_requests /= 2;
    twins.candidate.metrics.average_ms *= 2;
    assert_int_equal(judge(&twins)->status, ROW_REGRESSED);
    twins_close(&twins);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise__no_error_is_smaller_than_that_between_starts),
        cmocka_unit_test(test_noise__no_quantile_is_surer_than_its_histogram),
        cmocka_unit_test(test_noise__ten_pairs_are_no_surer_than_ten_coins),
        cmocka_unit_test(test_noise__a_slow_side_with_fewer_requests_is_found),
        cmocka_unit_test(test_noise__even_failures_are_no_surer_than_a_binomial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
