#include "model/report.h"
#include "model/report_shape.h"
#include "model/scenario.h"

/* Of all histograms and blocks of a report, so that no sum of parts of them overflows. */
struct totals {
    int64_t count, sum_ns;
};

#define MAX_TOTAL (INT64_C(1) << 60)

/* The value at `key` of an object, for messages; the object itself where it is absent. */
static struct js_at below(const struct js_at *at, const char *key)
{
    struct js_at member = *at;
    js_member(at, key, &member);
    return member;
}

struct js_at report_endpoints_at(const struct js_at *at)
{
    struct js_at member = *at;
    if (!js_member(at, "endpoints", &member))
        js_member(at, "endpoint_columns", &member);
    return member;
}

struct js_at report_endpoint_at(const struct js_at *endpoints, size_t i)
{
    return js_kind(endpoints) == JS_K_ARRAY ? js_item(endpoints, i) : *endpoints;
}

static int add_total(int64_t *total, int64_t value, const struct js_at *at, struct err *err)
{
    if (value > MAX_TOTAL - *total)
        return js_fail(at, err, "the numbers add up to more than 2^60; expected real counts");
    *total += value;
    return 0;
}

static int check_histogram(const struct js_at *at, const struct histogram_sparse *histogram,
                           struct totals *totals, struct err *err)
{
    int64_t count = 0;
    for (size_t i = 0; i < histogram->n; i++) {
        if (i && histogram->index[i] <= histogram->index[i - 1])
            return js_fail(at, err, "index: expected ascending numbers, found %lld after %lld",
                           (long long)histogram->index[i], (long long)histogram->index[i - 1]);
        if (add_total(&count, histogram->counts[i], at, err) < 0)
            return -1;
    }
    if (count != histogram->count)
        return js_fail(at, err, "count is %lld, but the counts add up to %lld",
                       (long long)histogram->count, (long long)count);
    if (histogram->min_ns > histogram->max_ns)
        return js_fail(at, err, "min_ns is larger than max_ns");
    if (histogram->n &&
        ((size_t)histogram->index[0] < histogram_bucket(histogram->min_ns) ||
         (size_t)histogram->index[histogram->n - 1] > histogram_bucket(histogram->max_ns)))
        return js_fail(at, err, "index: expected buckets from that of min_ns to that of max_ns");
    if (add_total(&totals->count, count, at, err) < 0)
        return -1;
    return add_total(&totals->sum_ns, histogram->sum_ns, at, err);
}

static int check_length(const struct js_at *at, const char *key, size_t found, size_t expected,
                        struct err *err)
{
    struct js_at member = below(at, key);
    if (found == expected)
        return 0;
    return js_fail(&member, err, "expected %zu elements, found %zu", expected, found);
}

static int check_columns(const struct js_at *at, const struct report_blocks *blocks,
                         struct totals *totals, struct err *err)
{
    for (size_t i = 0; i < blocks->n_count; i++) {
        if (blocks->failures[i] > blocks->count[i])
            return js_fail(at, err, "pair %zu has more failures than requests", i);
        if (add_total(&totals->count, blocks->count[i], at, err) < 0 ||
            add_total(&totals->sum_ns, blocks->sum_ns[i], at, err) < 0)
            return -1;
    }
    return 0;
}

static int check_blocks(const struct js_at *at, const struct report_blocks *blocks,
                        const struct report_pair *pair, struct totals *totals, struct err *err)
{
    if (!pair)
        return js_fail(at, err, "the report has blocks, but no 'pair'");
    size_t pairs = (size_t)pair->n_pairs;
    if (check_length(at, "count", blocks->n_count, pairs, err) < 0 ||
        check_length(at, "sum_ns", blocks->n_sum, pairs, err) < 0 ||
        check_length(at, "failures", blocks->n_failures, pairs, err) < 0 ||
        check_length(at, "batches", blocks->n_batches, pair->n_ends, err) < 0 ||
        check_columns(at, blocks, totals, err) < 0)
        return -1;
    struct js_at batches = below(at, "batches");
    for (size_t i = 0; i < blocks->n_batches; i++) {
        struct js_at batch = js_item(&batches, i);
        if (check_histogram(&batch, &blocks->batches[i], totals, err) < 0)
            return -1;
    }
    return 0;
}

static int check_metrics(const struct js_at *at, const struct metrics *metrics, struct err *err)
{
    if (metrics->total_failures <= metrics->total_requests)
        return 0;
    return js_fail(at, err, "total_failures (%lld) is larger than total_requests (%lld)",
                   (long long)metrics->total_failures, (long long)metrics->total_requests);
}

static int check_endpoint(const struct js_at *at, const struct report_endpoint *endpoint,
                          const struct report_pair *pair, struct totals *totals, struct err *err)
{
    struct js_at histogram = below(at, "histogram"), blocks = below(at, "blocks");
    if (check_metrics(at, &endpoint->metrics, err) < 0 ||
        check_histogram(&histogram, &endpoint->histogram, totals, err) < 0)
        return -1;
    struct js_at sent = below(at, "from_send"), slowest = below(at, "slowest");
    if (report_trace_check(&slowest, &endpoint->slowest, err) < 0)
        return -1;
    if (endpoint->from_send &&
        check_histogram(&sent, &endpoint->from_send->histogram, totals, err) < 0)
        return -1;
    return endpoint->blocks ? check_blocks(&blocks, endpoint->blocks, pair, totals, err) : 0;
}

/* A look that ended the run is none of its end, and the other way round. */
static int check_look(const struct js_at *at, const struct report_look *look, struct err *err)
{
    struct js_at number = below(at, "number");
    bool at_end = look->reason == LOOK_END;
    if (at_end ? look->number == look->of : look->number < look->of)
        return 0;
    return js_fail(&number, err, "expected %s 'of', %lld, as the reason says, found %lld",
                   at_end ? "the same as" : "less than", (long long)look->of,
                   (long long)look->number);
}

static int check_pair(const struct js_at *at, const struct report_pair *pair, struct err *err)
{
    struct js_at ends = below(at, "batch_end"), role = below(at, "role");
    int64_t end = 0;
    if (pair->role == ROLE_NONE)
        return js_fail(&role, err, "expected candidate or base, found 'none'");
    if (check_length(at, "first", pair->n_first, (size_t)pair->n_pairs, err) < 0)
        return -1;
    for (size_t i = 0; i < pair->n_ends; i++) {
        if (pair->batch_end[i] <= end)
            return js_fail(&ends, err, "expected ascending numbers, found %lld after %lld",
                           (long long)pair->batch_end[i], (long long)end);
        end = pair->batch_end[i];
    }
    if (end != pair->n_pairs)
        return js_fail(&ends, err, "expected the last number to be that of pairs, %lld, found %lld",
                       (long long)pair->n_pairs, (long long)end);
    struct js_at look = below(at, "look");
    return pair->look ? check_look(&look, pair->look, err) : 0;
}

static int check_series(const struct js_at *at, const struct report_series *series, struct err *err)
{
    size_t n = series->n_users;
    if (check_length(at, "requests", series->n_requests, n, err) < 0 ||
        check_length(at, "failures", series->n_failures, n, err) < 0 ||
        check_length(at, "average_response_time", series->n_average, n, err) < 0 ||
        check_length(at, "median_response_time", series->n_p50, n, err) < 0)
        return -1;
    return check_length(at, "95th_percentile", series->n_p95, n, err);
}

/* What happened over the time of the run. */
static int check_course(const struct js_at *at, const struct report *report, struct err *err)
{
    struct js_at series = below(at, "series"), resources = below(at, "resources"),
                 profile = below(at, "profile");
    if (report->series && check_series(&series, report->series, err) < 0)
        return -1;
    if (report->resources && report_resources_check(&resources, report->resources, err) < 0)
        return -1;
    return report->profile ? report_profile_check(&profile, report->profile, err) : 0;
}

int report_check(const struct js_at *at, const struct report *report, struct err *err)
{
    struct totals totals = {0};
    struct js_at pair = below(at, "pair"), endpoints = report_endpoints_at(at),
                 reasons = below(at, "invalid_reasons"), suite = below(at, "suite");
    if (check_metrics(at, &report->metrics, err) < 0)
        return -1;
    if (report->health.valid && report->health.n_reasons)
        return js_fail(&reasons, err, "expected none, since 'valid' is true");
    if (report->suite && !scenario_suite_is_valid(report->suite))
        return js_fail(&suite, err,
                       "expected a name of 1 to 64 of a-z, 0-9, '.', '_' and '-' "
                       "that begins with a letter, digit or '_', found '%.80s'",
                       report->suite);
    if (report->pair && check_pair(&pair, report->pair, err) < 0)
        return -1;
    if (check_course(at, report, err) < 0)
        return -1;
    struct js_at sent = below(at, "from_send");
    if (report->from_send &&
        check_histogram(&sent, &report->from_send->histogram, &totals, err) < 0)
        return -1;
    for (size_t i = 0; i < report->n_endpoints; i++) {
        struct js_at endpoint = report_endpoint_at(&endpoints, i);
        if (check_endpoint(&endpoint, &report->endpoints[i], report->pair, &totals, err) < 0)
            return -1;
    }
    return report_check_sums(at, report, err);
}
