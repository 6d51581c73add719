#include <math.h>

#include "model/report.h"
#include "model/report_shape.h"

/* Figures are computed from the evidence itself: what differs by more is not rounding. */
#define TOLERANCE 1e-6

static int fail_sum(const struct js_at *at, const char *what, int64_t sum, int64_t total,
                    struct err *err)
{
    if (sum == total)
        return 0;
    return js_fail(at, err,
                   "%s add up to %lld, but should to %lld; the file is damaged or was changed: "
                   "expected it as perf-run wrote it",
                   what, (long long)sum, (long long)total);
}

static int64_t sum_of(const int64_t *values, size_t from, size_t to)
{
    int64_t sum = 0;
    for (size_t i = from; i < to; i++)
        sum += values[i];
    return sum;
}

/* The latencies of `metrics` are those of the histogram that holds every request. */
static int check_figures(const struct js_at *at, const struct metrics *metrics,
                         const struct histogram *histogram, struct err *err)
{
    struct metrics expected = metrics_unknown();
    metrics_from_histogram(&expected, histogram);
    for (int i = 0; i < METRIC_COUNT; i++) {
        const struct metric_info *info = metric_info((enum metric)i);
        double figure = metric_value(metrics, (enum metric)i);
        double evidence = metric_value(&expected, (enum metric)i);
        if (info->unit != UNIT_MS || isnan(figure) ||
            fabs(figure - evidence) <= TOLERANCE * evidence)
            continue;
        return js_fail(at, err,
                       "the %s is %.6g ms, but the histogram says %.6g ms; the file is damaged or "
                       "was changed: expected it as perf-run wrote it",
                       info->title, figure, evidence);
    }
    return 0;
}

static int check_batches(const struct js_at *at, const struct report_blocks *blocks,
                         const struct report_pair *pair, struct err *err)
{
    size_t from = 0;
    for (size_t i = 0; i < blocks->n_batches; i++) {
        size_t to = (size_t)pair->batch_end[i];
        const struct histogram_sparse *batch = &blocks->batches[i];
        if (fail_sum(at, "the requests of a batch's pairs", sum_of(blocks->count, from, to),
                     batch->count, err) < 0 ||
            fail_sum(at, "the latencies of a batch's pairs", sum_of(blocks->sum_ns, from, to),
                     batch->sum_ns, err) < 0)
            return -1;
        from = to;
    }
    return 0;
}

/* What requests took from their send: there is one time for each. */
static int check_sent(const struct js_at *at, const struct report_sent *sent, int64_t requests,
                      struct err *err)
{
    struct histogram own = {0};
    if (!sent || !sent->histogram.count)
        return 0;
    histogram_merge_sparse(&own, &sent->histogram);
    int status = fail_sum(at, "the counts of from_send's histogram", own.count, requests, err);
    if (status == 0)
        status = check_figures(at, &sent->metrics, &own, err);
    histogram_release(&own);
    return status;
}

static int check_endpoint(const struct js_at *at, const struct report_endpoint *endpoint,
                          const struct report_pair *pair, struct histogram *whole, struct err *err)
{
    const struct metrics *metrics = &endpoint->metrics;
    const struct report_blocks *blocks = endpoint->blocks;
    struct histogram own = {0};
    int status = 0;
    histogram_merge_sparse(&own, &endpoint->histogram);
    histogram_merge(whole, &own);
    if (own.count)
        status =
            fail_sum(at, "the counts of the histogram", own.count, metrics->total_requests, err);
    if (status == 0 && own.count)
        status = check_figures(at, metrics, &own, err);
    histogram_release(&own);
    if (status == 0)
        status = check_sent(at, endpoint->from_send, metrics->total_requests, err);
    if (status < 0 || !blocks)
        return status;
    if (fail_sum(at, "the requests of the blocks", sum_of(blocks->count, 0, blocks->n_count),
                 metrics->total_requests, err) < 0 ||
        fail_sum(at, "the failures of the blocks", sum_of(blocks->failures, 0, blocks->n_failures),
                 metrics->total_failures, err) < 0)
        return -1;
    return check_batches(at, blocks, pair, err);
}

int report_check_sums(const struct js_at *at, const struct report *report, struct err *err)
{
    struct js_at endpoints = report_endpoints_at(at);
    struct histogram whole = {0};
    int64_t requests = 0, failures = 0;
    int status = 0;
    if (!report->n_endpoints)
        return 0;
    for (size_t i = 0; status == 0 && i < report->n_endpoints; i++) {
        struct js_at endpoint = report_endpoint_at(&endpoints, i);
        const struct metrics *metrics = &report->endpoints[i].metrics;
        requests += metrics->total_requests; /* stops below when beyond the total, so cannot wrap */
        failures += metrics->total_failures;
        if (requests > report->metrics.total_requests)
            break;
        status = check_endpoint(&endpoint, &report->endpoints[i], report->pair, &whole, err);
    }
    if (status == 0)
        status = fail_sum(at, "the requests of the endpoints", requests,
                          report->metrics.total_requests, err);
    if (status == 0)
        status = fail_sum(at, "the failures of the endpoints", failures,
                          report->metrics.total_failures, err);
    if (status == 0 && whole.count && whole.count == requests)
        status = check_figures(at, &report->metrics, &whole, err);
    histogram_release(&whole);
    return status;
}
