/* The page of a trend: what changed and since which commit, a chart for each metric, what was
 * marked, and all runs. */
#include "render/trend.h"

#include <inttypes.h>
#include <math.h>

#include "base/num.h"
#include "render/escape.h"
#include "render/html_parts.h"

static size_t count_changes(const struct trend *trend)
{
    size_t n = 0;
    for (size_t i = 0; i < trend->n_series; i++)
        n += trend->series[i].n_changes;
    return n;
}

/* ---- cells ---- */

static const char *keep_time(struct table *table, int64_t at_ns)
{
    struct buf text = {0};
    num_add_utc(&text, at_ns);
    const char *kept = table_keep(table, &text);
    buf_release(&text);
    return kept;
}

static const char *keep_figure(struct table *table, int metric, double value)
{
    struct buf text = {0};
    if (isfinite(value))
        metric_add_text(&text, (enum metric)metric, value, 0);
    const char *kept = table_keep(table, &text);
    buf_release(&text);
    return kept;
}

/* ---- the changes ---- */

enum { C_WHAT, C_SINCE, C_COMMIT, C_BEFORE, C_FROM, C_TO, C_CHANGE, C_P, C_COUNT };

/* To the right is what must not be broken into lines. */
static const struct table_column change_columns[C_COUNT] = {
    [C_WHAT] = {.title = "Change"},
    [C_SINCE] = {.title = "Since", .right = true},
    [C_COMMIT] = {.title = "Commit", .name = true, .right = true},
    [C_BEFORE] = {.title = "Commit before", .name = true, .right = true},
    [C_FROM] = {.title = "From", .right = true},
    [C_TO] = {.title = "To", .right = true},
    [C_CHANGE] = {.title = "By", .right = true},
    [C_P] = {.title = "p", .right = true},
};

static void add_change_row(struct table *table, const struct trend *trend,
                           const struct trend_series *series, const struct trend_change *change)
{
    static const char *const ways[] = {
        [TREND_SAME] = "other", [TREND_BETTER] = "better", [TREND_WORSE] = "worse"};
    static const enum tone tones[] = {
        [TREND_SAME] = TONE_WARN, [TREND_BETTER] = TONE_GOOD, [TREND_WORSE] = TONE_BAD};
    struct table_row *row = table_add(table);
    enum trend_way way = trend_way(series, change);
    row->tone = tones[way];
    row->cells[C_WHAT] = arena_printf(&table->arena, "%s: %s", ways[way],
                                      metric_info((enum metric)series->metric)->title);
    row->cells[C_SINCE] = keep_time(table, trend->runs[change->run].started_ns);
    row->cells[C_COMMIT] = trend->runs[change->run].commit;
    row->cells[C_BEFORE] = trend->runs[change->last].commit;
    row->cells[C_FROM] = keep_figure(table, series->metric, change->before);
    row->cells[C_TO] = keep_figure(table, series->metric, change->after);
    if (isfinite(change->change))
        row->cells[C_CHANGE] = arena_printf(&table->arena, "%+.1f %%", change->change);
    row->cells[C_P] = arena_printf(&table->arena, "%.3f", change->p);
    if (trend_same_commit(trend, change))
        row->note = "one commit on both sides, so it was not the code that changed";
}

/* ---- what was marked ---- */

enum { M_KIND, M_WHEN, M_COMMIT, M_METRIC, M_VALUE, M_UNTIL, M_COUNT };

static const struct table_column mark_columns[M_COUNT] = {
    [M_KIND] = {.title = "Mark"},
    [M_WHEN] = {.title = "When", .right = true},
    [M_COMMIT] = {.title = "Commit", .name = true, .right = true},
    [M_METRIC] = {.title = "Metric", .right = true},
    [M_VALUE] = {.title = "Up to", .right = true},
    [M_UNTIL] = {.title = "Until", .right = true},
};

static void add_mark_row(struct table *table, const struct trend_mark *mark)
{
    struct table_row *row = table_add(table);
    bool accepted = mark->kind == TREND_ACCEPTANCE;
    row->tone = accepted ? TONE_ACCEPTED : TONE_NONE;
    row->cells[M_KIND] = accepted ? "accepted" : "anchor";
    row->cells[M_WHEN] = keep_time(table, mark->at_ns);
    row->cells[M_COMMIT] = mark->commit ? arena_printf(&table->arena, "%.12s", mark->commit) : NULL;
    if (mark->metric) {
        enum metric metric = metric_find(mark->metric);
        row->cells[M_METRIC] = metric_info(metric)->title;
        row->cells[M_VALUE] = keep_figure(table, (int)metric, mark->value);
    }
    row->cells[M_UNTIL] = mark->until;
    row->note = arena_printf(&table->arena, "%s%sby %s%s", mark->text ? mark->text : "",
                             mark->text ? ", " : "", mark->by,
                             mark->run < 0 ? "; its run is not among those shown" : "");
}

/* ---- the runs ---- */

enum { R_STARTED, R_COMMIT, R_FIRST_METRIC };

/* The columns are the table's, which owns them. */
static void init_runs(struct table *table, const struct trend *trend)
{
    size_t n = R_FIRST_METRIC + trend->n_series;
    *table = (struct table){.n_columns = n};
    struct table_column *columns = arena_array(&table->arena, n, sizeof *columns);
    columns[R_STARTED] = (struct table_column){.title = "Run", .right = true};
    columns[R_COMMIT] = (struct table_column){.title = "Commit", .name = true, .right = true};
    for (size_t i = 0; i < trend->n_series; i++)
        columns[R_FIRST_METRIC + i] = (struct table_column){
            .title = metric_info((enum metric)trend->series[i].metric)->title, .right = true};
    table->columns = columns;
}

static void add_item(struct buf *out, const char *before, const char *text)
{
    buf_addf(out, "%s%s%s", out->len ? "; " : "", before, text);
}

/* "changed: average, p95" */
static void add_changed(struct buf *out, const struct trend *trend, size_t run)
{
    for (size_t i = 0; i < trend->n_series; i++) {
        const struct trend_series *series = &trend->series[i];
        if (trend_change_at(series, run) < series->n_changes)
            buf_addf(out, "%s%s", out->len ? ", " : "changed: ",
                     metric_info((enum metric)series->metric)->title);
    }
}

/* What happened at a run; NULL for nothing. */
static const char *keep_events(struct table *table, const struct trend *trend, size_t run)
{
    struct buf text = {0};
    add_changed(&text, trend, run);
    for (size_t i = 0; i < trend->n_marks; i++) {
        const struct trend_mark *mark = &trend->marks[i];
        if (mark->run != (int64_t)run)
            continue;
        if (mark->kind == TREND_ANCHOR)
            add_item(&text, "anchor ", mark->text ? mark->text : "");
        else
            add_item(&text, "accepted before it: ", mark->text);
    }
    const char *kept = text.len ? table_keep(table, &text) : NULL;
    buf_release(&text);
    return kept;
}

static void add_run_row(struct table *table, const struct trend *trend, size_t run)
{
    struct table_row *row = table_add(table);
    row->cells[R_STARTED] = keep_time(table, trend->runs[run].started_ns);
    row->cells[R_COMMIT] = trend->runs[run].commit;
    row->note = keep_events(table, trend, run);
    for (size_t i = 0; i < trend->n_series; i++)
        row->cells[R_FIRST_METRIC + i] =
            keep_figure(table, trend->series[i].metric, trend->series[i].values[run]);
}

/* ---- the page ---- */

static void add_header(struct buf *out, const struct trend *trend)
{
    struct buf text = {0};
    size_t n = count_changes(trend);
    const struct trend_left_out *left = &trend->left_out;
    int64_t left_out = left->workload + left->machine + left->invalid + left->endpoint;
    buf_add_str(out, "<header class=\"none\">\n<div class=\"soft\">Trend · ");
    buf_addf(&text, "%s/%s · %s", trend->suite, trend->environment, trend->scope);
    escape_add_name(out, buf_text(&text), 100);
    buf_reset(&text);
    buf_addf(&text, "%zu change%s in %zu run%s", n, n == 1 ? "" : "s", trend->n_runs,
             trend->n_runs == 1 ? "" : "s");
    buf_addf(out, "</div>\n<h1>%s</h1>\n", buf_text(&text));
    buf_reset(&text);
    if (trend->n_runs) {
        buf_add_str(&text, "From ");
        num_add_utc(&text, trend->runs[0].started_ns);
        buf_add_str(&text, " to ");
        num_add_utc(&text, trend->runs[trend->n_runs - 1].started_ns);
    }
    html_add_paragraph(out, "soft", buf_text(&text));
    buf_reset(&text);
    if (left_out)
        buf_addf(&text,
                 "Left out: %" PRId64 " of another workload, %" PRId64
                 " of another kind of machine than the newest, %" PRId64 " invalid, %" PRId64
                 " without requests to the endpoint",
                 left->workload, left->machine, left->invalid, left->endpoint);
    html_add_paragraph(out, "soft", buf_text(&text));
    buf_add_str(out, "</header>\n");
    buf_release(&text);
}

static void add_changes(struct buf *out, const struct trend *trend)
{
    struct table table = {.columns = change_columns, .n_columns = C_COUNT};
    for (size_t i = 0; i < trend->n_series; i++)
        for (size_t k = 0; k < trend->series[i].n_changes; k++)
            add_change_row(&table, trend, &trend->series[i], &trend->series[i].changes[k]);
    html_add_table_section(out, "changes", "Changes", &table);
}

static void add_charts(struct buf *out, const struct trend *trend)
{
    html_open_section(out, "charts", "Over the runs");
    html_add_paragraph(out, "soft",
                       "▲ ▼ where the level of a figure changed, and the median on either side as "
                       "a dark line; ○ the anchor, a run that others are held against; ◆ what was "
                       "accepted from then on, and up to which figure.");
    buf_add_str(out, "<div class=\"charts\">\n");
    for (size_t i = 0; i < trend->n_series; i++) {
        struct buf chart = {0};
        if (trend_add_chart(trend, &trend->series[i], &chart))
            buf_addf(out, "<figure><figcaption><b>%s</b></figcaption>\n%s</figure>\n",
                     metric_info((enum metric)trend->series[i].metric)->title, buf_text(&chart));
        buf_release(&chart);
    }
    buf_add_str(out, "</div>\n");
    html_close_section(out);
}

static void add_marks(struct buf *out, const struct trend *trend)
{
    struct table table = {.columns = mark_columns, .n_columns = M_COUNT};
    for (size_t i = trend->n_marks; i-- > 0;)
        add_mark_row(&table, &trend->marks[i]);
    html_add_table_section(out, "marks", "Anchors and acceptances", &table);
}

static void add_runs(struct buf *out, const struct trend *trend)
{
    struct table table;
    init_runs(&table, trend);
    for (size_t i = trend->n_runs; i-- > 0;)
        add_run_row(&table, trend, i);
    html_add_table_section(out, "runs", "Runs, newest first", &table);
}

void trend_add_html(const struct trend *trend, struct buf *out)
{
    html_open(out, "Trend", trend->suite);
    add_header(out, trend);
    buf_add_str(out, "<main>\n");
    add_changes(out, trend);
    if (trend->n_runs)
        add_charts(out, trend);
    add_marks(out, trend);
    add_runs(out, trend);
    buf_add_str(out, "</main>\n");
    html_close(out);
}
