/*
 * The three summaries of k6 (2.2): --summary-export, what handleSummary() is given, and the machine
 * readable one (K6_NEW_MACHINE_READABLE_SUMMARY, from 1.5).
 *
 * They differ in where a metric's values lie and in what the failed ones are called, and not in
 * what they say: figures of the whole run in ms, whatever summaryTimeUnit is. Sub-metrics have no
 * number of requests, so there are no endpoints.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/object.h"
#include "import/text.h"

#define MAX_COUNT  (INT64_C(1) << 53)
#define MAX_FIGURE 1e12

static const struct {
    const char *key;
    size_t offset;
} figures[] = {
    {"avg", offsetof(struct metrics, average_ms)},  {"min", offsetof(struct metrics, min_ms)},
    {"med", offsetof(struct metrics, median_ms)},   {"max", offsetof(struct metrics, max_ms)},
    {"p(50)", offsetof(struct metrics, median_ms)}, {"p(75)", offsetof(struct metrics, p75_ms)},
    {"p(90)", offsetof(struct metrics, p90_ms)},    {"p(95)", offsetof(struct metrics, p95_ms)},
    {"p(99)", offsetof(struct metrics, p99_ms)},    {"p(99.9)", offsetof(struct metrics, p999_ms)},
};

bool k6_summary_recognise(struct span head)
{
    return object_first(head) == '{' && text_holds(head, "\"metrics\"") &&
           (text_holds(head, "\"http_reqs\"") || text_holds(head, "\"root_group\"") ||
            text_holds(head, "\"k6Version\""));
}

/* The element of an array of metrics that has that name. */
static bool find_named(const struct js_at *metrics, const char *name, struct js_at *out)
{
    for (size_t i = 0; i < js_count(metrics); i++) {
        struct js_at key;
        const char *text;
        *out = js_item(metrics, i);
        if (js_kind(out) == JS_K_OBJECT && js_member(out, "name", &key) &&
            js_kind(&key) == JS_K_STRING && js_get_string(&key, &text, NULL) == 0 &&
            strcmp(text, name) == 0)
            return true;
    }
    return false;
}

/* A metric on the stack of its reader, with the way to it. */
struct metric_at {
    struct js_at results, metrics, metric, values;
};

/* Finds the object that holds the metric's values. */
static bool find_values(const struct js_at *root, const char *name, struct metric_at *at)
{
    const struct js_at *holder = root;
    if (js_member(root, "results", &at->results))
        holder = &at->results;
    if (js_kind(holder) != JS_K_OBJECT || !js_member(holder, "metrics", &at->metrics))
        return false;
    if (js_kind(&at->metrics) == JS_K_ARRAY ? !find_named(&at->metrics, name, &at->metric)
                                            : !js_member(&at->metrics, name, &at->metric))
        return false;
    if (js_kind(&at->metric) != JS_K_OBJECT)
        return false;
    at->values = at->metric;
    if (js_member(&at->metric, "values", &at->values))
        return js_kind(&at->values) == JS_K_OBJECT;
    return true;
}

/* A number of an object, where it is there; *out is left alone where it is not. */
static int optional(const struct js_at *object, const char *key, double *out, struct err *err)
{
    struct js_at member;
    if (js_kind(object) != JS_K_OBJECT || !js_member(object, key, &member) ||
        js_kind(&member) == JS_K_NULL)
        return 0;
    return js_get_number(&member, 0, MAX_FIGURE, out, err);
}

/* A count that the report cannot do without. */
static int need_count(const struct js_at *root, const char *metric, const char *const keys[2],
                      int64_t *out, struct err *err)
{
    struct metric_at at = {0};
    struct js_at count;
    if (!find_values(root, metric, &at))
        return js_fail(
            root, err,
            "expected the metric '%s'; summaries without it do not say how many requests "
            "there were, or failed",
            metric);
    if (!js_member(&at.values, keys[0], &count) && !js_member(&at.values, keys[1], &count))
        return js_fail(&at.values, err, "expected the key '%s'", keys[0]);
    return js_get_int(&count, 0, MAX_COUNT, out, err);
}

static int read_counts(const struct js_at *root, struct metrics *metrics, struct err *err)
{
    if (need_count(root, "http_reqs", (const char *[]){"count", "count"}, &metrics->total_requests,
                   err) < 0 ||
        need_count(root, "http_req_failed", (const char *[]){"passes", "matches"},
                   &metrics->total_failures, err) < 0)
        return -1;
    if (metrics->total_failures > metrics->total_requests)
        return js_fail(root, err, "http_req_failed has more failures than http_reqs requests");
    if (metrics->total_requests)
        metrics_set_error_rate(metrics);
    return 0;
}

static int read_figures(const struct js_at *root, struct metrics *metrics, struct err *err)
{
    struct metric_at at = {0};
    if (!metrics->total_requests)
        return 0;
    if (!find_values(root, "http_req_duration", &at))
        return js_fail(root, err, "expected the metric 'http_req_duration', as k6 writes it");
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        double value = (double)NAN;
        if (optional(&at.values, figures[i].key, &value, err) < 0)
            return -1;
        if (!isnan(value))
            memcpy((char *)metrics + figures[i].offset, &value, sizeof value);
    }
    return 0;
}

/* Of the whole run, in s; NAN where it is not known. */
static int read_duration(const struct js_at *root, double *out_s, struct err *err)
{
    struct js_at part;
    double ms = (double)NAN;
    *out_s = (double)NAN;
    if (js_member(root, "state", &part) && optional(&part, "testRunDurationMs", &ms, err) < 0)
        return -1;
    if (js_member(root, "config", &part) && optional(&part, "duration", out_s, err) < 0)
        return -1;
    if (!isnan(ms))
        *out_s = ms / 1000;
    return 0;
}

static int read_load(const struct js_at *root, struct report *report, struct err *err)
{
    struct metric_at at = {0};
    double duration_s, users = 0, rate = (double)NAN;
    if (read_duration(root, &duration_s, err) < 0)
        return -1;
    if (find_values(root, "http_reqs", &at) && optional(&at.values, "rate", &rate, err) < 0)
        return -1;
    if (find_values(root, "vus_max", &at) && (optional(&at.values, "value", &users, err) < 0 ||
                                              optional(&at.values, "max", &users, err) < 0))
        return -1;
    if (isnan(rate) && duration_s > 0)
        rate = (double)report->metrics.total_requests / duration_s;
    report->metrics.requests_per_s = rate;
    report->users = (int64_t)users;
    collect_duration(report, duration_s);
    return 0;
}

int k6_summary_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct js_doc *doc;
    report->metrics = metrics_unknown();
    int status = object_read(file, &doc, err);
    if (status == 0) {
        struct js_at root = js_root(doc);
        status = read_counts(&root, &report->metrics, err) < 0 ||
                         read_figures(&root, &report->metrics, err) < 0 ||
                         read_load(&root, report, err) < 0
                     ? -1
                     : 0;
    }
    if (status == 0)
        collect_settle(report);
    js_free(doc);
    return status;
}
