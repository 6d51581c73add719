/*
 * Artillery run -o (2.0), and of version 1 what has the same figures under other names.
 *
 * Figures are those of `aggregate`, in ms with one decimal. In version 2 a request is timed from
 * its sending to the first byte of the response; what version 1 timed is not known. Rates were
 * rounded, in version 2 to whole ones, so the rate here is requests by time. A status from 400 on
 * is a failure, and so are `errors.*`: of a request that has both, nobody can tell, so failures may
 * be too many, but not more than requests.
 */
#include <string.h>

#include "base/clock.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/object.h"
#include "import/summary.h"
#include "import/text.h"

#define CODES  "http.codes."
#define ERRORS "errors."

static const struct summary_figure figures[] = {
    {"mean", offsetof(struct metrics, average_ms)},
    {"min", offsetof(struct metrics, min_ms)},
    {"max", offsetof(struct metrics, max_ms)},
    {"median", offsetof(struct metrics, median_ms)},
    {"p50", offsetof(struct metrics, median_ms)},
    {"p75", offsetof(struct metrics, p75_ms)},
    {"p90", offsetof(struct metrics, p90_ms)},
    {"p95", offsetof(struct metrics, p95_ms)},
    {"p99", offsetof(struct metrics, p99_ms)},
    {"p999", offsetof(struct metrics, p999_ms)},
    {NULL, 0},
};

bool artillery_recognise(struct span head)
{
    return object_first(head) == '{' && text_holds(head, "\"aggregate\"") &&
           text_holds(head, "\"counters\"");
}

bool artillery1_recognise(struct span head)
{
    return object_first(head) == '{' && text_holds(head, "\"aggregate\"") &&
           text_holds(head, "\"requestsCompleted\"");
}

static int need_aggregate(const struct js_at *root, struct js_at *aggregate, struct err *err)
{
    return object_need(root, "aggregate", aggregate, err) < 0 ? -1
                                                              : js_expect_object(aggregate, err);
}

/* ---- version 2 ---- */

/* The counters that begin so: of codes their failures, of errors as many as there is room for. */
static int take_counters(struct summary *summary, const struct js_at *counters, const char *begin,
                         struct err *err)
{
    struct metrics *metrics = &summary->report->metrics;
    struct js_at member;
    void *cursor = NULL;
    size_t len = strlen(begin);
    while (js_next(counters, &cursor, &member)) {
        int64_t count, room = metrics->total_requests - metrics->total_failures;
        const char *name = member.key + len;
        if (strncmp(member.key, begin, len) != 0)
            continue;
        if (js_get_int(&member, 0, OBJECT_MAX_COUNT, &count, err) < 0)
            return -1;
        if (strcmp(begin, CODES) == 0 && count > metrics->total_requests)
            return js_fail(&member, err, "expected no more than http.requests, %lld",
                           (long long)metrics->total_requests);
        count = count < room ? count : room;
        if (strcmp(begin, CODES) == 0)
            summary_status(summary, name, count);
        else
            summary_failed(summary, failures_kind(name), count, name);
    }
    return 0;
}

static int read_times(struct report *report, const struct js_at *aggregate, struct err *err)
{
    double first_ms, last_ms;
    if (summary_number(aggregate, "firstMetricAt", 1e13, &first_ms, err) < 0 ||
        summary_number(aggregate, "lastMetricAt", 1e13, &last_ms, err) < 0)
        return -1;
    if (!(last_ms > first_ms) || !(first_ms > 0))
        return 0;
    report->started_ns = (int64_t)first_ms * NS_PER_MS;
    double seconds = (last_ms - first_ms) / 1000;
    collect_duration(report, seconds);
    report->metrics.requests_per_s = (double)report->metrics.total_requests / seconds;
    return 0;
}

static int read_root(struct summary *summary, const struct js_at *root, struct err *err)
{
    struct report *report = summary->report;
    struct js_at aggregate, counters, all, times;
    if (need_aggregate(root, &aggregate, err) < 0 ||
        object_need(&aggregate, "counters", &counters, err) < 0 ||
        js_expect_object(&counters, err) < 0 ||
        object_count(&counters, "http.requests", &report->metrics.total_requests, err) < 0 ||
        take_counters(summary, &counters, CODES, err) < 0 ||
        take_counters(summary, &counters, ERRORS, err) < 0)
        return -1;
    if (js_member(&aggregate, "summaries", &all) && js_kind(&all) == JS_K_OBJECT &&
        js_member(&all, "http.response_time", &times)) {
        if (summary_figures(&times, figures, 1, &report->metrics, err) < 0)
            return -1;
        report->resolution_ns = 100 * NS_PER_US;
    }
    return read_times(report, &aggregate, err);
}

int artillery_read(const struct import_file *file, struct report *report, struct err *err)
{
    return summary_read_json(file, read_root, report, err);
}

/* ---- version 1 ---- */

static int read_root1(struct summary *summary, const struct js_at *root, struct err *err)
{
    struct report *report = summary->report;
    struct js_at aggregate, codes, errors, latency, rps;
    int64_t responses, failed;
    if (need_aggregate(root, &aggregate, err) < 0 ||
        object_need(&aggregate, "codes", &codes, err) < 0 ||
        object_need(&aggregate, "errors", &errors, err) < 0 ||
        object_need(&aggregate, "latency", &latency, err) < 0 ||
        summary_statuses(summary, &codes, &responses, err) < 0 ||
        summary_errors(summary, &errors, NULL, &failed, err) < 0)
        return -1;
    report->metrics.total_requests = responses + failed;
    if (responses && summary_figures(&latency, figures, 1, &report->metrics, err) < 0)
        return -1;
    report->resolution_ns = responses ? 100 * NS_PER_US : 0;
    if (!js_member(&aggregate, "rps", &rps))
        return 0;
    return summary_number(&rps, "mean", SUMMARY_MAX, &report->metrics.requests_per_s, err);
}

int artillery1_read(const struct import_file *file, struct report *report, struct err *err)
{
    return summary_read_json(file, read_root1, report, err);
}
