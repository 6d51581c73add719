/*
 * The charts of a page. Each draws what the reports of one side or of both hold, and appends
 * nothing and returns false where they do not hold it.
 *
 * A chart is as wide as a phone; a page puts as many beside each other as it has room for, so that
 * no text is ever made smaller. The base side is grey and broken, the candidate blue and solid.
 * Every figure that is written is the document's; what is added up, divided or thinned out here
 * only has a place on a drawing.
 *
 * A series with more points than the drawing has columns is drawn as what it ranges over in each
 * column: the least and the greatest, in their order. No peak is lost, as it would be with every
 * n-th point or a mean, and the size of the page does not grow with the length of the run.
 */
#ifndef PERFGATE_RENDER_CHART_H
#define PERFGATE_RENDER_CHART_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/verdict.h"
#include "render/render.h"
#include "render/scale.h"

/* Of which endpoint a chart is; NULL = of all together. */
struct chart_scope {
    const char *method, *name;
};

/* How many requests took how long, both sides over each other on a logarithmic axis, each as shares
 * of its own requests, with p50, p95 and p99. */
bool chart_distribution(struct buf *out, const struct render_side *sides,
                        const struct chart_scope *scope);

/* Open model: latency by percentile from the intended start of the side's requests, and from their
 * send. */
bool chart_waiting(struct buf *out, const struct render_side *side);

enum chart_figure { CHART_P95, CHART_MEDIAN, CHART_AVERAGE, CHART_REQUESTS, CHART_FAILURES };

/* A figure of the whole run over the time of each side; starts follow one another. */
bool chart_time(struct buf *out, const struct render_side *sides, enum chart_figure figure);

/* A series of the report's resources over time, by the names of its source and itself. */
struct chart_resource {
    const char *source, *series;
};

bool chart_resource(struct buf *out, const struct render_side *sides,
                    const struct chart_resource *resource);

/* Of each pair of blocks, candidate / base of the average latency. `row`, the verdict's row of that
 * average or NULL, adds what was allowed, and the interval that came of it. */
bool chart_blocks(struct buf *out, const struct render_side *sides, const struct chart_scope *scope,
                  const struct verdict_row *row);

/* What of a verdict's row has a place on a line of ratios. */
struct chart_ratio {
    double ratio, low, high; /* the change and its interval; NAN = not known */
    double allowed;          /* NAN = nothing was */
    bool fewer;              /* more is better: beyond is below `allowed` */
};

struct chart_ratio chart_ratio_of(const struct verdict_row *row);

/* Makes the scale reach over a row, where its range has been begun, else begin there. */
void chart_reach(struct scale *scale, const struct chart_ratio *row);

/* One line of a forest plot: change, interval and threshold of a row; without text. False where no
 * change is known. */
bool chart_strip(struct buf *out, const struct scale *scale, const struct verdict_row *row);

/* The axis of such lines. */
void chart_strip_axis(struct buf *out, const struct scale *scale);

/* The scale for lines of a width, from what chart_reach() has found. */
void chart_strip_fix(struct scale *scale, double width);

#define CHART_STRIP_WIDE   360.0
#define CHART_STRIP_NARROW 250.0 /* beside a name */

#endif
