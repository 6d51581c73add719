/*
 * statistics.json of JMeter's dashboard (5.6): an object with figures for each label, and "Total".
 *
 * Times are in ms. Which percentiles pct1 to pct3 are, a property of JMeter says and not the file:
 * 90, 95 and 99 unless it was changed (jmeter.reportgenerator.aggregate_rpt_pct1), which a note
 * says.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/object.h"
#include "import/summary.h"
#include "import/text.h"

#define MAX_FIGURE 1e12
#define TOTAL      "Total"

static const struct {
    const char *key;
    size_t offset;
} figures[] = {
    {"meanResTime", offsetof(struct metrics, average_ms)},
    {"medianResTime", offsetof(struct metrics, median_ms)},
    {"minResTime", offsetof(struct metrics, min_ms)},
    {"maxResTime", offsetof(struct metrics, max_ms)},
    {"pct1ResTime", offsetof(struct metrics, p90_ms)},
    {"pct2ResTime", offsetof(struct metrics, p95_ms)},
    {"pct3ResTime", offsetof(struct metrics, p99_ms)},
    {"throughput", offsetof(struct metrics, requests_per_s)},
};

bool jmeter_statistics_recognise(struct span head)
{
    return object_first(head) == '{' && text_holds(head, "\"sampleCount\"") &&
           text_holds(head, "\"pct1ResTime\"");
}

static int read_metrics(const struct js_at *object, struct metrics *metrics, struct err *err)
{
    *metrics = metrics_unknown();
    if (js_expect_object(object, err) < 0 ||
        object_count(object, "sampleCount", &metrics->total_requests, err) < 0 ||
        object_count(object, "errorCount", &metrics->total_failures, err) < 0)
        return -1;
    if (metrics->total_failures > metrics->total_requests)
        return js_fail(object, err, "errorCount is larger than sampleCount");
    if (!metrics->total_requests)
        return 0;
    metrics_set_error_rate(metrics);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        struct js_at at;
        double value;
        if (object_need(object, figures[i].key, &at, err) < 0 ||
            summary_number(object, figures[i].key, MAX_FIGURE, &value, err) < 0)
            return -1;
        memcpy((char *)metrics + figures[i].offset, &value, sizeof value);
    }
    return 0;
}

static int read_labels(const struct js_at *root, struct report *report, bool *has_total,
                       struct metrics *sums, struct err *err)
{
    struct js_at member;
    void *cursor = NULL;
    if (js_count(root) > COLLECT_ENDPOINTS + 1)
        return js_fail(root, err,
                       "more than %d names of requests; give requests that differ in an id alone "
                       "one name in the load test",
                       COLLECT_ENDPOINTS);
    report->endpoints = arena_array(&report->arena, js_count(root), sizeof *report->endpoints);
    while (js_next(root, &cursor, &member)) {
        struct report_endpoint *endpoint = &report->endpoints[report->n_endpoints];
        struct metrics metrics;
        if (read_metrics(&member, &metrics, err) < 0)
            return -1;
        if (strcmp(member.key, TOTAL) == 0) {
            report->metrics = metrics;
            *has_total = true;
            continue;
        }
        *endpoint = (struct report_endpoint){.name = arena_strdup(&report->arena, member.key),
                                             .method = arena_strdup(&report->arena, ""),
                                             .metrics = metrics,
                                             .content_bytes = (double)NAN};
        report->n_endpoints++;
        sums->total_requests += metrics.total_requests;
        sums->total_failures += metrics.total_failures;
    }
    return 0;
}

static int read_root(const struct js_at *root, struct report *report, struct err *err)
{
    struct metrics sums = {0};
    bool has_total = false;
    if (read_labels(root, report, &has_total, &sums, err) < 0)
        return -1;
    if (!has_total)
        return js_fail(root, err, "expected the key 'Total', as JMeter writes it");
    /* Transactions are labels of their own, and not in Total: then the labels are not its parts. */
    if (sums.total_requests != report->metrics.total_requests ||
        sums.total_failures != report->metrics.total_failures) {
        report->n_endpoints = 0;
        collect_note(report, "the labels do not add up to Total, as with transactions among them; "
                             "only Total is taken");
    }
    report_sort(report);
    collect_note(report,
                 "the percentiles are taken for the 90th, 95th and 99th, as JMeter has them "
                 "by default");
    report->resolution_ns = 1000000;
    collect_settle(report);
    return 0;
}

int jmeter_statistics_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct js_doc *doc;
    int status = object_read(file, &doc, err);
    if (status == 0) {
        struct js_at root = js_root(doc);
        status = read_root(&root, report, err);
    }
    js_free(doc);
    return status;
}
