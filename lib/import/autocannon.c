/*
 * autocannon -j (8.0): figures of the whole, from a histogram of whole ms.
 *
 * A request is timed from its sending. `requests` holds figures of each second, and its `total` the
 * responses; `errors` are requests without one, of which `timeouts` are a part. There is no 95th
 * percentile. `non2xx` has redirections in it, so failures are taken from 4xx and 5xx.
 */
#include <string.h>

#include "base/clock.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/object.h"
#include "import/summary.h"
#include "import/text.h"

static const struct summary_figure figures[] = {
    {"average", offsetof(struct metrics, average_ms)},
    {"min", offsetof(struct metrics, min_ms)},
    {"max", offsetof(struct metrics, max_ms)},
    {"p50", offsetof(struct metrics, median_ms)},
    {"p75", offsetof(struct metrics, p75_ms)},
    {"p90", offsetof(struct metrics, p90_ms)},
    {"p99", offsetof(struct metrics, p99_ms)},
    {"p99_9", offsetof(struct metrics, p999_ms)},
    {NULL, 0},
};

bool autocannon_recognise(struct span head)
{
    return object_first(head) == '{' && text_holds(head, "\"non2xx\"") &&
           text_holds(head, "\"p97_5\"") && text_holds(head, "\"pipelining\"");
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* A response may have both a status from 400 on and another body than expected. */
static int read_failures(struct summary *summary, const struct js_at *root, int64_t responses,
                         struct err *err)
{
    int64_t of_client, of_server, errors, timeouts, mismatches;
    if (object_count(root, "4xx", &of_client, err) < 0 ||
        object_count(root, "5xx", &of_server, err) < 0 ||
        object_count(root, "errors", &errors, err) < 0 ||
        object_count(root, "timeouts", &timeouts, err) < 0 ||
        object_count(root, "mismatches", &mismatches, err) < 0)
        return -1;
    int64_t by_status = of_client + of_server;
    if (by_status > responses)
        return js_fail(root, err, "found %lld responses with a status from 400 on, of %lld",
                       (long long)by_status, (long long)responses);
    timeouts = least(timeouts, errors);
    summary_failed(summary, "status", by_status, "status 400 or above");
    summary_failed(summary, "expectation", least(mismatches, responses - by_status),
                   "not the expected body");
    summary_failed(summary, "timeout", timeouts, "no response in time");
    summary_failed(summary, "other", errors - timeouts, "the connection failed");
    summary->report->metrics.total_requests = responses + errors;
    return 0;
}

static int read_load(struct summary *summary, const struct js_at *root, struct err *err)
{
    struct report *report = summary->report;
    struct js_at member;
    const char *text;
    double seconds;
    if (summary_number(root, "duration", 1e9, &seconds, err) < 0 ||
        object_count(root, "connections", &report->users, err) < 0)
        return -1;
    if (js_member(root, "url", &member) && js_kind(&member) == JS_K_STRING) {
        if (js_get_string(&member, &text, err) < 0)
            return -1;
        summary_url(summary, (struct span){text, strlen(text)});
    }
    if (js_member(root, "start", &member) && js_kind(&member) == JS_K_STRING &&
        (js_get_string(&member, &text, err) < 0 ||
         !text_time((struct span){text, strlen(text)}, &report->started_ns)))
        return js_fail(&member, err, "expected a time");
    collect_duration(report, seconds);
    if (seconds > 0)
        report->metrics.requests_per_s = (double)report->metrics.total_requests / seconds;
    return 0;
}

static int read_root(struct summary *summary, const struct js_at *root, struct err *err)
{
    struct report *report = summary->report;
    struct js_at requests, latency;
    int64_t responses, timed;
    if (object_need(root, "requests", &requests, err) < 0 || js_expect_object(&requests, err) < 0 ||
        object_count(&requests, "total", &responses, err) < 0 ||
        read_failures(summary, root, responses, err) < 0 ||
        object_need(root, "latency", &latency, err) < 0 || js_expect_object(&latency, err) < 0 ||
        object_count(&latency, "totalCount", &timed, err) < 0)
        return -1;
    if (timed && summary_figures(&latency, figures, 1, &report->metrics, err) < 0)
        return -1;
    if (timed < responses)
        collect_note(report,
                     "latencies are those of %lld requests out of %lld, as with the option "
                     "--excludeErrorStats",
                     (long long)timed, (long long)responses);
    report->resolution_ns = timed ? NS_PER_MS : 0;
    return read_load(summary, root, err);
}

int autocannon_read(const struct import_file *file, struct report *report, struct err *err)
{
    return summary_read_json(file, read_root, report, err);
}
