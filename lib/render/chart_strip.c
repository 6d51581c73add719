/* One line of a forest plot, and the axis below many of them. */
#include <math.h>

#include "render/chart_parts.h"
#include "render/rows.h"

#define HEIGHT      26.0
#define AXIS_HEIGHT 20.0
#define MARGIN      14.0
#define MIDDLE      (HEIGHT / 2)
/* Ratios beyond are drawn at the edge, with an arrow. */
#define MOST_RATIO 16.0

struct look {
    enum svg_mark mark;
    enum svg_ink ink;
};

static const struct look looks[ROW_STATUS_COUNT] = {
    [ROW_REGRESSED] = {MARK_UP, INK_BAD},
    [ROW_OVER_LIMIT] = {MARK_UP, INK_BAD},
    [ROW_ERRORED] = {MARK_UP, INK_BAD},
    [ROW_NOT_COMPARABLE] = {MARK_RING, INK_WARN},
    [ROW_MISSING_BASELINE] = {MARK_RING, INK_WARN},
    [ROW_INSUFFICIENT] = {MARK_RING, INK_WARN},
    [ROW_ACCEPTED] = {MARK_DIAMOND, INK_ACCEPTED},
    [ROW_STABLE] = {MARK_DOT, INK_GOOD},
    [ROW_IMPROVED] = {MARK_DOWN, INK_GOOD},
};

struct chart_ratio chart_ratio_of(const struct verdict_row *row)
{
    double nan = (double)NAN;
    struct chart_ratio out = {.ratio = nan,
                              .low = row->interval_low,
                              .high = row->interval_high,
                              .allowed = row->threshold,
                              .fewer = metric_info((enum metric)row->metric)->higher_is_better};
    if (isfinite(row->change) && row->change > -100)
        out.ratio = 1 + row->change / 100;
    /* Of what may be as many times less, the bound is on the other side. */
    if (out.fewer)
        out.allowed = 1 / row->threshold;
    if (row->status == ROW_OVER_LIMIT && isfinite(row->limit) && row->base > 0)
        out.allowed = row->limit / row->base;
    else if (row->status == ROW_ACCEPTED && row->acceptance && row->base > 0)
        out.allowed = row->acceptance->value / row->base;
    return out;
}

static void reach(struct scale *scale, double ratio)
{
    if (!isfinite(ratio) || !(ratio > 0))
        return;
    scale->low = fmin(scale->low, ratio);
    scale->high = fmax(scale->high, ratio);
}

void chart_reach(struct scale *scale, const struct chart_ratio *row)
{
    if (!(scale->high > 0))
        scale->low = scale->high = 1;
    reach(scale, row->ratio);
    reach(scale, row->low);
    reach(scale, row->high);
    reach(scale, row->allowed);
}

void chart_strip_fix(struct scale *scale, double width)
{
    scale->log = true;
    scale->from = MARGIN;
    scale->to = width - MARGIN;
    scale->low = fmax(fmin(scale->low / 1.02, 1 / 1.05), 1 / MOST_RATIO);
    scale->high = fmin(fmax(scale->high * 1.05, 1.25), MOST_RATIO);
}

static double width_of(const struct scale *scale)
{
    return scale->to + MARGIN;
}

/* An arrow where what is meant lies beyond the end of the scale. */
static void add_beyond(struct buf *out, const struct scale *scale, double ratio)
{
    double outwards = ratio > scale->high ? 1 : ratio < scale->low ? -1 : 0;
    double x = outwards > 0 ? scale->to + 7 : scale->from - 7;
    if (outwards == 0)
        return;
    svg_open_path(out, INK_INTERVAL);
    svg_move(out, x, MIDDLE - 4);
    svg_go(out, x + outwards * 5, MIDDLE);
    svg_go(out, x, MIDDLE + 4);
    svg_close_path(out);
}

static void add_allowed(struct buf *out, const struct scale *scale, const struct chart_ratio *row)
{
    if (!isfinite(row->allowed) || !(row->allowed > 0))
        return;
    double x = scale_place(scale, row->allowed);
    double from = row->fewer ? 0 : x, to = row->fewer ? x : width_of(scale);
    svg_add_rect(out, from, 0, to - from, HEIGHT, INK_BEYOND);
    svg_add_line(out, x, 0, x, HEIGHT, INK_LIMIT);
}

static void add_interval(struct buf *out, const struct scale *scale, const struct chart_ratio *row)
{
    if (!isfinite(row->low) || !isfinite(row->high))
        return;
    double ends[] = {scale_place(scale, row->low), scale_place(scale, row->high)};
    svg_open_path(out, INK_INTERVAL);
    svg_move(out, ends[0], MIDDLE);
    svg_go(out, ends[1], MIDDLE);
    for (int i = 0; i < 2; i++) {
        svg_move(out, ends[i], MIDDLE - 5);
        svg_go(out, ends[i], MIDDLE + 5);
    }
    svg_close_path(out);
}

static void add_ratio_text(struct buf *out, double ratio)
{
    rows_add_percent(out, rows_percent(ratio), 0);
    buf_add_str(out, " %");
}

/* "Change +52.2 %, 99 % interval +45.0 % to +60.0 %, allowed +10 %" */
static void describe(struct buf *out, const struct chart_ratio *row)
{
    buf_add_str(out, "Change ");
    add_ratio_text(out, row->ratio);
    if (isfinite(row->low) && isfinite(row->high)) {
        buf_add_str(out, ", 99 % interval ");
        add_ratio_text(out, row->low);
        buf_add_str(out, " to ");
        add_ratio_text(out, row->high);
    }
    if (isfinite(row->allowed)) {
        buf_add_str(out, ", allowed ");
        scale_add_ratio(out, row->allowed);
    }
}

bool chart_strip(struct buf *out, const struct scale *scale, const struct verdict_row *row)
{
    struct chart_ratio ratio = chart_ratio_of(row);
    const struct look *look = &looks[row->status];
    struct buf text = {0};
    if (!isfinite(ratio.ratio))
        return false;
    describe(&text, &ratio);
    svg_open(out, width_of(scale), HEIGHT, buf_text(&text), "");
    add_allowed(out, scale, &ratio);
    double one = scale_place(scale, 1);
    svg_add_line(out, one, 0, one, HEIGHT, INK_ZERO);
    add_interval(out, scale, &ratio);
    svg_add_mark(out, scale_place(scale, ratio.ratio), MIDDLE, look->mark, look->ink);
    add_beyond(out, scale, ratio.ratio);
    svg_close(out);
    buf_release(&text);
    return true;
}

void chart_strip_axis(struct buf *out, const struct scale *scale)
{
    struct ticks ticks = scale_ratio_ticks(scale, 44);
    struct buf text = {0};
    svg_open(out, width_of(scale), AXIS_HEIGHT, "Axis: change against the base",
             "Logarithmic; the dashed line in each row is what is allowed, and beyond it the row "
             "is shaded.");
    for (size_t i = 0; i < ticks.n; i++) {
        double x = scale_place(scale, ticks.at[i]);
        buf_reset(&text);
        scale_add_ratio(&text, ticks.at[i]);
        double half = svg_text_width((int)text.len) / 2;
        svg_add_line(out, x, 0, x, 4, INK_AXIS);
        svg_add_text(out, fmin(fmax(x, half), width_of(scale) - half), 15, ANCHOR_MIDDLE,
                     buf_text(&text));
    }
    svg_close(out);
    buf_release(&text);
}
