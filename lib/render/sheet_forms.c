/* A verdict or a report as CSV: one row per scope and metric of the one, per scope of the other. */
#include "render/forms.h"

#include "base/csv.h"
#include "render/rows.h"
#include "render/sheet.h"

/* Named as in the document. Both method and endpoint are empty for the whole run. */
static const char *const verdict_columns[] = {
    "method",         "endpoint",        "since",      "metric",
    "unit",           "status",          "base",       "candidate",
    "change_percent", "threshold",       "min_change", "limit",
    "interval_low",   "interval_high",   "p",          "detectable_change",
    "base_count",     "candidate_count", "required",   "judged",
    "reason",         "warnings",
};

static void add_figures(struct buf *out, const struct verdict_row *row)
{
    sheet_add_number(out, row->base);
    sheet_add_number(out, row->candidate);
    sheet_add_number(out, row->change);
    sheet_add_number(out, row->threshold);
    sheet_add_number(out, row->min_change);
    sheet_add_number(out, row->limit);
    sheet_add_number(out, row->interval_low);
    sheet_add_number(out, row->interval_high);
    sheet_add_number(out, row->p);
    sheet_add_number(out, row->detectable);
    sheet_add_int(out, row->base_count);
    sheet_add_int(out, row->candidate_count);
}

/* What a row's anchor is called; NULL without one. */
static const char *anchor_name(const struct verdict_row *row)
{
    if (row->against != AGAINST_ANCHOR || !row->anchor)
        return NULL;
    return row->anchor->label ? row->anchor->label : row->anchor->run;
}

void sheet_verdict(const struct verdict *verdict, const struct render_options *options,
                   struct buf *out)
{
    (void)options;
    sheet_add_head(out, verdict_columns, sizeof verdict_columns / sizeof *verdict_columns);
    for (size_t i = 0; i < verdict->n_rows; i++) {
        const struct verdict_row *row = &verdict->rows[i];
        sheet_begin(out, row->method);
        sheet_add_text(out, row->endpoint);
        sheet_add_text(out, anchor_name(row));
        sheet_add_text(out, verdict_row_key(row));
        sheet_add_text(out, sheet_unit((enum metric)row->metric));
        sheet_add_text(out, row_status_name((enum row_status)row->status));
        add_figures(out, row);
        sheet_add_bool(out, row->required);
        sheet_add_bool(out, row->judged);
        sheet_add_text(out, row->reason);
        sheet_add_texts(out, row->warnings, row->n_warnings);
        csv_end_row(out);
    }
}

static void add_scope(struct buf *out, const char *method, const char *endpoint,
                      const struct metrics *metrics)
{
    sheet_begin(out, method);
    sheet_add_text(out, endpoint);
    sheet_add_int(out, metrics->total_requests);
    sheet_add_int(out, metrics->total_failures);
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (metric_info((enum metric)i)->kind != KIND_RESOURCE)
            sheet_add_number(out, metric_value(metrics, (enum metric)i));
    }
    csv_end_row(out);
}

static void add_report_head(struct buf *out)
{
    const char *names[4 + METRIC_COUNT] = {"method", "endpoint", "total_requests",
                                           "total_failures"};
    size_t n = 4;
    for (int i = 0; i < METRIC_COUNT; i++) {
        const struct metric_info *info = metric_info((enum metric)i);
        if (info->kind != KIND_RESOURCE)
            names[n++] = info->name;
    }
    sheet_add_head(out, names, n);
}

void sheet_report(const struct report *report, const struct render_options *options,
                  struct buf *out)
{
    struct arena arena = {0};
    const void **endpoints = rows_worst_endpoints(report, &arena);
    (void)options;
    add_report_head(out);
    add_scope(out, NULL, NULL, &report->metrics);
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = endpoints[i];
        add_scope(out, endpoint->method, endpoint->name, &endpoint->metrics);
    }
    arena_release(&arena);
}
