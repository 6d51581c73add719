#include "render/rows.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"

#define NAME_WIDTH 60

static const struct table_column verdict_columns[V_COUNT] = {
    [V_STATUS] = {.title = "Status"},
    [V_SCOPE] = {.title = "Endpoint", .name = true, .max_width = NAME_WIDTH},
    [V_METRIC] = {.title = "Metric"},
    [V_BASE] = {.title = "Base", .right = true},
    [V_CANDIDATE] = {.title = "Candidate", .right = true},
    [V_CHANGE] = {.title = "Change", .right = true},
    [V_ALLOWED] = {.title = "Allowed", .right = true},
    [V_INTERVAL] = {.title = "99 % interval", .right = true},
    [V_P] = {.title = "p", .right = true},
    [V_DETECTABLE] = {.title = "Detectable", .right = true},
};

static const enum tone status_tones[ROW_STATUS_COUNT] = {
    [ROW_REGRESSED] = TONE_BAD,         [ROW_OVER_LIMIT] = TONE_BAD,
    [ROW_ERRORED] = TONE_BAD,           [ROW_NOT_COMPARABLE] = TONE_WARN,
    [ROW_MISSING_BASELINE] = TONE_WARN, [ROW_INSUFFICIENT] = TONE_WARN,
    [ROW_ACCEPTED] = TONE_ACCEPTED,     [ROW_STABLE] = TONE_GOOD,
    [ROW_IMPROVED] = TONE_GOOD,
};

enum tone rows_overall_tone(enum overall_status status)
{
    static const enum tone tones[] = {
        [OVERALL_PASS] = TONE_GOOD, [OVERALL_FAIL] = TONE_BAD, [OVERALL_UNDECIDED] = TONE_WARN};
    return tones[status];
}

/* ---- one figure ---- */

double rows_percent(double ratio)
{
    return fmin((ratio - 1) * 100, DBL_MAX);
}

void rows_add_percent(struct buf *out, double percent, int extra)
{
    if (fabs(percent) < 1e12)
        buf_addf(out, "%+.*f", 1 + extra, percent);
    else
        buf_addf(out, "%+.2e", percent);
}

/* "+51.2 %" where it is known; `extra` digits more where rounding would hide the side. */
static void add_percent(struct buf *out, double percent, int extra)
{
    if (!isfinite(percent))
        return;
    rows_add_percent(out, percent, extra);
    buf_add_str(out, " %");
}

/* In place of a threshold that did not decide. */
static void add_bound(struct buf *out, const struct verdict_row *row, double bound)
{
    enum metric metric = (enum metric)row->metric;
    buf_reset(out);
    buf_add_str(out, metric_info(metric)->higher_is_better ? ">= " : "<= ");
    metric_add_text(out, metric, bound, row->text_digits);
}

static void add_threshold(struct buf *out, const struct verdict_row *row)
{
    /* What may be as many times less is allowed to fall. */
    bool falls = metric_info((enum metric)row->metric)->higher_is_better;
    if (isfinite(row->threshold))
        buf_addf(out, "%+.6g %%", rows_percent(falls ? 1 / row->threshold : row->threshold));
    if (isfinite(row->threshold) && row->min_change > 0) {
        buf_add_str(out, " or ");
        num_add_duration(out, llround(row->min_change * (double)NS_PER_MS));
    }
    if (row->status == ROW_OVER_LIMIT && isfinite(row->limit))
        add_bound(out, row, row->limit);
    else if (row->acceptance && (row->status == ROW_ACCEPTED || !isfinite(row->threshold)))
        add_bound(out, row, row->acceptance->value);
}

static void add_interval(struct buf *out, const struct verdict_row *row)
{
    if (!isfinite(row->interval_low) || !isfinite(row->interval_high))
        return;
    rows_add_percent(out, rows_percent(row->interval_low), 0);
    buf_add_str(out, " to ");
    rows_add_percent(out, rows_percent(row->interval_high), 0);
    buf_add_str(out, " %");
}

static void add_p(struct buf *out, double p)
{
    if (isfinite(p) && p < 1e-6)
        buf_add_str(out, "< 1e-6");
    else if (isfinite(p))
        buf_addf(out, "%.2g", p);
}

static void add_value(struct buf *out, const struct verdict_row *row, double value)
{
    if (isfinite(value))
        metric_add_text(out, (enum metric)row->metric, value, row->text_digits);
}

/* ---- verdicts ---- */

/* What decides, and what a reader must know besides. */
static bool is_notable(const struct verdict_row *row)
{
    return !row->endpoint || row->required || row->n_warnings > 0 ||
           row->status < ROW_INSUFFICIENT || row->status == ROW_ACCEPTED;
}

/* Nothing failed on either side, as in most rows of error rates. */
static bool is_empty(const struct verdict_row *row)
{
    return row->base == 0 && row->candidate == 0;
}

static bool is_wanted(const struct verdict_row *row, enum rows_part part)
{
    if (part == ROWS_ALL)
        return true;
    if (is_notable(row))
        return part == ROWS_NOTABLE;
    return part == (is_empty(row) ? ROWS_EMPTY : ROWS_OTHER);
}

/* The reason of a row that is not well, and the warnings, as one text; NULL where there is none. */
static const char *keep_note(struct table *table, const struct verdict_row *row, struct buf *text)
{
    if (row->reason && row->status < ROW_STABLE)
        buf_add_str(text, row->reason);
    for (size_t i = 0; i < row->n_warnings; i++)
        buf_addf(text, "%swarning: %s", text->len ? "; " : "", row->warnings[i]);
    return text->len ? table_keep(table, text) : NULL;
}

static void add_verdict_row(struct table *table, const struct verdict_row *from, struct buf *text)
{
    struct table_row *row = table_add(table);
    row->tone = status_tones[from->status];
    row->cells[V_STATUS] = row_status_name((enum row_status)from->status);
    verdict_add_scope(text, from);
    row->cells[V_SCOPE] = table_keep(table, text);
    row->cells[V_METRIC] = verdict_row_title(from);
    add_value(text, from, from->base);
    row->cells[V_BASE] = table_keep(table, text);
    add_value(text, from, from->candidate);
    row->cells[V_CANDIDATE] = table_keep(table, text);
    add_percent(text, from->change, from->text_digits);
    row->cells[V_CHANGE] = table_keep(table, text);
    add_threshold(text, from);
    row->cells[V_ALLOWED] = table_keep(table, text);
    add_interval(text, from);
    row->cells[V_INTERVAL] = table_keep(table, text);
    add_p(text, from->p);
    row->cells[V_P] = table_keep(table, text);
    add_percent(text, from->detectable * 100, 0);
    row->cells[V_DETECTABLE] = table_keep(table, text);
    if (is_notable(from))
        row->note = keep_note(table, from, text);
}

size_t rows_count(const struct verdict *verdict, enum rows_part part)
{
    size_t n = 0;
    for (size_t i = 0; i < verdict->n_rows; i++)
        n += is_wanted(&verdict->rows[i], part);
    return n;
}

void rows_of_verdict(const struct verdict *verdict, enum rows_part part, struct table *out)
{
    struct buf text = {0};
    *out = (struct table){.columns = verdict_columns, .n_columns = V_COUNT};
    for (size_t i = 0; i < verdict->n_rows; i++) {
        if (is_wanted(&verdict->rows[i], part))
            add_verdict_row(out, &verdict->rows[i], &text);
    }
    buf_release(&text);
}

/* ---- lines about the whole ---- */

static void add_separator(struct buf *out, size_t start)
{
    if (out->len > start)
        buf_add_str(out, ", ");
}

/* "12 things", with a comma before it where the list has begun; nothing for 0. */
static void add_count(struct buf *out, size_t start, int64_t count, const char *what)
{
    if (!count)
        return;
    add_separator(out, start);
    buf_addf(out, "%" PRId64 " %s%s", count, what, count == 1 ? "" : "s");
}

static void add_duration(struct buf *out, size_t start, int64_t ns)
{
    if (!ns)
        return;
    add_separator(out, start);
    num_add_duration(out, ns);
}

static void add_text(struct buf *out, size_t start, const char *before, const char *text)
{
    if (!text)
        return;
    add_separator(out, start);
    buf_addf(out, "%s%s", before, text);
}

void rows_add_evidence(const struct verdict *verdict, struct buf *out)
{
    size_t start = out->len;
    buf_add_str(out, comparison_name((enum comparison)verdict->comparison));
    add_count(out, start, verdict->starts, "start");
    add_count(out, start, verdict->pairs, "pair");
    if (verdict->batches) {
        add_separator(out, start);
        buf_addf(out, "%" PRId64 " batches", verdict->batches);
    }
    add_count(out, start, verdict->users, "user");
    add_duration(out, start, verdict->duration_ns);
    if (isfinite(verdict->alpha)) {
        add_separator(out, start);
        buf_addf(out, "alpha %.3g", verdict->alpha);
    }
}

void rows_add_environment(const struct fingerprint *environment, struct buf *out)
{
    size_t start = out->len;
    add_text(out, start, "", environment->cpu_model);
    add_count(out, start, environment->cores, "core");
    add_text(out, start, "", environment->virtualization);
    if (environment->memory_mb) {
        add_separator(out, start);
        buf_addf(out, "%" PRId64 " MB", environment->memory_mb);
    }
    add_text(out, start, "kernel ", environment->kernel);
    add_text(out, start, "image ", environment->runner_image);
    add_text(out, start, "", environment->tool);
}

void rows_add_run(const struct report *report, struct buf *out)
{
    size_t start = out->len;
    add_text(out, start, "suite ", report->suite);
    add_text(out, start, "", report->host);
    add_separator(out, start);
    buf_addf(out, "%" PRId64 " request%s", report->metrics.total_requests,
             report->metrics.total_requests == 1 ? "" : "s");
    add_count(out, start, report->metrics.total_failures, "failure");
    add_count(out, start, report->users, "user");
    add_duration(out, start, report->duration_ns);
}

/* ---- reports ---- */

/* The columns with a metric's figure, in their order. */
static const enum metric report_metrics[] = {
    METRIC_ERROR_RATE, METRIC_REQUESTS_PER_S, METRIC_AVERAGE, METRIC_MEDIAN, METRIC_P95, METRIC_P99,
    METRIC_MAX,
};
#define N_REPORT_METRICS (sizeof report_metrics / sizeof report_metrics[0])

enum { R_SCOPE, R_REQUESTS, R_FAILURES, R_METRICS, R_COUNT = R_METRICS + N_REPORT_METRICS };

static const struct table_column report_columns[R_COUNT] = {
    {.title = "Endpoint", .name = true, .max_width = NAME_WIDTH},
    {.title = "Requests", .right = true},
    {.title = "Failures", .right = true},
    {.title = "Error rate", .right = true},
    {.title = "Req/s", .right = true},
    {.title = "Average", .right = true},
    {.title = "Median", .right = true},
    {.title = "p95", .right = true},
    {.title = "p99", .right = true},
    {.title = "Max", .right = true},
};

static void add_report_row(struct table *table, const char *scope, const struct metrics *metrics,
                           struct buf *text)
{
    struct table_row *row = table_add(table);
    row->cells[R_SCOPE] = scope;
    buf_addf(text, "%" PRId64, metrics->total_requests);
    row->cells[R_REQUESTS] = table_keep(table, text);
    buf_addf(text, "%" PRId64, metrics->total_failures);
    row->cells[R_FAILURES] = table_keep(table, text);
    for (size_t i = 0; i < N_REPORT_METRICS; i++) {
        double value = metric_value(metrics, report_metrics[i]);
        if (isfinite(value))
            metric_add_text(text, report_metrics[i], value, 0);
        row->cells[R_METRICS + i] = table_keep(table, text);
    }
}

/* Unknown ones last. */
static int by_falling(double a, double b)
{
    bool known_a = isfinite(a), known_b = isfinite(b);
    if (!known_a || !known_b)
        return known_b - known_a;
    return (b > a) - (b < a);
}

/* By share of failures, then by p95; equal ones stay in the report's order. */
static int worse_endpoint(const void *a, const void *b)
{
    const struct report_endpoint *const *left = a, *const *right = b;
    int order = by_falling((*left)->metrics.error_rate, (*right)->metrics.error_rate);
    order = order ? order : by_falling((*left)->metrics.p95_ms, (*right)->metrics.p95_ms);
    return order ? order : (*left > *right) - (*left < *right);
}

/* Pointers to the `n` items of an array, which `compare` puts in order. */
static const void **sorted(struct arena *arena, const void *items, size_t n, size_t size,
                           int (*compare)(const void *, const void *))
{
    const void **all = arena_array(arena, n, sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = (const char *)items + i * size;
    if (n)
        qsort(all, n, sizeof *all, compare);
    return all;
}

const void **rows_worst_endpoints(const struct report *report, struct arena *arena)
{
    return sorted(arena, report->endpoints, report->n_endpoints, sizeof *report->endpoints,
                  worse_endpoint);
}

void rows_of_report(const struct report *report, struct table *out)
{
    struct buf text = {0};
    *out = (struct table){.columns = report_columns, .n_columns = R_COUNT};
    add_report_row(out, "overall", &report->metrics, &text);
    const void **all = rows_worst_endpoints(report, &out->arena);
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = all[i];
        add_report_row(out, table_keep_endpoint(out, endpoint->method, endpoint->name),
                       &endpoint->metrics, &text);
    }
    buf_release(&text);
}

static const struct table_column error_columns[] = {
    {.title = "Count", .right = true},
    {.title = "Error"},
    {.title = "Endpoint", .name = true, .max_width = NAME_WIDTH},
    {.title = "Message", .name = true, .max_width = 120},
};

static int more_often(const void *a, const void *b)
{
    const struct report_error *const *left = a, *const *right = b;
    int order = ((*right)->count > (*left)->count) - ((*right)->count < (*left)->count);
    return order ? order : (*left > *right) - (*left < *right);
}

void rows_of_errors(const struct report *report, struct table *out)
{
    struct buf text = {0};
    *out = (struct table){.columns = error_columns,
                          .n_columns = sizeof error_columns / sizeof error_columns[0]};
    const void **all =
        sorted(&out->arena, report->errors, report->n_errors, sizeof *report->errors, more_often);
    for (size_t i = 0; i < report->n_errors; i++) {
        const struct report_error *error = all[i];
        struct table_row *row = table_add(out);
        buf_addf(&text, "%" PRId64, error->count);
        row->cells[0] = table_keep(out, &text);
        row->cells[1] = error->kind ? arena_strdup(&out->arena, error->kind) : NULL;
        row->cells[2] = table_keep_endpoint(out, error->method, error->endpoint);
        row->cells[3] = error->message ? arena_strdup(&out->arena, error->message) : NULL;
    }
    buf_release(&text);
}

static const struct table_column slowest_columns[] = {
    {.title = "Slowest traced", .right = true},
    {.title = "Endpoint", .name = true, .max_width = NAME_WIDTH},
    {.title = "Trace", .address = true},
};

enum { MOST_SLOWEST = 10 };

/* A traced request with its endpoint. */
struct slow {
    const struct report_trace *trace;
    const struct report_endpoint *endpoint;
};

static int slower(const void *a, const void *b)
{
    const struct slow *left = *(const struct slow *const *)a,
                      *right = *(const struct slow *const *)b;
    int64_t difference = right->trace->latency_ns - left->trace->latency_ns;
    int order = (difference > 0) - (difference < 0);
    return order ? order : (left > right) - (left < right);
}

static const void **sort_slowest(const struct report *report, struct arena *arena, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < report->n_endpoints; i++)
        *n += report->endpoints[i].slowest.n;
    struct slow *all = arena_array(arena, *n, sizeof *all);
    *n = 0;
    for (size_t i = 0; i < report->n_endpoints; i++)
        for (size_t k = 0; k < report->endpoints[i].slowest.n; k++)
            all[(*n)++] =
                (struct slow){&report->endpoints[i].slowest.items[k], &report->endpoints[i]};
    return sorted(arena, all, *n, sizeof *all, slower);
}

void rows_of_slowest(const struct report *report, struct table *out)
{
    struct buf text = {0};
    size_t n;
    *out = (struct table){.columns = slowest_columns,
                          .n_columns = sizeof slowest_columns / sizeof slowest_columns[0]};
    const void **all = sort_slowest(report, &out->arena, &n);
    for (size_t i = 0; i < n && i < MOST_SLOWEST; i++) {
        const struct slow *slow = all[i];
        struct table_row *row = table_add(out);
        metric_add_text(&text, METRIC_MAX, (double)slow->trace->latency_ns / 1e6, 0);
        row->cells[0] = table_keep(out, &text);
        row->cells[1] = table_keep_endpoint(out, slow->endpoint->method, slow->endpoint->name);
        report_trace_add_link(&text, report->trace_link ? report->trace_link : "{trace_id}",
                              slow->trace->trace_id);
        row->cells[2] = table_keep(out, &text);
    }
    buf_release(&text);
}
