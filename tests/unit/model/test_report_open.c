/* What a report of the open model has besides. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/scenario.h"
#include "tests/unit/model/samples.h"

/* A report of `n` requests to one endpoint; what they took from their send is in `sent`. */
static void make(struct rng *rng, int64_t n, struct histogram *sent, struct report *out)
{
    struct histogram one = {0};
    sample_report(rng, 1, 0, out);
    out->run_id = "00ff00ff00ff00ff";
    out->series = NULL;
    struct report_endpoint *endpoint = &out->endpoints[0];
    endpoint->histogram = (struct histogram_sparse){0};
    sample_histogram(rng, n, &one);
    endpoint->metrics.total_failures = out->metrics.total_failures = 0;
    metrics_from_histogram(&endpoint->metrics, &one);
    histogram_to_sparse(&one, &out->arena, &endpoint->histogram);
    metrics_from_histogram(&out->metrics, &one);
    histogram_release(&one);
    histogram_reset(sent);
    sample_histogram(rng, n, sent);
    endpoint->from_send = report_sent_new(sent, true, &out->arena);
    out->from_send = report_sent_new(sent, false, &out->arena);
    out->arrivals = arena_array(&out->arena, 1, sizeof *out->arrivals);
    *out->arrivals = (struct report_arrivals){
        .process = ARRIVALS_POISSON, .rate = 50, .started = n, .missed = 2};
}

static int decode_text(const struct buf *text, struct report *report, struct err *err)
{
    return report_decode(text->data, text->len, "r.json", report, err);
}

static void test_report_open__round_trip_is_the_identity(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 4, 4);
    for (int i = 0; i < 20; i++) {
        struct report report, copy;
        struct histogram sent = {0};
        struct buf text = {0}, again = {0};
        struct err err = {0};
        make(&rng, rng_between(&rng, 1, 300), &sent, &report);
        report_encode(&report, &text);
        if (decode_text(&text, &copy, &err) < 0)
            fail_msg("%s", err.text);
        assert_true(copy.from_send->metrics.p99_ms >= report.from_send->metrics.p99_ms);
        assert_true(copy.from_send->metrics.p99_ms <= report.from_send->metrics.p99_ms);
        assert_true(isnan(copy.from_send->metrics.p999_ms));
        assert_int_equal(copy.endpoints[0].from_send->histogram.count, sent.count);
        assert_int_equal(copy.arrivals->process, ARRIVALS_POISSON);
        assert_int_equal(copy.arrivals->missed, 2);
        report_encode(&copy, &again);
        assert_string_equal(buf_text(&again), buf_text(&text));
        report_release(&report);
        report_release(&copy);
        histogram_release(&sent);
        buf_release(&text);
        buf_release(&again);
    }
}

static void test_report_open__refuses_what_contradicts_itself(void **state)
{
    (void)state;
    struct rng rng;
    struct report report, copy;
    struct histogram sent = {0};
    rng_init(&rng, 5, 5);
    make(&rng, 100, &sent, &report);
    struct report_sent *of_endpoint = report.endpoints[0].from_send;
    const struct report_sent good = *of_endpoint;
    static const char *const messages[] = {"from_send's histogram add up to 101",
                                           "but the histogram says", "expected ascending numbers"};
    for (size_t i = 0; i < 3; i++) {
        struct buf text = {0};
        struct err err = {0};
        *of_endpoint = good;
        switch (i) {
        case 0:
            of_endpoint->histogram.counts[0]++;
            of_endpoint->histogram.count++;
            break;
        case 1:
            of_endpoint->metrics.p99_ms *= 2;
            break;
        default:
            of_endpoint->histogram.index[0] = of_endpoint->histogram.index[1];
        }
        report_encode(&report, &text);
        assert_int_equal(decode_text(&text, &copy, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, messages[i]))
            fail_msg("%s", err.text);
        if (i == 0)
            of_endpoint->histogram.counts[0]--;
        buf_release(&text);
    }
    report_release(&report);
    histogram_release(&sent);
}

/* One that has them all, and one that lacks something of them. */
static void test_report_open__parts_merge_exactly_or_not_at_all(void **state)
{
    (void)state;
    struct rng rng;
    struct report parts[2], merged;
    struct histogram sent[2] = {{0}, {0}};
    const struct report *pointers[2] = {&parts[0], &parts[1]};
    static const char *const names[2] = {"a.json", "b.json"};
    struct err err = {0};
    rng_init(&rng, 6, 6);
    for (size_t i = 0; i < 2; i++)
        make(&rng, 100 + (int64_t)i, &sent[i], &parts[i]);
    parts[1].endpoints[0].name = parts[0].endpoints[0].name;
    parts[1].endpoints[0].method = parts[0].endpoints[0].method;
    histogram_merge(&sent[0], &sent[1]);
    double p99_ms = histogram_quantile(&sent[0], 0.99) / 1e6;

    assert_int_equal(report_merge(pointers, names, 2, &merged, &err), 0);
    assert_true(fabs(merged.from_send->metrics.p99_ms - p99_ms) <= 1e-9 * p99_ms);
    assert_int_equal(merged.endpoints[0].from_send->histogram.count, 201);
    assert_int_equal(merged.arrivals->started, 201);
    assert_int_equal(merged.arrivals->missed, 4);
    assert_true(merged.arrivals->rate >= 100 && merged.arrivals->rate <= 100); /* at once */
    report_release(&merged);

    parts[1].run_id = "11ff00ff00ff00ff"; /* one after the other */
    parts[1].arrivals->rate = 50;
    assert_int_equal(report_merge(pointers, names, 2, &merged, &err), 0);
    assert_true(merged.arrivals->rate >= 50 && merged.arrivals->rate <= 50);
    report_release(&merged);

    parts[1].endpoints[0].from_send = NULL;
    parts[1].arrivals = NULL;
    assert_int_equal(report_merge(pointers, names, 2, &merged, &err), 0);
    assert_null(merged.from_send);
    assert_null(merged.endpoints[0].from_send);
    assert_null(merged.arrivals);
    assert_int_equal(merged.metrics.total_requests, 201);
    report_release(&merged);
    for (size_t i = 0; i < 2; i++) {
        report_release(&parts[i]);
        histogram_release(&sent[i]);
    }
}

static void test_report_open__a_stored_run_keeps_the_arrivals_alone(void **state)
{
    (void)state;
    struct rng rng;
    struct report report;
    struct histogram sent = {0};
    struct buf text = {0};
    rng_init(&rng, 7, 7);
    make(&rng, 50, &sent, &report);
    report_encode_summary(&report, &text);
    assert_null(strstr(buf_text(&text), "from_send"));
    assert_non_null(strstr(buf_text(&text),
                           "\"arrivals\": {\"process\": \"poisson\", \"rate\": 50, "
                           "\"started\": 50, \"missed\": 2}"));
    buf_release(&text);
    report_release(&report);
    histogram_release(&sent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_open__round_trip_is_the_identity),
        cmocka_unit_test(test_report_open__refuses_what_contradicts_itself),
        cmocka_unit_test(test_report_open__parts_merge_exactly_or_not_at_all),
        cmocka_unit_test(test_report_open__a_stored_run_keeps_the_arrivals_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
