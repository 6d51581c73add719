#include "render/trend.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/num.h"
#include "render/scale.h"
#include "render/svg.h"

/* A chart is as wide as a phone, as those of chart.h; its plot is within these. */
#define WIDTH       360.0
#define HEIGHT      196.0
#define LEFT        60.0
#define RIGHT       350.0
#define TOP         34.0
#define BOTTOM      168.0
#define TICK_ROOM   26.0
#define CHANGE_ROW  10.0 /* where changes are marked, and what was accepted */
#define ACCEPT_ROW  24.0
#define LEAST_RANGE 0.01 /* of figures that are all 0 */
#define MOST_DOTS   120  /* with more runs the line says enough */

/* ---- what a reader of a trend asks ---- */

size_t trend_change_at(const struct trend_series *series, size_t run)
{
    size_t i = 0;
    while (i < series->n_changes && (size_t)series->changes[i].run != run)
        i++;
    return i;
}

double trend_level(const struct trend_series *series, size_t run)
{
    double level = series->n_changes ? series->changes[0].before : (double)NAN;
    for (size_t i = 0; i < series->n_changes && (size_t)series->changes[i].run <= run; i++)
        level = series->changes[i].after;
    return level;
}

enum trend_way trend_way(const struct trend_series *series, const struct trend_change *change)
{
    bool more_is_better = metric_info((enum metric)series->metric)->higher_is_better;
    if (!(change->after > change->before) && !(change->after < change->before))
        return TREND_SAME;
    return (change->after > change->before) == more_is_better ? TREND_BETTER : TREND_WORSE;
}

/* ---- the drawing ---- */

struct plot {
    const struct trend *trend;
    const struct trend_series *series;
    struct scale x, y;
};

static bool is_of(const struct trend_mark *mark, const struct trend_series *series)
{
    return mark->metric && metric_find(mark->metric) == (enum metric)series->metric;
}

static void reach(struct scale *scale, double figure)
{
    if (!isfinite(figure))
        return;
    scale->low = fmin(scale->low, figure);
    scale->high = fmax(scale->high, figure);
}

/* Over all figures, with a little room. False where none is known. */
static bool fit(struct plot *plot)
{
    size_t n = plot->trend->n_runs;
    plot->y = (struct scale){.low = HUGE_VAL, .high = -HUGE_VAL, .from = BOTTOM, .to = TOP};
    for (size_t i = 0; i < n; i++)
        reach(&plot->y, plot->series->values[i]);
    if (plot->y.low > plot->y.high)
        return false;
    for (size_t i = 0; i < plot->trend->n_marks; i++)
        if (is_of(&plot->trend->marks[i], plot->series))
            reach(&plot->y, plot->trend->marks[i].value);
    /* What never changes is in the middle, and nothing at the bottom. */
    double room = plot->y.high > plot->y.low ? (plot->y.high - plot->y.low) * 0.08
                  : plot->y.high > 0         ? plot->y.high / 2
                                             : LEAST_RANGE;
    plot->y.high += room;
    plot->y.low = plot->y.low >= 0 ? fmax(plot->y.low - room, 0) : plot->y.low - room;
    scale_fix(&plot->y);
    plot->x = (struct scale){.low = 0, .high = (double)n - 1, .from = LEFT, .to = RIGHT};
    scale_fix(&plot->x);
    return true;
}

static double x_of(const struct plot *plot, double run)
{
    return scale_place(&plot->x, run);
}

static double y_of(const struct plot *plot, double figure)
{
    return scale_place(&plot->y, figure);
}

/* "2026-11-23" below the axis. */
static void add_day(struct buf *out, double x, enum svg_anchor anchor, const struct trend_run *run)
{
    struct buf text = {0};
    char day[sizeof "2026-11-23"];
    num_add_utc(&text, run->started_ns);
    snprintf(day, sizeof day, "%s", buf_text(&text));
    svg_add_text(out, x, BOTTOM + 20, anchor, day);
    buf_release(&text);
}

static void add_axes(struct buf *out, const struct plot *plot)
{
    struct ticks ticks = scale_ticks(&plot->y, TICK_ROOM);
    const struct trend_run *runs = plot->trend->runs;
    struct buf text = {0};
    for (size_t i = 0; i < ticks.n; i++) {
        double y = y_of(plot, ticks.at[i]);
        svg_add_line(out, LEFT, y, RIGHT, y, INK_GRID);
        buf_reset(&text);
        metric_add_text(&text, (enum metric)plot->series->metric, ticks.at[i], 0);
        svg_add_text(out, LEFT - 6, y + 4, ANCHOR_END, buf_text(&text));
    }
    svg_add_line(out, LEFT, BOTTOM, RIGHT, BOTTOM, INK_AXIS);
    add_day(out, LEFT, ANCHOR_START, &runs[0]);
    if (plot->trend->n_runs > 1)
        add_day(out, RIGHT, ANCHOR_END, &runs[plot->trend->n_runs - 1]);
    buf_release(&text);
}

/* The line has a gap where a figure is not known. */
static void add_line(struct buf *out, const struct plot *plot)
{
    bool goes_on = false;
    svg_open_path(out, INK_CANDIDATE);
    for (size_t i = 0; i < plot->trend->n_runs; i++) {
        double figure = plot->series->values[i];
        if (isfinite(figure) && goes_on)
            svg_go(out, x_of(plot, (double)i), y_of(plot, figure));
        else if (isfinite(figure))
            svg_move(out, x_of(plot, (double)i), y_of(plot, figure));
        goes_on = isfinite(figure);
    }
    svg_close_path(out);
    if (plot->series->n_known > MOST_DOTS)
        return;
    svg_open_path(out, INK_CANDIDATE_DOT);
    for (size_t i = 0; i < plot->trend->n_runs; i++) {
        if (isfinite(plot->series->values[i]))
            svg_dot(out, x_of(plot, (double)i), y_of(plot, plot->series->values[i]));
    }
    svg_close_path(out);
}

/* The median of each segment, from one change to the next. */
static void add_levels(struct buf *out, const struct plot *plot)
{
    const struct trend_series *series = plot->series;
    double from = 0;
    for (size_t i = 0; i <= series->n_changes && series->n_changes; i++) {
        bool last = i == series->n_changes;
        double to = last ? (double)plot->trend->n_runs - 1 : (double)series->changes[i].run - 0.5;
        double y = y_of(plot, last ? series->changes[i - 1].after : series->changes[i].before);
        svg_add_line(out, x_of(plot, from), y, x_of(plot, to), y, INK_INTERVAL);
        from = to;
    }
}

static void add_changes(struct buf *out, const struct plot *plot)
{
    static const enum svg_ink inks[] = {
        [TREND_SAME] = INK_WARN, [TREND_BETTER] = INK_GOOD, [TREND_WORSE] = INK_BAD};
    for (size_t i = 0; i < plot->series->n_changes; i++) {
        const struct trend_change *change = &plot->series->changes[i];
        double x = x_of(plot, (double)change->run - 0.5);
        enum svg_mark mark = change->after < change->before ? MARK_DOWN : MARK_UP;
        svg_add_line(out, x, CHANGE_ROW + 6, x, BOTTOM, INK_AXIS);
        svg_add_mark(out, x, CHANGE_ROW, mark, inks[trend_way(plot->series, change)]);
    }
}

/* An acceptance reaches from its run on up to its figure; an anchor is a run. */
static void add_marks(struct buf *out, const struct plot *plot)
{
    for (size_t i = 0; i < plot->trend->n_marks; i++) {
        const struct trend_mark *mark = &plot->trend->marks[i];
        double x = x_of(plot, (double)mark->run - (mark->kind == TREND_ACCEPTANCE ? 0.5 : 0));
        if (mark->kind == TREND_ANCHOR && mark->run >= 0) {
            svg_add_line(out, x, TOP, x, BOTTOM, INK_BASE);
            svg_add_mark(out, x, BOTTOM, MARK_RING, INK_ZERO);
        } else if (is_of(mark, plot->series)) {
            double y = y_of(plot, mark->value);
            svg_add_line(out, x, y, RIGHT, y, INK_LIMIT);
            svg_add_line(out, x, ACCEPT_ROW, x, y, INK_LIMIT);
            svg_add_mark(out, x, ACCEPT_ROW, MARK_DIAMOND, INK_ACCEPTED);
        }
    }
}

/* For who cannot see it: each change in words. */
static void describe(const struct plot *plot, struct buf *out)
{
    const struct trend_series *series = plot->series;
    buf_addf(out, "%" PRId64 " runs", series->n_known);
    if (!series->n_changes)
        buf_add_str(out, ", no change");
    for (size_t i = 0; i < series->n_changes; i++) {
        const struct trend_change *change = &series->changes[i];
        const struct trend_run *run = &plot->trend->runs[change->run];
        buf_add_str(out, "; from ");
        metric_add_text(out, (enum metric)series->metric, change->before, 0);
        buf_add_str(out, " to ");
        metric_add_text(out, (enum metric)series->metric, change->after, 0);
        buf_add_str(out, " at ");
        num_add_utc(out, run->started_ns);
        if (run->commit)
            buf_addf(out, ", commit %s", run->commit);
    }
}

bool trend_add_chart(const struct trend *trend, const struct trend_series *series, struct buf *out)
{
    struct plot plot = {.trend = trend, .series = series};
    struct buf title = {0}, text = {0};
    if (!fit(&plot))
        return false;
    buf_addf(&title, "%s over the runs", metric_info((enum metric)series->metric)->title);
    describe(&plot, &text);
    svg_open(out, WIDTH, HEIGHT, buf_text(&title), buf_text(&text));
    add_axes(out, &plot);
    add_marks(out, &plot);
    add_line(out, &plot);
    add_levels(out, &plot);
    add_changes(out, &plot);
    svg_close(out);
    buf_release(&text);
    buf_release(&title);
    return true;
}
