/*
 * A verdict or a report in Prometheus' text exposition format, version 0.0.4, for a push gateway or
 * the node exporter's text files.
 *
 * Figures are gauges in base units (seconds, ratios, per second), one family for each unit, with
 * the metric's name as a label. The whole run has neither of the labels `method` and `endpoint`; an
 * unknown figure has no sample.
 */
#include "render/prometheus.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "render/forms.h"
#include "render/prometheus_lines.h"
#include "render/rows.h"

static const struct prometheus_unit units[] = {
    [UNIT_MS] = {"seconds", "latency in seconds", 1000},
    [UNIT_RATIO] = {"ratio", "share, 0 to 1", 1},
    [UNIT_PER_S] = {"per_second", "rate per second", 1},
    [UNIT_PLAIN] = {"value", "metric that the policy names", 1},
};
#define N_UNITS ((int)(sizeof units / sizeof units[0]))

/* ---- verdicts ---- */

/* What there is of a row, besides its two figures. */
static const struct row_family {
    const char *name, *help;
    size_t offset; /* of the double in struct verdict_row */
    double divisor;
} row_families[] = {
    {"verdict_change", "candidate / base - 1", offsetof(struct verdict_row, change), 100},
    {"verdict_threshold_ratio",
     "what candidate / base may be at most, or base / candidate of "
     "what is better when it is more",
     offsetof(struct verdict_row, threshold), 1},
    {"verdict_interval_low_ratio", "lower end of the 99 % interval of candidate / base",
     offsetof(struct verdict_row, interval_low), 1},
    {"verdict_interval_high_ratio", "upper end of the 99 % interval of candidate / base",
     offsetof(struct verdict_row, interval_high), 1},
    {"verdict_p_value", "Holm-adjusted, one-sided", offsetof(struct verdict_row, p), 1},
    {"verdict_detectable_change", "the smallest candidate / base - 1 that would be found",
     offsetof(struct verdict_row, detectable), 1},
};

static void label_rows(const struct verdict *verdict, struct prometheus_labels *labels,
                       struct buf *out)
{
    struct buf text = {0};
    labels->n = verdict->n_rows;
    labels->texts = arena_array(&labels->arena, labels->n + 1, sizeof *labels->texts);
    for (size_t i = 0; i < labels->n; i++) {
        const struct verdict_row *row = &verdict->rows[i];
        prometheus_label(&text, "suite", verdict->suite);
        prometheus_label(&text, "method", row->method);
        prometheus_label(&text, "endpoint", row->endpoint);
        if (row->against == AGAINST_ANCHOR && row->anchor)
            prometheus_label(&text, "since",
                             row->anchor->label ? row->anchor->label : row->anchor->run);
        prometheus_label(&text, "metric", verdict_row_key(row));
        labels->texts[i] = prometheus_keep(labels, &text);
    }
    prometheus_keep_different(labels, out);
    buf_release(&text);
}

/* The figures of one side that are in one unit. */
static void add_side(struct buf *out, const struct verdict *verdict,
                     const struct prometheus_labels *labels, const char *side, int unit)
{
    struct buf name = {0}, help = {0};
    bool begun = false;
    buf_addf(&name, "verdict_%s_", side);
    buf_addf(&help, "the %s's %s", side, units[unit].what);
    for (size_t i = 0; i < verdict->n_rows; i++) {
        const struct verdict_row *row = &verdict->rows[i];
        double value = *side == 'b' ? row->base : row->candidate;
        if (!labels->texts[i] || !isfinite(value) ||
            (int)metric_info((enum metric)row->metric)->unit != unit)
            continue;
        if (!begun)
            prometheus_family(out, buf_text(&name), units[unit].suffix, buf_text(&help));
        begun = true;
        prometheus_sample(out, buf_text(&name), units[unit].suffix, labels->texts[i],
                          value / units[unit].divisor);
    }
    buf_release(&help);
    buf_release(&name);
}

static void add_row_family(struct buf *out, const struct verdict *verdict,
                           const struct prometheus_labels *labels, const struct row_family *family)
{
    bool begun = false;
    for (size_t i = 0; i < verdict->n_rows; i++) {
        double value;
        memcpy(&value, (const char *)&verdict->rows[i] + family->offset, sizeof value);
        if (!labels->texts[i] || !isfinite(value))
            continue;
        if (!begun)
            prometheus_family(out, family->name, "", family->help);
        begun = true;
        prometheus_sample(out, family->name, "", labels->texts[i], value / family->divisor);
    }
}

/* The status of each row is a label, of a sample that is 1. */
static void add_row_statuses(struct buf *out, const struct verdict *verdict,
                             const struct prometheus_labels *labels)
{
    struct buf text = {0};
    if (verdict->n_rows)
        prometheus_family(out, "verdict_row", "", "1, with the row's status as a label");
    for (size_t i = 0; i < verdict->n_rows; i++) {
        if (!labels->texts[i])
            continue;
        buf_reset(&text);
        buf_add_str(&text, labels->texts[i]);
        prometheus_label(&text, "status",
                         row_status_name((enum row_status)verdict->rows[i].status));
        prometheus_sample(out, "verdict_row", "", buf_text(&text), 1);
    }
    buf_release(&text);
}

/* A sample of each name, which is its `status`, with its figure. */
static void add_statuses(struct buf *out, const struct verdict *verdict)
{
    struct buf text = {0};
    double counts[ROW_STATUS_COUNT] = {0};
    prometheus_family(out, "verdict_status", "", "1 for what the verdict is, 0 for what it is not");
    for (int i = OVERALL_PASS; i <= OVERALL_UNDECIDED; i++) {
        buf_reset(&text);
        prometheus_label(&text, "suite", verdict->suite);
        prometheus_label(&text, "status", overall_status_name((enum overall_status)i));
        prometheus_sample(out, "verdict_status", "", buf_text(&text), i == verdict->status);
    }
    for (size_t i = 0; i < verdict->n_rows; i++)
        counts[verdict->rows[i].status]++;
    prometheus_family(out, "verdict_rows", "", "rows by status");
    for (int i = 0; i < ROW_STATUS_COUNT; i++) {
        buf_reset(&text);
        prometheus_label(&text, "suite", verdict->suite);
        prometheus_label(&text, "status", row_status_name((enum row_status)i));
        prometheus_sample(out, "verdict_rows", "", buf_text(&text), counts[i]);
    }
    buf_release(&text);
}

void prometheus_verdict(const struct verdict *verdict, const struct render_options *options,
                        struct buf *out)
{
    struct prometheus_labels labels = {0};
    struct buf suite = {0};
    (void)options;
    prometheus_label(&suite, "suite", verdict->suite);
    add_statuses(out, verdict);
    prometheus_single(out, "verdict_exit_code", "0 passed, 1 failed, 3 cannot be decided",
                      buf_text(&suite), (double)verdict->exit_code);
    label_rows(verdict, &labels, out);
    for (int unit = 0; unit < N_UNITS; unit++) {
        add_side(out, verdict, &labels, "base", unit);
        add_side(out, verdict, &labels, "candidate", unit);
    }
    for (size_t i = 0; i < sizeof row_families / sizeof *row_families; i++)
        add_row_family(out, verdict, &labels, &row_families[i]);
    add_row_statuses(out, verdict, &labels);
    arena_release(&labels.arena);
    buf_release(&suite);
}

/* ---- reports ---- */

/* The whole run, and its endpoints worst first. */
struct scopes {
    const struct report *report;
    struct prometheus_labels labels;
    const struct metrics **metrics;
};

static void add_scope(struct scopes *scopes, struct buf *text, const struct metrics *metrics)
{
    scopes->metrics[scopes->labels.n] = metrics;
    scopes->labels.texts[scopes->labels.n++] = prometheus_keep(&scopes->labels, text);
}

static void find_scopes(const struct report *report, struct scopes *out, struct buf *lines)
{
    struct arena *arena = &out->labels.arena;
    struct buf text = {0};
    const void **endpoints = rows_worst_endpoints(report, arena);
    out->metrics = arena_array(arena, report->n_endpoints + 1, sizeof *out->metrics);
    out->labels.texts = arena_array(arena, report->n_endpoints + 1, sizeof *out->labels.texts);
    prometheus_label(&text, "suite", report->suite);
    add_scope(out, &text, &report->metrics);
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = endpoints[i];
        prometheus_label(&text, "suite", report->suite);
        prometheus_label(&text, "method", endpoint->method);
        prometheus_label(&text, "endpoint", endpoint->name);
        add_scope(out, &text, &endpoint->metrics);
    }
    prometheus_keep_different(&out->labels, lines);
    buf_release(&text);
}

/* The first scope is the whole run's, which alone has figures of resources. */
static void add_scope_figure(struct buf *out, const struct scopes *scopes, size_t i,
                             enum metric metric)
{
    const struct prometheus_unit *unit = &units[metric_info(metric)->unit];
    double value =
        i ? metric_value(scopes->metrics[i], metric) : report_figure(scopes->report, metric);
    struct buf text = {0};
    if (!scopes->labels.texts[i] || !isfinite(value))
        return;
    buf_add_str(&text, scopes->labels.texts[i]);
    prometheus_label(&text, "metric", metric_info(metric)->name);
    prometheus_sample(out, "run_", unit->suffix, buf_text(&text), value / unit->divisor);
    buf_release(&text);
}

/* All figures of one unit. */
static void add_run_family(struct buf *out, const struct scopes *scopes, int unit)
{
    struct buf samples = {0};
    for (size_t i = 0; i < scopes->labels.n; i++) {
        for (int metric = 0; metric < METRIC_COUNT; metric++) {
            if ((int)metric_info((enum metric)metric)->unit == unit)
                add_scope_figure(&samples, scopes, i, (enum metric)metric);
        }
    }
    if (samples.len) {
        prometheus_family(out, "run_", units[unit].suffix, units[unit].what);
        buf_add(out, samples.data, samples.len);
    }
    buf_release(&samples);
}

static void add_counts(struct buf *out, const struct scopes *scopes, const char *name,
                       const char *help, bool failures)
{
    prometheus_family(out, name, "", help);
    for (size_t i = 0; i < scopes->labels.n; i++) {
        const struct metrics *metrics = scopes->metrics[i];
        if (scopes->labels.texts[i])
            prometheus_sample(
                out, name, "", scopes->labels.texts[i],
                (double)(failures ? metrics->total_failures : metrics->total_requests));
    }
}

void prometheus_report(const struct report *report, const struct render_options *options,
                       struct buf *out)
{
    struct scopes scopes = {.report = report};
    const struct prometheus_resources resources = {"suite", report->suite, report->resources};
    struct buf suite = {0};
    (void)options;
    prometheus_label(&suite, "suite", report->suite);
    find_scopes(report, &scopes, out);
    prometheus_single(out, "run_valid", "0 where the run cannot be trusted", buf_text(&suite),
                      report->health.valid);
    prometheus_single(
        out, "run_started_timestamp_seconds", "when it began, since 1970", buf_text(&suite),
        report->started_ns ? (double)report->started_ns / (double)NS_PER_S : (double)NAN);
    prometheus_single(out, "run_duration_seconds", "how long was measured", buf_text(&suite),
                      (double)report->duration_ns / (double)NS_PER_S);
    prometheus_single(out, "run_users", "virtual users", buf_text(&suite), (double)report->users);
    add_counts(out, &scopes, "run_requests", "requests, failures included", false);
    add_counts(out, &scopes, "run_failures", "requests that failed", true);
    for (int unit = 0; unit < N_UNITS; unit++)
        add_run_family(out, &scopes, unit);
    prometheus_add_resources(&resources, 1, "resource", false, out);
    arena_release(&scopes.labels.arena);
    buf_release(&suite);
}
