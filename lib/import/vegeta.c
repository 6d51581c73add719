/*
 * vegeta report -type=json (12.13): figures of the whole in ns; vegeta_rows.c has single requests.
 *
 * `duration` is from the first send to the last one, and `wait` what the last response took beyond
 * it, so the rate here is of both. Percentiles are estimates (t-digest). A minimum of 0 is one that
 * was not set.
 */
#include <math.h>
#include <string.h>

#include "import/collect.h"
#include "import/formats.h"
#include "import/object.h"
#include "import/summary.h"
#include "import/text.h"

#define MS 1e-6 /* in a ns */

static const struct summary_figure figures[] = {
    {"mean", offsetof(struct metrics, average_ms)}, {"50th", offsetof(struct metrics, median_ms)},
    {"90th", offsetof(struct metrics, p90_ms)},     {"95th", offsetof(struct metrics, p95_ms)},
    {"99th", offsetof(struct metrics, p99_ms)},     {"max", offsetof(struct metrics, max_ms)},
    {"min", offsetof(struct metrics, min_ms)},      {NULL, 0},
};

bool vegeta_recognise(struct span head)
{
    return object_first(head) == '{' && text_holds(head, "\"latencies\"") &&
           text_holds(head, "\"status_codes\"") && text_holds(head, "\"bytes_in\"");
}

static int read_span(struct report *report, const struct js_at *root, struct err *err)
{
    struct js_at earliest;
    const char *text;
    double duration_ns, wait_ns;
    if (summary_number(root, "duration", 1e18, &duration_ns, err) < 0 ||
        summary_number(root, "wait", 1e18, &wait_ns, err) < 0)
        return -1;
    if (js_member(root, "earliest", &earliest) && js_kind(&earliest) == JS_K_STRING) {
        if (js_get_string(&earliest, &text, err) < 0)
            return -1;
        if (!text_time((struct span){text, strlen(text)}, &report->started_ns))
            report->started_ns = 0;
    }
    double seconds = (duration_ns + (isnan(wait_ns) ? 0 : wait_ns)) / 1e9;
    collect_duration(report, seconds);
    if (seconds > 0)
        report->metrics.requests_per_s = (double)report->metrics.total_requests / seconds;
    return 0;
}

static int read_root(struct summary *summary, const struct js_at *root, struct err *err)
{
    struct metrics *metrics = &summary->report->metrics;
    struct js_at latencies, codes;
    int64_t counted;
    if (js_expect_object(root, err) < 0 ||
        object_count(root, "requests", &metrics->total_requests, err) < 0 ||
        object_need(root, "latencies", &latencies, err) < 0 ||
        object_need(root, "status_codes", &codes, err) < 0 ||
        summary_statuses(summary, &codes, &counted, err) < 0)
        return -1;
    if (counted != metrics->total_requests)
        return js_fail(&codes, err, "expected the counts of %lld requests, found %lld",
                       (long long)metrics->total_requests, (long long)counted);
    if (counted && summary_figures(&latencies, figures, MS, metrics, err) < 0)
        return -1;
    if (!(metrics->min_ms > 0))
        metrics->min_ms = (double)NAN;
    return read_span(summary->report, root, err);
}

int vegeta_read(const struct import_file *file, struct report *report, struct err *err)
{
    return summary_read_json(file, read_root, report, err);
}
