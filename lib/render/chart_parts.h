/*
 * What the charts have in common: the frame with its axes and legend, and labels that keep clear of
 * each other. Private to the chart_*.c files.
 */
#ifndef PERFGATE_RENDER_CHART_PARTS_H
#define PERFGATE_RENDER_CHART_PARTS_H

#include "base/buf.h"
#include "render/chart.h"
#include "render/scale.h"
#include "render/svg.h"

#define CHART_WIDTH  360.0
#define CHART_HEIGHT 190.0
#define CHART_LEFT   52.0
#define CHART_RIGHT  352.0
#define CHART_TOP    22.0
#define CHART_BOTTOM 166.0
/* More pixels would not be seen. */
#define CHART_COLUMNS 300

/* How a figure is written beside an axis. */
enum chart_unit {
    CHART_UNIT_MS,
    CHART_UNIT_COUNT,
    CHART_UNIT_SECONDS,
    CHART_UNIT_RATIO,
    CHART_UNIT_SHARE
};

struct chart {
    struct buf *out;
    struct scale x, y;
    enum chart_unit x_unit, y_unit;
};

/* "20 ms", "1.5 s", "120", "+10 %" */
void chart_add_figure(struct buf *out, enum chart_unit unit, double figure);

/* Lines across the chart, and what they stand for. */
void chart_add_y_axis(const struct chart *chart);
void chart_add_x_axis(const struct chart *chart);

/* Which line is which, above the chart, where there are both sides; the base's is a `band` where
 * its points are too many for a line. `note`, or NULL, is written at the right. */
void chart_add_legend(struct buf *out, const bool *sides, bool band, const char *note);

struct chart_label {
    double at;    /* what it belongs to */
    double width; /* of its text */
    double place; /* of its middle, once it is spread */
};

/* Moves labels, which are in order of `at`, apart and into the range. */
void chart_spread(struct chart_label *labels, size_t n, double low, double high);

/* The endpoint of a scope in a report; NULL where it is not there. */
const struct report_endpoint *chart_endpoint(const struct report *report,
                                             const struct chart_scope *scope);

#endif
