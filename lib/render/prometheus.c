/*
 * A verdict or a report in Prometheus' text exposition format, version 0.0.4, for a push gateway or
 * the node exporter's text files.
 *
 * Figures are gauges in base units (seconds, ratios, per second), one family for each unit, with
 * the metric's name as a label. The whole run has neither of the labels `method` and `endpoint`; an
 * unknown figure has no sample. Label values are names in their visible forms (utf8.h), in which
 * only \ and " are left to escape. Two samples must not have the same labels, or the whole text is
 * refused: of scopes that look alike the first one counts, and a comment says how many were left
 * out. (prometheus.io, "Exposition formats".)
 */
#include "render/forms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "render/rows.h"
#include "render/utf8.h"

/* Of each unit, how its families end, and what a figure is divided by to be in base units. */
static const struct unit {
    const char *suffix, *what;
    double divisor;
} units[] = {
    [UNIT_MS] = {"seconds", "latency in seconds", 1000},
    [UNIT_RATIO] = {"ratio", "share, 0 to 1", 1},
    [UNIT_PER_S] = {"per_second", "rate per second", 1},
    [UNIT_PLAIN] = {"value", "metric that the policy names", 1},
};
#define N_UNITS ((int)(sizeof units / sizeof units[0]))

/* ---- lines ---- */

static void add_label(struct buf *out, const char *name, const char *value)
{
    struct buf visible = {0};
    if (!value || !*value)
        return;
    utf8_add_safe(&visible, value);
    buf_addf(out, "%s%s=\"", out->len ? "," : "", name);
    for (const char *at = buf_text(&visible); *at; at++) {
        if (*at == '\\' || *at == '"')
            buf_add_char(out, '\\');
        buf_add_char(out, *at);
    }
    buf_add_char(out, '"');
    buf_release(&visible);
}

static void add_family(struct buf *out, const char *name, const char *suffix, const char *help)
{
    buf_addf(out, "# HELP perfgate_%s%s %s\n# TYPE perfgate_%s%s gauge\n", name, suffix, help, name,
             suffix);
}

/* `labels` may be empty. */
static void add_sample(struct buf *out, const char *name, const char *suffix, const char *labels,
                       double value)
{
    bool braces = *labels;
    buf_addf(out, "perfgate_%s%s%s%s%s ", name, suffix, braces ? "{" : "", labels,
             braces ? "}" : "");
    num_add_double(out, value);
    buf_add_char(out, '\n');
}

/* A family of one sample. */
static void add_single(struct buf *out, const char *name, const char *help, const char *labels,
                       double value)
{
    if (!isfinite(value))
        return;
    add_family(out, name, "", help);
    add_sample(out, name, "", labels, value);
}

/* ---- labels of scopes and rows ---- */

/* Of each row or scope its labels; NULL for one that is left out. */
struct labels {
    struct arena arena;
    size_t n;
    const char **texts;
};

static int by_text(const void *a, const void *b)
{
    const char *const *const *left = a, *const *const *right = b;
    int order = strcmp(**left, **right);
    return order ? order : (*left > *right) - (*left < *right);
}

/* Leaves out all but the first of those that are equal, and says how many. */
static void keep_different(struct labels *labels, struct buf *out)
{
    const char ***sorted = arena_array(&labels->arena, labels->n + 1, sizeof *sorted);
    size_t left_out = 0;
    for (size_t i = 0; i < labels->n; i++)
        sorted[i] = &labels->texts[i];
    if (labels->n)
        qsort(sorted, labels->n, sizeof *sorted, by_text);
    for (size_t i = labels->n; i-- > 1;) {
        if (strcmp(*sorted[i], *sorted[i - 1]) != 0)
            continue;
        *sorted[i] = NULL;
        left_out++;
    }
    if (left_out)
        buf_addf(out, "# left out, because they look like another: %zu\n", left_out);
}

static const char *keep(struct labels *labels, struct buf *text)
{
    const char *kept = arena_strndup(&labels->arena, buf_text(text), text->len);
    buf_reset(text);
    return kept;
}

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

static void label_rows(const struct verdict *verdict, struct labels *labels, struct buf *out)
{
    struct buf text = {0};
    labels->n = verdict->n_rows;
    labels->texts = arena_array(&labels->arena, labels->n + 1, sizeof *labels->texts);
    for (size_t i = 0; i < labels->n; i++) {
        const struct verdict_row *row = &verdict->rows[i];
        add_label(&text, "suite", verdict->suite);
        add_label(&text, "method", row->method);
        add_label(&text, "endpoint", row->endpoint);
        if (row->against == AGAINST_ANCHOR && row->anchor)
            add_label(&text, "since", row->anchor->label ? row->anchor->label : row->anchor->run);
        add_label(&text, "metric", verdict_row_key(row));
        labels->texts[i] = keep(labels, &text);
    }
    keep_different(labels, out);
    buf_release(&text);
}

/* The figures of one side that are in one unit. */
static void add_side(struct buf *out, const struct verdict *verdict, const struct labels *labels,
                     const char *side, int unit)
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
            add_family(out, buf_text(&name), units[unit].suffix, buf_text(&help));
        begun = true;
        add_sample(out, buf_text(&name), units[unit].suffix, labels->texts[i],
                   value / units[unit].divisor);
    }
    buf_release(&help);
    buf_release(&name);
}

static void add_row_family(struct buf *out, const struct verdict *verdict,
                           const struct labels *labels, const struct row_family *family)
{
    bool begun = false;
    for (size_t i = 0; i < verdict->n_rows; i++) {
        double value;
        memcpy(&value, (const char *)&verdict->rows[i] + family->offset, sizeof value);
        if (!labels->texts[i] || !isfinite(value))
            continue;
        if (!begun)
            add_family(out, family->name, "", family->help);
        begun = true;
        add_sample(out, family->name, "", labels->texts[i], value / family->divisor);
    }
}

/* The status of each row is a label, of a sample that is 1. */
static void add_row_statuses(struct buf *out, const struct verdict *verdict,
                             const struct labels *labels)
{
    struct buf text = {0};
    if (verdict->n_rows)
        add_family(out, "verdict_row", "", "1, with the row's status as a label");
    for (size_t i = 0; i < verdict->n_rows; i++) {
        if (!labels->texts[i])
            continue;
        buf_reset(&text);
        buf_add_str(&text, labels->texts[i]);
        add_label(&text, "status", row_status_name((enum row_status)verdict->rows[i].status));
        add_sample(out, "verdict_row", "", buf_text(&text), 1);
    }
    buf_release(&text);
}

/* A sample of each name, which is its `status`, with its figure. */
static void add_statuses(struct buf *out, const struct verdict *verdict)
{
    struct buf text = {0};
    double counts[ROW_STATUS_COUNT] = {0};
    add_family(out, "verdict_status", "", "1 for what the verdict is, 0 for what it is not");
    for (int i = OVERALL_PASS; i <= OVERALL_UNDECIDED; i++) {
        buf_reset(&text);
        add_label(&text, "suite", verdict->suite);
        add_label(&text, "status", overall_status_name((enum overall_status)i));
        add_sample(out, "verdict_status", "", buf_text(&text), i == verdict->status);
    }
    for (size_t i = 0; i < verdict->n_rows; i++)
        counts[verdict->rows[i].status]++;
    add_family(out, "verdict_rows", "", "rows by status");
    for (int i = 0; i < ROW_STATUS_COUNT; i++) {
        buf_reset(&text);
        add_label(&text, "suite", verdict->suite);
        add_label(&text, "status", row_status_name((enum row_status)i));
        add_sample(out, "verdict_rows", "", buf_text(&text), counts[i]);
    }
    buf_release(&text);
}

void prometheus_verdict(const struct verdict *verdict, const struct render_options *options,
                        struct buf *out)
{
    struct labels labels = {0};
    struct buf suite = {0};
    (void)options;
    add_label(&suite, "suite", verdict->suite);
    add_statuses(out, verdict);
    add_single(out, "verdict_exit_code", "0 passed, 1 failed, 3 cannot be decided",
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
    struct labels labels;
    const struct metrics **metrics;
};

static void add_scope(struct scopes *scopes, struct buf *text, const struct metrics *metrics)
{
    scopes->metrics[scopes->labels.n] = metrics;
    scopes->labels.texts[scopes->labels.n++] = keep(&scopes->labels, text);
}

static void find_scopes(const struct report *report, struct scopes *out, struct buf *lines)
{
    struct arena *arena = &out->labels.arena;
    struct buf text = {0};
    const void **endpoints = rows_worst_endpoints(report, arena);
    out->metrics = arena_array(arena, report->n_endpoints + 1, sizeof *out->metrics);
    out->labels.texts = arena_array(arena, report->n_endpoints + 1, sizeof *out->labels.texts);
    add_label(&text, "suite", report->suite);
    add_scope(out, &text, &report->metrics);
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = endpoints[i];
        add_label(&text, "suite", report->suite);
        add_label(&text, "method", endpoint->method);
        add_label(&text, "endpoint", endpoint->name);
        add_scope(out, &text, &endpoint->metrics);
    }
    keep_different(&out->labels, lines);
    buf_release(&text);
}

static void add_scope_figure(struct buf *out, const struct scopes *scopes, size_t i,
                             enum metric metric)
{
    const struct unit *unit = &units[metric_info(metric)->unit];
    double value = metric_value(scopes->metrics[i], metric);
    struct buf text = {0};
    if (!scopes->labels.texts[i] || !isfinite(value))
        return;
    buf_add_str(&text, scopes->labels.texts[i]);
    add_label(&text, "metric", metric_info(metric)->name);
    add_sample(out, "run_", unit->suffix, buf_text(&text), value / unit->divisor);
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
        add_family(out, "run_", units[unit].suffix, units[unit].what);
        buf_add(out, samples.data, samples.len);
    }
    buf_release(&samples);
}

static void add_counts(struct buf *out, const struct scopes *scopes, const char *name,
                       const char *help, bool failures)
{
    add_family(out, name, "", help);
    for (size_t i = 0; i < scopes->labels.n; i++) {
        const struct metrics *metrics = scopes->metrics[i];
        if (scopes->labels.texts[i])
            add_sample(out, name, "", scopes->labels.texts[i],
                       (double)(failures ? metrics->total_failures : metrics->total_requests));
    }
}

void prometheus_report(const struct report *report, const struct render_options *options,
                       struct buf *out)
{
    struct scopes scopes = {0};
    struct buf suite = {0};
    (void)options;
    add_label(&suite, "suite", report->suite);
    find_scopes(report, &scopes, out);
    add_single(out, "run_valid", "0 where the run cannot be trusted", buf_text(&suite),
               report->health.valid);
    add_single(out, "run_started_timestamp_seconds", "when it began, since 1970", buf_text(&suite),
               report->started_ns ? (double)report->started_ns / (double)NS_PER_S : (double)NAN);
    add_single(out, "run_duration_seconds", "how long was measured", buf_text(&suite),
               (double)report->duration_ns / (double)NS_PER_S);
    add_single(out, "run_users", "virtual users", buf_text(&suite), (double)report->users);
    add_counts(out, &scopes, "run_requests", "requests, failures included", false);
    add_counts(out, &scopes, "run_failures", "requests that failed", true);
    for (int unit = 0; unit < N_UNITS; unit++)
        add_run_family(out, &scopes, unit);
    arena_release(&scopes.labels.arena);
    buf_release(&suite);
}
