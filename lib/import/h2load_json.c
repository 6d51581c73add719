/*
 * h2load --output-file (from 1.69), "version": "v1": figures of the whole in s, timed as in
 * h2load.c.
 */

#include "import/collect.h"
#include "import/formats.h"
#include "import/object.h"
#include "import/summary.h"
#include "import/text.h"

static const struct summary_figure figures[] = {
    {"min", offsetof(struct metrics, min_ms)},
    {"max", offsetof(struct metrics, max_ms)},
    {"mean", offsetof(struct metrics, average_ms)},
    {"median", offsetof(struct metrics, median_ms)},
    {"p95", offsetof(struct metrics, p95_ms)},
    {"p99", offsetof(struct metrics, p99_ms)},
    {NULL, 0},
};

bool h2load_json_recognise(struct span head)
{
    return object_first(head) == '{' && text_holds(head, "\"measurements\"") &&
           text_holds(head, "\"request_per_second\"");
}

/* Of what failed: statuses from 400 on, what came too late, and the rest. */
static int read_failures(struct summary *summary, const struct js_at *measurements,
                         const struct js_at *requests, struct err *err)
{
    struct js_at codes;
    int64_t failed, errored, timeout, of_client = 0, of_server = 0;
    if (object_count(requests, "failed", &failed, err) < 0 ||
        object_count(requests, "errored", &errored, err) < 0 ||
        object_count(requests, "timeout", &timeout, err) < 0)
        return -1;
    if (js_member(measurements, "status_codes", &codes) &&
        (js_expect_object(&codes, err) < 0 || object_count(&codes, "4xx", &of_client, err) < 0 ||
         object_count(&codes, "5xx", &of_server, err) < 0))
        return -1;
    errored = errored < failed ? errored : failed;
    timeout = timeout < errored ? timeout : errored;
    int64_t status = of_client + of_server;
    status = status < failed - errored ? status : failed - errored;
    summary_failed(summary, "status", status, "status 400 or above");
    summary_failed(summary, "timeout", timeout, "no response in time");
    summary_failed(summary, "other", failed - timeout - status, "the connection failed");
    return 0;
}

static int read_root(struct summary *summary, const struct js_at *root, struct err *err)
{
    struct metrics *metrics = &summary->report->metrics;
    struct js_at measurements, requests, performance, request;
    int64_t done, succeeded, failed;
    double seconds;
    if (object_need(root, "measurements", &measurements, err) < 0 ||
        js_expect_object(&measurements, err) < 0 ||
        object_need(&measurements, "requests", &requests, err) < 0 ||
        js_expect_object(&requests, err) < 0 || object_count(&requests, "done", &done, err) < 0 ||
        object_count(&requests, "succeeded", &succeeded, err) < 0 ||
        object_count(&requests, "failed", &failed, err) < 0 ||
        read_failures(summary, &measurements, &requests, err) < 0)
        return -1;
    metrics->total_requests = succeeded + failed;
    if (object_need(&measurements, "performance", &performance, err) < 0 ||
        js_expect_object(&performance, err) < 0 ||
        object_need(&performance, "request", &request, err) < 0 ||
        (done && summary_figures(&request, figures, 1000, metrics, err) < 0) ||
        summary_number(&measurements, "duration", 1e9, &seconds, err) < 0 ||
        summary_number(&measurements, "request_per_second", SUMMARY_MAX, &metrics->requests_per_s,
                       err) < 0)
        return -1;
    collect_duration(summary->report, seconds);
    return 0;
}

int h2load_json_read(const struct import_file *file, struct report *report, struct err *err)
{
    return summary_read_json(file, read_root, report, err);
}
