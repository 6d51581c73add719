#include "render/chart_parts.h"

#include <math.h>
#include <string.h>

/* Room of a label on an axis: along it, and across. */
#define X_ROOM 48.0
#define Y_ROOM 22.0

void chart_add_figure(struct buf *out, enum chart_unit unit, double figure)
{
    switch (unit) {
    case CHART_UNIT_MS:
        if (fabs(figure) >= 1000)
            buf_addf(out, "%.4g s", figure / 1000);
        else if (fabs(figure) >= 1 || figure == 0)
            buf_addf(out, "%.4g ms", figure);
        else
            buf_addf(out, "%.4g us", figure * 1000);
        break;
    case CHART_UNIT_COUNT:
        if (fabs(figure) >= 10000)
            buf_addf(out, "%.4gk", figure / 1000);
        else
            buf_addf(out, "%.4g", figure);
        break;
    case CHART_UNIT_SECONDS:
        buf_addf(out, "%.6g s", figure);
        break;
    case CHART_UNIT_RATIO:
        scale_add_ratio(out, figure);
        break;
    case CHART_UNIT_SHARE:
        buf_addf(out, "%.4g %%", figure * 100);
        break;
    }
}

static struct ticks ticks_of(const struct scale *scale, enum chart_unit unit, double room)
{
    return unit == CHART_UNIT_RATIO ? scale_ratio_ticks(scale, room) : scale_ticks(scale, room);
}

void chart_add_y_axis(const struct chart *chart)
{
    struct ticks ticks = ticks_of(&chart->y, chart->y_unit, Y_ROOM);
    struct buf text = {0};
    for (size_t i = 0; i < ticks.n; i++) {
        double y = scale_place(&chart->y, ticks.at[i]);
        bool one = chart->y_unit == CHART_UNIT_RATIO && ticks.at[i] == 1;
        svg_add_line(chart->out, CHART_LEFT, y, CHART_RIGHT, y, one ? INK_ZERO : INK_GRID);
        buf_reset(&text);
        chart_add_figure(&text, chart->y_unit, ticks.at[i]);
        svg_add_text(chart->out, CHART_LEFT - 5, y + 3.5, ANCHOR_END, buf_text(&text));
    }
    buf_release(&text);
}

/* The place of a label's middle, so that it is within the drawing. */
static double inside(double x, const struct buf *text)
{
    double half = svg_text_width((int)text->len) / 2;
    return fmin(fmax(x, half), CHART_WIDTH - half);
}

void chart_add_x_axis(const struct chart *chart)
{
    struct ticks ticks = ticks_of(&chart->x, chart->x_unit, X_ROOM);
    struct buf text = {0};
    double y = chart->y.from;
    for (size_t i = 0; i < ticks.n; i++) {
        double x = scale_place(&chart->x, ticks.at[i]);
        svg_add_line(chart->out, x, y, x, y + 4, INK_AXIS);
        buf_reset(&text);
        chart_add_figure(&text, chart->x_unit, ticks.at[i]);
        svg_add_text(chart->out, inside(x, &text), y + 15, ANCHOR_MIDDLE, buf_text(&text));
    }
    svg_add_line(chart->out, CHART_LEFT, y, CHART_RIGHT, y, INK_AXIS);
    buf_release(&text);
}

void chart_add_legend(struct buf *out, const bool *sides, bool band, const char *note)
{
    static const char *const names[RENDER_SIDES] = {"base", "candidate"};
    static const enum svg_ink lines[RENDER_SIDES] = {INK_BASE, INK_CANDIDATE};
    double x = CHART_LEFT;
    bool both = sides[RENDER_BASE] && sides[RENDER_CANDIDATE];
    for (int side = 0; side < RENDER_SIDES && both; side++) {
        if (band && side == RENDER_BASE)
            svg_add_rect(out, x, 4, 18, 9, INK_BASE_BAND);
        else
            svg_add_line(out, x, 9, x + 18, 9, lines[side]);
        svg_add_text(out, x + 23, 12.5, ANCHOR_START, names[side]);
        x += 32 + svg_text_width((int)strlen(names[side]));
    }
    if (note)
        svg_add_text(out, CHART_RIGHT, 12.5, ANCHOR_END, note);
}

void chart_spread(struct chart_label *labels, size_t n, double low, double high)
{
    double end = low;
    for (size_t i = 0; i < n; i++) {
        double half = labels[i].width / 2;
        labels[i].place = fmax(labels[i].at, end + half);
        end = labels[i].place + half;
    }
    double start = high;
    for (size_t i = n; i-- > 0;) {
        double half = labels[i].width / 2;
        labels[i].place = fmin(labels[i].place, start - half);
        start = labels[i].place - half;
    }
}

const struct report_endpoint *chart_endpoint(const struct report *report,
                                             const struct chart_scope *scope)
{
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &report->endpoints[i];
        if (strcmp(endpoint->name, scope->name) == 0 &&
            strcmp(endpoint->method, scope->method ? scope->method : "") == 0)
            return endpoint;
    }
    return NULL;
}
