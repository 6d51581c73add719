/* The latency distribution of both sides over each other. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "render/chart_parts.h"
#include "render/utf8.h"

#define COLUMNS 150 /* at most, across the chart */
/* So many requests a column or more, on average, so that chance does not draw a comb. */
#define PER_COLUMN 100
#define BOTTOM     128.0
#define HEIGHT     222.0
#define LANE       32.0 /* height of one side's quantiles below the axis */

static const enum metric marked[] = {METRIC_MEDIAN, METRIC_P95, METRIC_P99};
#define N_MARKED (sizeof marked / sizeof marked[0])

/* One side: all its requests, and the figures that the document has of them. */
struct shape {
    struct histogram histogram;
    const struct metrics *metrics;
    size_t n;              /* columns */
    double share[COLUMNS]; /* of its requests */
};

static void take_histogram(struct shape *shape, const struct report *report,
                           const struct chart_scope *scope)
{
    const struct report_endpoint *one = scope ? chart_endpoint(report, scope) : NULL;
    shape->metrics = one ? &one->metrics : &report->metrics;
    if (one)
        histogram_merge_sparse(&shape->histogram, &one->histogram);
    for (size_t i = 0; !scope && i < report->n_endpoints; i++)
        histogram_merge_sparse(&shape->histogram, &report->endpoints[i].histogram);
}

static double ms_of(int64_t ns)
{
    return (double)ns / (double)NS_PER_MS;
}

/* Puts each bucket's requests into the columns that it covers. */
static void fill_shares(struct shape *shape, const struct scale *x)
{
    const struct histogram *from = &shape->histogram;
    double step = (x->to - x->from) / (double)shape->n;
    double final = (double)shape->n - 1;
    for (size_t b = 0; b < HISTOGRAM_BUCKETS && from->count; b++) {
        if (!from->buckets[b])
            continue;
        double low = scale_place(x, ms_of(histogram_bucket_low(b))) - x->from;
        double high = scale_place(x, ms_of(histogram_bucket_low(b + 1))) - x->from;
        double share = (double)from->buckets[b] / (double)from->count;
        size_t first = (size_t)fmin(low / step, final);
        size_t last = (size_t)fmin(high / step, final);
        for (size_t c = first; c <= last; c++) {
            double covered = fmin(high, (double)(c + 1) * step) - fmax(low, (double)c * step);
            shape->share[c] += first == last ? share : share * covered / (high - low);
        }
    }
}

/* A column that is empty, between empty ones. */
static bool is_void(const struct shape *shape, size_t c)
{
    return shape->share[c] == 0 && (c == 0 || shape->share[c - 1] == 0) &&
           (c + 1 >= shape->n || shape->share[c + 1] == 0);
}

/* From one column to the next, down to the axis wherever it begins. */
static void add_outline(const struct chart *chart, const struct shape *shape, enum svg_ink ink,
                        bool area)
{
    double zero = chart->y.from, step = (chart->x.to - chart->x.from) / (double)shape->n;
    bool drawn = false;
    svg_open_path(chart->out, ink);
    for (size_t c = 0; c < shape->n; c++) {
        double x = chart->x.from + ((double)c + 0.5) * step;
        if (!is_void(shape, c)) {
            if (!drawn)
                svg_move(chart->out, x, zero);
            svg_go(chart->out, x, scale_place(&chart->y, shape->share[c]));
        }
        drawn = !is_void(shape, c);
    }
    if (area && drawn)
        svg_go(chart->out, chart->x.to - step / 2, zero);
    svg_close_path(chart->out);
}

/* Below the axis: where the side's quantiles are. */
static void add_quantiles(const struct chart *chart, const struct metrics *metrics, int side,
                          double y)
{
    struct chart_label labels[N_MARKED];
    char *texts[N_MARKED];
    struct buf text = {0};
    size_t n = 0;
    enum svg_ink line = side == RENDER_BASE ? INK_BASE : INK_CANDIDATE;
    enum svg_ink dot = side == RENDER_BASE ? INK_BASE_DOT : INK_CANDIDATE_DOT;
    for (size_t i = 0; i < N_MARKED; i++) {
        double value = metric_value(metrics, marked[i]);
        if (!isfinite(value))
            continue;
        buf_addf(&text, "%s ", marked[i] == METRIC_MEDIAN ? "p50" : metric_info(marked[i])->title);
        metric_add_text(&text, marked[i], value, 0);
        labels[n] = (struct chart_label){.at = scale_place(&chart->x, value)};
        labels[n].width = svg_text_width((int)text.len) + 4;
        texts[n++] = buf_take(&text);
    }
    chart_spread(labels, n, 0, CHART_WIDTH);
    if (n)
        svg_add_line(chart->out, labels[0].at, y, labels[n - 1].at, y, line);
    for (size_t i = 0; i < n; i++) {
        svg_open_path(chart->out, dot);
        svg_dot(chart->out, labels[i].at, y);
        svg_close_path(chart->out);
        svg_add_line(chart->out, labels[i].at, y + 2, labels[i].place, y + 8, INK_AXIS);
        svg_add_text(chart->out, labels[i].place, y + 17, ANCHOR_MIDDLE, texts[i]);
        free(texts[i]);
    }
    buf_release(&text);
}

/* Both sides have columns of one width. */
static size_t columns_for(const struct shape *shapes)
{
    int64_t fewest = INT64_MAX;
    for (int side = 0; side < RENDER_SIDES; side++) {
        int64_t count = shapes[side].histogram.count;
        fewest = count && count < fewest ? count : fewest;
    }
    int64_t columns = fewest / PER_COLUMN;
    return columns > COLUMNS ? COLUMNS : columns < 20 ? 20 : (size_t)columns;
}

/* Fills the shares of both sides, and returns the largest of them. */
static double fill_both(struct shape *shapes, const struct scale *x)
{
    size_t columns = columns_for(shapes);
    double largest = 0;
    for (int side = 0; side < RENDER_SIDES; side++) {
        shapes[side].n = columns;
        fill_shares(&shapes[side], x);
        for (size_t c = 0; c < columns; c++)
            largest = fmax(largest, shapes[side].share[c]);
    }
    return largest;
}

static void add_side(const struct chart *chart, const struct shape *shape, int side)
{
    add_outline(chart, shape, side ? INK_CANDIDATE_AREA : INK_BASE_AREA, true);
    add_outline(chart, shape, side ? INK_CANDIDATE : INK_BASE, false);
}

static void draw(struct buf *out, struct shape *shapes, const struct scale *x)
{
    struct chart chart = {
        .out = out, .x = *x, .x_unit = CHART_UNIT_MS, .y = {.from = BOTTOM, .to = CHART_TOP}};
    bool there[RENDER_SIDES] = {shapes[0].histogram.count > 0, shapes[1].histogram.count > 0};
    bool both = there[0] && there[1];
    chart.y.high = fill_both(shapes, x);
    scale_fix(&chart.y);
    svg_open(out, CHART_WIDTH, both ? HEIGHT : HEIGHT - LANE, "Latency distribution",
             "Shares of requests by latency on a logarithmic axis, with p50, p95 and p99 below.");
    chart_add_legend(out, there, false, "share of requests");
    double y = BOTTOM + 28;
    for (int side = 0; side < RENDER_SIDES; side++) {
        if (!there[side])
            continue;
        add_side(&chart, &shapes[side], side);
        if (both)
            svg_add_text(out, 0, y + 3.5, ANCHOR_START, side == RENDER_BASE ? "base" : "cand.");
        add_quantiles(&chart, shapes[side].metrics, side, y);
        y += LANE;
    }
    chart_add_x_axis(&chart);
    svg_close(out);
}

bool chart_distribution(struct buf *out, const struct render_side *sides,
                        const struct chart_scope *scope)
{
    struct shape *shapes = mem_array(RENDER_SIDES, sizeof *shapes);
    struct scale x = {.from = CHART_LEFT, .to = CHART_RIGHT, .log = true};
    bool any = false;
    for (int side = 0; side < RENDER_SIDES; side++) {
        const struct histogram *all = &shapes[side].histogram;
        if (sides[side].n)
            take_histogram(&shapes[side], sides[side].whole, scope);
        if (!all->count)
            continue;
        double low = fmax(ms_of(all->min_ns), 1e-4), high = ms_of(all->max_ns);
        x.low = any ? fmin(x.low, low) : low;
        x.high = any ? fmax(x.high, high) : high;
        any = true;
    }
    scale_fix(&x);
    if (any)
        draw(out, shapes, &x);
    for (int side = 0; side < RENDER_SIDES; side++)
        histogram_release(&shapes[side].histogram);
    free(shapes);
    return any;
}
