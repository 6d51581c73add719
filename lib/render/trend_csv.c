/* A trend as CSV: a line for each run, oldest first, with what happened there. */
#include "render/trend.h"

#include <math.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/num.h"
#include "render/sheet.h"

#define N_COMMON 6 /* columns before those of the metrics */

/* Of each metric the figure, and the median of the runs since the change before. */
static void add_head(struct buf *out, const struct trend *trend)
{
    struct arena arena = {0};
    size_t n = N_COMMON;
    const char **names = arena_array(&arena, n + 2 * trend->n_series, sizeof *names);
    names[0] = "started_at", names[1] = "commit", names[2] = "file";
    names[3] = "changed", names[4] = "anchor", names[5] = "accepted";
    for (size_t i = 0; i < trend->n_series; i++) {
        const char *metric = metric_info((enum metric)trend->series[i].metric)->name;
        names[n++] = metric;
        names[n++] = arena_printf(&arena, "%s_level", metric);
    }
    sheet_add_head(out, names, n);
    arena_release(&arena);
}

static void add_changed(struct buf *out, const struct trend *trend, size_t run)
{
    const char *names[METRIC_COUNT];
    size_t n = 0;
    for (size_t i = 0; i < trend->n_series; i++) {
        const struct trend_series *series = &trend->series[i];
        if (trend_change_at(series, run) < series->n_changes)
            names[n++] = metric_info((enum metric)series->metric)->name;
    }
    sheet_add_texts(out, names, n);
}

/* What was accepted after the last run stands beside that. */
static bool is_at(const struct trend *trend, const struct trend_mark *mark, size_t run)
{
    size_t last = trend->n_runs - 1;
    return mark->run == (int64_t)run || (run == last && mark->run > (int64_t)last);
}

static void add_marks(struct buf *out, const struct trend *trend, size_t run, int kind)
{
    struct arena arena = {0};
    const char **texts = arena_array(&arena, trend->n_marks + 1, sizeof *texts);
    size_t n = 0;
    for (size_t i = 0; i < trend->n_marks; i++) {
        const struct trend_mark *mark = &trend->marks[i];
        if (mark->kind != kind || !is_at(trend, mark, run))
            continue;
        texts[n++] = mark->metric ? arena_printf(&arena, "%s: %s", mark->metric, mark->text)
                     : mark->text ? mark->text
                                  : "anchor";
    }
    sheet_add_texts(out, texts, n);
    arena_release(&arena);
}

void trend_add_csv(const struct trend *trend, struct buf *out)
{
    struct buf time = {0};
    add_head(out, trend);
    for (size_t i = 0; i < trend->n_runs; i++) {
        const struct trend_run *run = &trend->runs[i];
        buf_reset(&time);
        num_add_utc(&time, run->started_ns);
        sheet_begin(out, buf_text(&time));
        sheet_add_text(out, run->commit);
        sheet_add_text(out, run->file);
        add_changed(out, trend, i);
        add_marks(out, trend, i, TREND_ANCHOR);
        add_marks(out, trend, i, TREND_ACCEPTANCE);
        for (size_t k = 0; k < trend->n_series; k++) {
            sheet_add_number(out, trend->series[k].values[i]);
            sheet_add_number(out, trend_level(&trend->series[k], i));
        }
        csv_end_row(out);
    }
    buf_release(&time);
}
