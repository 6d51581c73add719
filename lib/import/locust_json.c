/*
 * Locust's --json and --json-file (locust/stats.py of 2.46): an array with an object for each
 * name and method, which has a dictionary of rounded times, so that there are histograms.
 *
 * Times were rounded to two digits (1 ms below 100 ms); sum, least and greatest are exact.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/locust.h"
#include "import/object.h"
#include "import/text.h"

#define MAX_SUM (INT64_C(1) << 59)
#define MAX_MS  1e12
#define MAX_S   4e9

struct locust {
    struct report *report;
    struct histogram all;
    double start_s, last_s; /* of the whole run */
};

bool locust_json_recognise(struct span head)
{
    return object_first(head) == '[' && text_holds(head, "\"num_requests\"") &&
           text_holds(head, "\"response_times\"");
}

/* Exact figures that the rounded times are held to. */
struct exact {
    int64_t min_ns, max_ns, sum_ns;
};

static int read_exact(const struct js_at *object, struct exact *exact, struct err *err)
{
    double min_ms, max_ms, sum_ms;
    if (object_number(object, "min_response_time", MAX_MS / 1e3, &min_ms, err) < 0 ||
        object_number(object, "max_response_time", MAX_MS / 1e3, &max_ms, err) < 0 ||
        object_number(object, "total_response_time", MAX_MS / 10, &sum_ms, err) < 0)
        return -1;
    if (min_ms > max_ms)
        return js_fail(object, err, "min_response_time is larger than max_response_time");
    *exact =
        (struct exact){llround(min_ms * (double)NS_PER_MS), llround(max_ms * (double)NS_PER_MS),
                       llround(sum_ms * (double)NS_PER_MS)};
    return 0;
}

/* `n` requests of a rounded time, which was not outside of the least and the greatest. */
static void add_bucket(struct histogram *histogram, const struct exact *exact, double ms, int64_t n)
{
    int64_t ns = llround(ms * (double)NS_PER_MS);
    ns = ns < exact->min_ns ? exact->min_ns : ns;
    ns = ns > exact->max_ns ? exact->max_ns : ns;
    int64_t index = (int64_t)histogram_bucket(ns);
    histogram_merge_sparse(histogram, &(struct histogram_sparse){.count = n,
                                                                 .min_ns = exact->min_ns,
                                                                 .max_ns = exact->max_ns,
                                                                 .n = 1,
                                                                 .index = &index,
                                                                 .counts = &n});
}

static int read_times(const struct js_at *object, struct histogram *histogram, struct err *err)
{
    struct js_at times, member;
    struct exact exact = {0};
    void *cursor = NULL;
    if (read_exact(object, &exact, err) < 0 ||
        object_need(object, "response_times", &times, err) < 0 || js_expect_object(&times, err) < 0)
        return -1;
    while (js_next(&times, &cursor, &member)) {
        struct span key = {member.key, strlen(member.key)};
        double ms;
        int64_t n;
        if (text_number(key, "response_times", MAX_MS / 1e3, &ms, NULL) < 0)
            return js_fail(&member, err, "expected a time in ms");
        if (js_get_int(&member, 0, OBJECT_MAX_COUNT, &n, err) < 0)
            return -1;
        if (n > OBJECT_MAX_COUNT - histogram->count)
            return js_fail(&member, err, "the counts add up to more than 2^43");
        if (n)
            add_bucket(histogram, &exact, ms, n);
    }
    histogram->sum_ns = histogram->count ? exact.sum_ns : 0;
    return 0;
}

static char *text(struct report *report, const struct js_at *object, const char *key,
                  struct err *err)
{
    struct js_at member;
    const char *value = "";
    if (object_need(object, key, &member, err) < 0)
        return NULL;
    if (js_kind(&member) == JS_K_NULL)
        return arena_strdup(&report->arena, "");
    return js_get_string(&member, &value, err) < 0 ? NULL : arena_strdup(&report->arena, value);
}

/* Figures of `metrics`, whose counts are there, of requests that lasted so long. */
static void fill_metrics(struct metrics *metrics, const struct histogram *histogram)
{
    int64_t requests = metrics->total_requests, failures = metrics->total_failures;
    *metrics = metrics_unknown();
    metrics->total_failures = failures;
    metrics_from_histogram(metrics, histogram);
    metrics->total_requests = requests;
    metrics->error_rate = requests ? (double)failures / (double)requests : (double)NAN;
}

static int read_counts(const struct js_at *object, struct metrics *metrics, int64_t *without_time,
                       struct err *err)
{
    if (object_count(object, "num_requests", &metrics->total_requests, err) < 0 ||
        object_count(object, "num_failures", &metrics->total_failures, err) < 0 ||
        object_count(object, "num_none_requests", without_time, err) < 0)
        return -1;
    if (metrics->total_failures > metrics->total_requests)
        return js_fail(object, err, "num_failures is larger than num_requests");
    return 0;
}

static int read_span(struct locust *locust, const struct js_at *object, struct err *err)
{
    double start_s, last_s;
    if (object_number(object, "start_time", MAX_S, &start_s, err) < 0 ||
        object_number(object, "last_request_timestamp", MAX_S, &last_s, err) < 0)
        return -1;
    if (start_s > 0 && (locust->start_s <= 0 || start_s < locust->start_s))
        locust->start_s = start_s;
    locust->last_s = fmax(locust->last_s, last_s);
    return 0;
}

static int finish_endpoint(struct locust *locust, const struct js_at *object, int64_t without_time,
                           const struct histogram *histogram, struct err *err)
{
    struct report *report = locust->report;
    struct report_endpoint *endpoint = &report->endpoints[report->n_endpoints];
    int64_t timed = endpoint->metrics.total_requests - without_time;
    if (histogram->count != timed)
        return js_fail(object, err,
                       "expected %lld requests in response_times, as num_requests says, found %lld",
                       (long long)timed, (long long)histogram->count);
    if (histogram->sum_ns > MAX_SUM - locust->all.sum_ns)
        return js_fail(object, err, "the times add up to more than 18 years; expected ms");
    fill_metrics(&endpoint->metrics, histogram);
    if (!without_time)
        histogram_to_sparse(histogram, &report->arena, &endpoint->histogram);
    histogram_merge(&locust->all, histogram);
    report->metrics.total_requests += endpoint->metrics.total_requests;
    report->metrics.total_failures += endpoint->metrics.total_failures;
    report->n_endpoints++;
    return 0;
}

static int read_endpoint(struct locust *locust, const struct js_at *object, struct err *err)
{
    struct report *report = locust->report;
    struct report_endpoint *endpoint = &report->endpoints[report->n_endpoints];
    struct histogram histogram = {0};
    int64_t without_time;
    double bytes;
    if (js_expect_object(object, err) < 0)
        return -1;
    endpoint->name = text(report, object, "name", err);
    endpoint->method = endpoint->name ? text(report, object, "method", err) : NULL;
    if (!endpoint->method || read_counts(object, &endpoint->metrics, &without_time, err) < 0 ||
        read_span(locust, object, err) < 0 ||
        object_number(object, "total_content_length", 1e18, &bytes, err) < 0)
        return -1;
    endpoint->content_bytes = endpoint->metrics.total_requests
                                  ? bytes / (double)endpoint->metrics.total_requests
                                  : (double)NAN;
    int status = read_times(object, &histogram, err);
    if (status == 0)
        status = finish_endpoint(locust, object, without_time, &histogram, err);
    histogram_release(&histogram);
    return status;
}

static int check_twins(const struct js_at *root, const struct report *report, struct err *err)
{
    for (size_t i = 1; i < report->n_endpoints; i++) {
        const struct report_endpoint *a = &report->endpoints[i - 1], *b = &report->endpoints[i];
        if (strcmp(a->name, b->name) == 0 && strcmp(a->method, b->method) == 0)
            return js_fail(root, err, "'%.40s %.120s' is there twice; expected an object for each",
                           a->method, a->name);
    }
    return 0;
}

static void settle(struct locust *locust)
{
    struct report *report = locust->report;
    double span_s = locust->last_s - locust->start_s;
    fill_metrics(&report->metrics, &locust->all);
    if (locust->start_s > 0) {
        report->started_ns = (int64_t)(locust->start_s * 1e9);
        collect_duration(report, span_s);
    }
    for (size_t i = 0; i < report->n_endpoints && report->duration_ns; i++)
        report->endpoints[i].metrics.requests_per_s =
            (double)report->endpoints[i].metrics.total_requests / span_s;
    if (report->duration_ns)
        report->metrics.requests_per_s = (double)report->metrics.total_requests / span_s;
    report->resolution_ns = locust_resolution(&report->metrics);
    collect_settle(report);
}

static int read_root(const struct js_at *root, struct locust *locust, struct err *err)
{
    struct report *report = locust->report;
    size_t n = js_count(root);
    if (n > COLLECT_ENDPOINTS)
        return js_fail(root, err,
                       "more than %d names of requests; give requests that differ in an id alone "
                       "one name in the load test",
                       COLLECT_ENDPOINTS);
    report->endpoints = arena_array(&report->arena, n, sizeof *report->endpoints);
    for (size_t i = 0; i < n; i++) {
        struct js_at object = js_item(root, i);
        if (read_endpoint(locust, &object, err) < 0)
            return -1;
    }
    report_sort(report);
    if (check_twins(root, report, err) < 0)
        return -1;
    settle(locust);
    return 0;
}

int locust_json_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct js_doc *doc;
    struct locust locust = {.report = report};
    int status = object_read(file, &doc, err);
    if (status == 0) {
        struct js_at root = js_root(doc);
        status = read_root(&root, &locust, err);
    }
    js_free(doc);
    histogram_release(&locust.all);
    return status;
}
