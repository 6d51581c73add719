/* Text for a terminal or a log. */
#include "render/forms.h"

#include "render/alert_lines.h"
#include "render/kept.h"
#include "render/resources.h"
#include "render/rows.h"
#include "render/utf8.h"

/* "label: text" as a line, where there is a text. */
static void add_labelled(struct buf *out, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    buf_addf(out, "%s: ", label);
    utf8_add_safe(out, text);
    buf_add_char(out, '\n');
}

static void add_lines(struct buf *out, const char *label, const char *const *lines, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add_labelled(out, label, lines[i]);
}

static void add_rows(const struct verdict *verdict, enum rows_part part, bool color,
                     struct buf *out)
{
    struct table table;
    rows_of_verdict(verdict, part, &table);
    if (table.n_rows) {
        table_add_text(&table, color, out);
        buf_add_char(out, '\n');
    }
    table_release(&table);
}

static void add_alerts(const struct verdict *verdict, struct buf *out)
{
    const struct verdict_alert *alert;
    struct buf line = {0};
    for (size_t i = 0; (alert = alert_lines_next(verdict, &i));) {
        buf_reset(&line);
        alert_lines_add(&line, alert);
        add_labelled(out, "alert", buf_text(&line));
    }
    buf_reset(&line);
    alert_lines_add_unknown(&line, verdict);
    add_labelled(out, "alerts not evaluated", buf_text(&line));
    buf_release(&line);
}

void text_verdict(const struct verdict *verdict, const struct render_options *options,
                  struct buf *out)
{
    enum overall_status status = (enum overall_status)verdict->status;
    struct buf line = {0};
    table_add_tone(out, rows_overall_tone(status), options->color, overall_status_name(status));
    buf_add_str(out, ": ");
    utf8_add_safe(out, verdict->summary ? verdict->summary : "");
    buf_add_str(out, "\n\n");
    add_rows(verdict, ROWS_NOTABLE, options->color, out);
    add_rows(verdict, ROWS_OTHER, options->color, out);
    size_t empty = rows_count(verdict, ROWS_EMPTY);
    if (empty)
        buf_addf(out, "not shown: %zu row%s of 0 on both sides\n\n", empty, empty == 1 ? "" : "s");
    add_lines(out, "warning", verdict->warnings, verdict->n_warnings);
    add_alerts(verdict, out);
    rows_add_evidence(verdict, &line);
    add_labelled(out, "comparison", buf_text(&line));
    add_labelled(out, "suite", verdict->suite);
    add_labelled(out, "baseline", verdict->baseline_choice);
    add_labelled(out, "policy", verdict->policy_choice);
    buf_reset(&line);
    add_labelled(out, "measured", verdict->measured);
    rows_add_environment(&verdict->environment, &line);
    add_labelled(out, "environment", buf_text(&line));
    buf_release(&line);
}

static void add_table(struct table *table, bool color, struct buf *out)
{
    if (table->n_rows) {
        buf_add_char(out, '\n');
        table_add_text(table, color, out);
    }
    table_release(table);
}

void text_report(const struct report *report, const struct render_options *options, struct buf *out)
{
    struct table table;
    struct kept_sides own;
    struct buf line = {0}, foot = {0};
    rows_add_run(report, &line);
    add_labelled(out, options->title ? options->title : "report", buf_text(&line));
    rows_of_report(report, &table);
    add_table(&table, options->color, out);
    rows_of_errors(report, &table);
    add_table(&table, options->color, out);
    rows_of_slowest(report, &table);
    add_table(&table, options->color, out);
    resources_rows_of(report, true, &table);
    add_table(&table, options->color, out);
    const struct render_side *sides = kept_sides_of(report, options, &own);
    for (size_t i = 0; kept_rows(sides, i, &table); i++)
        add_table(&table, options->color, out);
    for (size_t i = 0; i < report->health.n_reasons; i++) {
        table_add_tone(&foot, TONE_BAD, options->color, "not valid");
        buf_add_str(&foot, ": ");
        utf8_add_safe(&foot, invalid_reason_text(report->health.reasons[i]));
        buf_add_char(&foot, '\n');
    }
    add_lines(&foot, "note", report->health.notes, report->health.n_notes);
    buf_reset(&line);
    report_add_source(&line, report);
    add_labelled(&foot, "measured", buf_text(&line));
    buf_reset(&line);
    rows_add_environment(&report->environment, &line);
    add_labelled(&foot, "environment", buf_text(&line));
    if (foot.len)
        buf_addf(out, "\n%s", buf_text(&foot));
    buf_release(&foot);
    buf_release(&line);
}
