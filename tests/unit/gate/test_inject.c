/* Changed reports: what was asked for is in them, and they are still reports as perf-run writes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "gate/inject.h"
#include "synth.h"

/* A report before and after the same was done to all its endpoints. */
struct injection {
    struct report base, before, after;
};

static void change(struct inject how, struct injection *out)
{
    struct inject *changes[SYNTH_ENDPOINTS] = {&how, &how, &how, &how};
    report_release(&out->after);
    inject_report(&out->before, &how, changes, &out->after);
}

static void injection_open(struct injection *out, struct inject how)
{
    struct synth synth = {.seed = 11, .errors = 0.02, .candidate_errors = 0.02};
    *out = (struct injection){0};
    synth_paired(&synth, 1, &out->before, &out->base);
    change(how, out);
}

static void injection_close(struct injection *injection)
{
    report_release(&injection->after);
    report_release(&injection->before);
    report_release(&injection->base);
}

static void assert_ratio(double after, double before, double ratio, double tolerance)
{
    if (!(fabs(after / before - ratio) <= tolerance * ratio))
        fail_msg("%g / %g = %g, not %g", after, before, after / before, ratio);
}

/* Reading a report checks that its parts add up, and its figures against its histograms. */
static void assert_sound(const struct report *report)
{
    struct buf text = {0};
    struct report again;
    struct err err = {0};
    report_encode(report, &text);
    if (report_decode(buf_text(&text), text.len, "changed", &again, &err) < 0)
        fail_msg("%s", err.text);
    report_release(&again);
    buf_release(&text);
}

static void assert_latencies(const struct metrics *after, const struct metrics *before,
                             double ratio)
{
    assert_ratio(after->average_ms, before->average_ms, ratio, 1e-7);
    assert_ratio(after->median_ms, before->median_ms, ratio, 1.0 / 63);
    assert_ratio(after->p95_ms, before->p95_ms, ratio, 1.0 / 63);
    assert_ratio(after->p99_ms, before->p99_ms, ratio, 1.0 / 63);
    assert_ratio(after->min_ms, before->min_ms, ratio, 1e-5);
    assert_ratio(after->max_ms, before->max_ms, ratio, 1e-5);
    assert_int_equal(after->total_requests, before->total_requests);
    assert_int_equal(after->total_failures, before->total_failures);
    assert_true(after->requests_per_s == before->requests_per_s);
}

static void test_inject__nothing_changes_nothing(void **state)
{
    (void)state;
    struct injection injection;
    struct buf before = {0}, after = {0};
    injection_open(&injection, INJECT_NOTHING);
    report_encode(&injection.before, &before);
    report_encode(&injection.after, &after);
    assert_string_equal(buf_text(&after), buf_text(&before));
    buf_release(&before);
    buf_release(&after);
    injection_close(&injection);
}

static void test_inject__latencies_are_scaled_in_figures_and_evidence(void **state)
{
    (void)state;
    static const double factors[] = {0.03, 0.91, 1.0001, 1.25, 17, 30000};
    struct injection injection;
    injection_open(&injection, INJECT_NOTHING);
    for (size_t f = 0; f < sizeof factors / sizeof *factors; f++) {
        struct inject how = INJECT_NOTHING;
        how.latency = factors[f];
        change(how, &injection);
        assert_sound(&injection.after);
        assert_latencies(&injection.after.metrics, &injection.before.metrics, how.latency);
        for (size_t i = 0; i < SYNTH_ENDPOINTS; i++) {
            const struct report_endpoint *before = &injection.before.endpoints[i];
            const struct report_endpoint *after = &injection.after.endpoints[i];
            assert_latencies(&after->metrics, &before->metrics, how.latency);
            for (size_t pair = 0; pair < before->blocks->n_sum; pair++)
                assert_ratio((double)after->blocks->sum_ns[pair],
                             (double)before->blocks->sum_ns[pair], how.latency, 1e-6);
        }
    }
    injection_close(&injection);
}

static void test_inject__requests_come_more_or_less_often(void **state)
{
    (void)state;
    static const double factors[] = {0.01, 0.5, 0.9, 1.3};
    struct injection injection;
    injection_open(&injection, INJECT_NOTHING);
    for (size_t f = 0; f < sizeof factors / sizeof *factors; f++) {
        struct inject how = INJECT_NOTHING;
        how.requests = factors[f];
        change(how, &injection);
        const struct metrics *after = &injection.after.metrics, *before = &injection.before.metrics;
        assert_sound(&injection.after);
        assert_true(fabs((double)after->total_requests -
                         (double)before->total_requests * how.requests) <= 0.5);
        assert_true(fabs((double)after->total_failures -
                         (double)before->total_failures * how.requests) <= 1.5);
        assert_ratio(after->requests_per_s, before->requests_per_s,
                     (double)after->total_requests / (double)before->total_requests, 1e-12);
        assert_ratio(after->average_ms, before->average_ms, 1, 0.2);
    }
    injection_close(&injection);
}

static void test_inject__failures_are_taken_or_added_to_the_last_one(void **state)
{
    (void)state;
    struct injection injection;
    injection_open(&injection, INJECT_NOTHING);
    int64_t requests = injection.before.metrics.total_requests;
    int64_t failures = injection.before.metrics.total_failures;
    assert_in_range(failures, 50, 200);
    const int64_t wanted[] = {0, 7, failures - 1, failures + 1, 1000, requests - 3, requests};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct inject how = INJECT_NOTHING;
        if (wanted[i] < failures)
            how.kept = (double)wanted[i] / (double)failures;
        else
            how.added = (double)(wanted[i] - failures) / (double)(requests - failures);
        change(how, &injection);
        assert_sound(&injection.after);
        assert_int_equal(injection.after.metrics.total_failures, wanted[i]);
        assert_true(injection.after.metrics.error_rate == (double)wanted[i] / (double)requests);
        assert_true(injection.after.metrics.p95_ms == injection.before.metrics.p95_ms);
    }
    injection_close(&injection);
}

static void test_inject__one_endpoint_alone(void **state)
{
    (void)state;
    struct injection injection;
    injection_open(&injection, INJECT_NOTHING);
    struct inject nothing = INJECT_NOTHING, slow = INJECT_NOTHING;
    struct inject *changes[SYNTH_ENDPOINTS] = {&nothing, &nothing, &slow, &nothing};
    slow.latency = 3;
    report_release(&injection.after);
    inject_report(&injection.before, &nothing, changes, &injection.after);
    assert_sound(&injection.after);
    for (size_t i = 0; i < SYNTH_ENDPOINTS; i++)
        assert_latencies(&injection.after.endpoints[i].metrics,
                         &injection.before.endpoints[i].metrics, i == 2 ? 3 : 1);
    assert_ratio(injection.after.metrics.average_ms, injection.before.metrics.average_ms, 1.5, 0.1);
    injection_close(&injection);
}

static void test_inject__figures_without_evidence(void **state)
{
    (void)state;
    struct report before = synth_flat(1000, 10, 12.5, 30), after;
    struct inject how = {.latency = 1.5, .requests = 0.5, .kept = 1, .added = 0.1};
    inject_report(&before, &how, NULL, &after);
    assert_true(after.metrics.average_ms == 18.75 && after.metrics.p95_ms == 45);
    assert_true(isnan(after.metrics.median_ms));
    assert_int_equal(after.metrics.total_requests, 500);
    assert_int_equal(after.metrics.total_failures, 55); /* half of 10 + 99 */
    assert_true(after.metrics.requests_per_s == 50);
    assert_true(after.metrics.error_rate == 0.11);
    report_release(&after);
    report_release(&before);
}

/* A stored run keeps its endpoints' figures, and no histograms. */
static void test_inject__endpoints_without_histograms(void **state)
{
    (void)state;
    struct injection injection;
    struct buf text = {0};
    struct report summary;
    struct err err = {0};
    injection_open(&injection, INJECT_NOTHING);
    report_encode_summary(&injection.before, &text);
    if (report_decode(buf_text(&text), text.len, "stored", &summary, &err) < 0)
        fail_msg("%s", err.text);
    struct inject how = INJECT_NOTHING;
    struct inject *changes[SYNTH_ENDPOINTS] = {&how, &how, &how, &how};
    how.latency = 2;
    report_release(&injection.after);
    inject_report(&summary, &how, changes, &injection.after);
    assert_sound(&injection.after);
    assert_ratio(injection.after.metrics.p95_ms, summary.metrics.p95_ms, 2, 1e-12);
    for (size_t i = 0; i < SYNTH_ENDPOINTS; i++)
        assert_latencies(&injection.after.endpoints[i].metrics, &summary.endpoints[i].metrics, 2);
    report_release(&injection.after);
    report_release(&summary);
    buf_release(&text);
    injection_close(&injection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inject__nothing_changes_nothing),
        cmocka_unit_test(test_inject__latencies_are_scaled_in_figures_and_evidence),
        cmocka_unit_test(test_inject__requests_come_more_or_less_often),
        cmocka_unit_test(test_inject__failures_are_taken_or_added_to_the_last_one),
        cmocka_unit_test(test_inject__one_endpoint_alone),
        cmocka_unit_test(test_inject__figures_without_evidence),
        cmocka_unit_test(test_inject__endpoints_without_histograms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
