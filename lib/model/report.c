#include "model/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "model/document.h"
#include "model/report_columns.h"
#include "model/report_shape.h"

#define NS_PER_MS_D 1e6

/* ---- figures ---- */

void metrics_set_error_rate(struct metrics *metrics)
{
    metrics->error_rate = metrics->total_requests
                              ? (double)metrics->total_failures / (double)metrics->total_requests
                              : (double)NAN;
}

void metrics_from_histogram(struct metrics *metrics, const struct histogram *histogram)
{
    bool empty = !histogram->count;
    metrics->total_requests = histogram->count;
    metrics->average_ms = histogram_mean(histogram) / NS_PER_MS_D;
    metrics->median_ms = histogram_quantile(histogram, 0.5) / NS_PER_MS_D;
    metrics->p75_ms = histogram_quantile(histogram, 0.75) / NS_PER_MS_D;
    metrics->p90_ms = histogram_quantile(histogram, 0.9) / NS_PER_MS_D;
    metrics->p95_ms = histogram_quantile(histogram, 0.95) / NS_PER_MS_D;
    metrics->p99_ms = histogram_quantile(histogram, 0.99) / NS_PER_MS_D;
    metrics->p999_ms = histogram_quantile(histogram, 0.999) / NS_PER_MS_D;
    metrics->min_ms = empty ? (double)NAN : (double)histogram->min_ns / NS_PER_MS_D;
    metrics->max_ms = empty ? (double)NAN : (double)histogram->max_ns / NS_PER_MS_D;
    metrics_set_error_rate(metrics);
}

/* The figures of a document as they are meant: see report_decode(). */
static void settle_metrics(struct metrics *metrics)
{
    int64_t failures = metrics->total_failures;
    double rate = metrics->requests_per_s;
    if (!metrics->total_requests) {
        *metrics = metrics_unknown();
        metrics->total_failures = failures;
        metrics->requests_per_s = rate;
    }
    metrics_set_error_rate(metrics);
}

static int compare_endpoints(const void *a, const void *b)
{
    const struct report_endpoint *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : strcmp(left->method, right->method);
}

void report_sort(struct report *report)
{
    if (report->n_endpoints)
        qsort(report->endpoints, report->n_endpoints, sizeof *report->endpoints, compare_endpoints);
}

bool report_is_usable(const struct report *report)
{
    return report->metrics.total_requests > 0 && (report->flat || report->health.valid);
}

bool report_same_workload(const struct report *a, const struct report *b)
{
    if (!report_same_source(a, b))
        return false;
    return a->workload && b->workload ? strcmp(a->workload, b->workload) == 0
                                      : a->workload == b->workload;
}

/* ---- decoding ---- */

/* A note that names the keys that the flat form does not read. */
static void note_ignored(const struct js_at *root, struct report *report, struct arena *arena)
{
    struct buf note = {0};
    void *cursor = NULL;
    struct js_at member;
    size_t n = 0;
    while (js_next(root, &cursor, &member)) {
        bool known = false;
        const struct js_shape *contract = report_flat_shape.fields[0].shape;
        for (size_t i = 0; i < contract->n_fields; i++)
            known |= strcmp(contract->fields[i].key, member.key) == 0;
        for (size_t i = 1; i < report_flat_shape.n_fields; i++)
            known |= strcmp(report_flat_shape.fields[i].key, member.key) == 0;
        if (!known && n++ < 10)
            buf_addf(&note, "%s'%.60s'", note.len ? ", " : "", member.key);
    }
    if (n) {
        report->health.notes = arena_array(arena, 1, sizeof *report->health.notes);
        report->health.notes[report->health.n_notes++] =
            arena_printf(arena, "flat form, without the key 'schema': ignored %s%s",
                         buf_text(&note), n > 10 ? " and more" : "");
    }
    buf_release(&note);
}

static void mark_valid(struct report *report, struct arena *arena)
{
    report->health.valid = report->metrics.total_requests > 0;
    if (report->health.valid)
        return;
    report->health.reasons = arena_array(arena, 1, sizeof *report->health.reasons);
    report->health.reasons[report->health.n_reasons++] = invalid_reason_name(INVALID_NO_REQUESTS);
}

static int decode_flat(const struct js_at *root, struct report *report, struct arena *arena,
                       struct err *err)
{
    const struct js_shape *contract = report_flat_shape.fields[0].shape;
    for (size_t i = 0; i < contract->n_fields; i++) {
        struct js_at member;
        if (!js_member(root, contract->fields[i].key, &member))
            return js_fail(root, err,
                           "not a report: expected \"schema\": \"%s\", or the six keys of the flat "
                           "form; '%s' is missing",
                           REPORT_SCHEMA, contract->fields[i].key);
    }
    if (js_decode(root, &report_flat_shape, report, arena, err) < 0)
        return -1;
    report->flat = true;
    report->health.cpu = report->health.drift_p = (double)NAN;
    mark_valid(report, arena);
    note_ignored(root, report, arena);
    return 0;
}

static int decode_full(const struct js_at *root, struct report *report, struct arena *arena,
                       struct err *err)
{
    if (document_check_schema(root, REPORT_SCHEMA, err) < 0)
        return -1;
    return js_decode(root, &report_shape, report, arena, err);
}

static int decode_root(const struct js_at *root, struct report *report, struct arena *arena,
                       struct err *err)
{
    struct js_at schema;
    int status = js_member(root, "schema", &schema) ? decode_full(root, report, arena, err)
                                                    : decode_flat(root, report, arena, err);
    if (status < 0 || report_unfold(root, report, arena, err) < 0 ||
        report_check(root, report, err) < 0)
        return -1;
    settle_metrics(&report->metrics);
    for (size_t i = 0; i < report->n_endpoints; i++)
        settle_metrics(&report->endpoints[i].metrics);
    report_settle_source(report);
    report_sort(report);
    for (size_t i = 1; i < report->n_endpoints; i++)
        if (compare_endpoints(&report->endpoints[i - 1], &report->endpoints[i]) == 0)
            return js_fail(root, err, "endpoints: '%.40s %.120s' is there twice; merge the two",
                           report->endpoints[i].method, report->endpoints[i].name);
    return 0;
}

int report_decode(const char *bytes, size_t len, const char *source, struct report *report,
                  struct err *err)
{
    *report = (struct report){0};
    struct js_doc *doc;
    if (document_parse(bytes, len, source, &doc, err) < 0)
        return -1;
    struct arena arena = {0}; /* decoding zeroes the report first */
    struct js_at root = js_root(doc);
    int status = decode_root(&root, report, &arena, err);
    report->arena = arena;
    if (status < 0)
        report_release(report);
    js_free(doc);
    return status;
}

int report_read(const char *path, struct report *report, struct err *err)
{
    struct buf bytes = {0};
    *report = (struct report){0};
    int status = fs_read(path, REPORT_LIMIT, &bytes, err);
    if (status == 0)
        status = report_decode(buf_text(&bytes), bytes.len, path, report, err);
    buf_release(&bytes);
    return status;
}

/* ---- asking ---- */

/* ---- encoding ---- */

void report_encode(const struct report *report, struct buf *out)
{
    struct js_writer writer = {.out = out};
    js_encode(&writer, NULL, &report_shape, report);
}

void report_encode_summary(const struct report *report, struct buf *out)
{
    struct arena arena = {0};
    struct report summary = *report;
    summary.n_errors = 0;
    summary.series = NULL;
    summary.pair = NULL;
    summary.from_send = NULL;
    summary.profile = NULL;
    summary.resources = report_resources_brief(report->resources, &arena);
    report_fold(&summary, &arena);
    report_encode(&summary, out);
    arena_release(&arena);
}

void report_release(struct report *report)
{
    struct arena arena = report->arena;
    *report = (struct report){0};
    arena_release(&arena);
}
