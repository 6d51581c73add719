/* The pairs of blocks of a paired run. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "render/chart_parts.h"

/* Ratios beyond are drawn at the edge. */
#define MOST_RATIO 4.0

/* The pairs of all starts, in their order. */
struct pairs {
    size_t n;
    double *ratios; /* NAN where a side has no request in the pair */
    size_t n_starts;
    size_t *starts; /* the number of pairs before each */
};

/* Both sides of one start. */
struct start {
    const struct report *side[RENDER_SIDES];
};

/* The base side of the candidate's start; NULL where it is not there. */
static const struct report *base_of(const struct render_side *bases, const struct report *candidate)
{
    for (size_t i = 0; i < bases->n; i++) {
        const struct report *base = bases->reports[i];
        if (base->pair && base->pair->start == candidate->pair->start &&
            base->pair->n_pairs == candidate->pair->n_pairs)
            return base;
    }
    return NULL;
}

/* Adds an endpoint's requests, and the sum of their latencies, in each pair. */
static void add_blocks(const struct report_endpoint *endpoint, size_t n, double *counts,
                       double *sums)
{
    const struct report_blocks *blocks = endpoint ? endpoint->blocks : NULL;
    for (size_t i = 0; blocks && i < n && i < blocks->n_count && i < blocks->n_sum; i++) {
        counts[i] += (double)blocks->count[i];
        sums[i] += (double)blocks->sum_ns[i];
    }
}

/* The average latency of each pair on one side; the caller frees. */
static double *averages(const struct report *report, const struct chart_scope *scope)
{
    size_t n = (size_t)report->pair->n_pairs;
    double *counts = mem_array(n + 1, sizeof *counts), *sums = mem_array(n + 1, sizeof *sums);
    if (scope)
        add_blocks(chart_endpoint(report, scope), n, counts, sums);
    for (size_t i = 0; !scope && i < report->n_endpoints; i++)
        add_blocks(&report->endpoints[i], n, counts, sums);
    for (size_t i = 0; i < n; i++)
        sums[i] = counts[i] > 0 ? sums[i] / counts[i] : (double)NAN;
    free(counts);
    return sums;
}

static void add_start(struct pairs *pairs, const struct start *start,
                      const struct chart_scope *scope)
{
    double *base = averages(start->side[RENDER_BASE], scope);
    double *candidate = averages(start->side[RENDER_CANDIDATE], scope);
    size_t n = (size_t)start->side[RENDER_BASE]->pair->n_pairs;
    pairs->starts[pairs->n_starts++] = pairs->n;
    pairs->ratios = mem_resize(pairs->ratios, pairs->n + n + 1, sizeof *pairs->ratios);
    for (size_t i = 0; i < n; i++)
        pairs->ratios[pairs->n++] = candidate[i] / base[i];
    free(candidate);
    free(base);
}

static struct pairs pairs_of(const struct render_side *sides, const struct chart_scope *scope)
{
    const struct render_side *candidates = &sides[RENDER_CANDIDATE];
    struct pairs pairs = {.starts = mem_array(candidates->n + 1, sizeof *pairs.starts)};
    for (size_t i = 0; i < candidates->n; i++) {
        struct start start = {.side[RENDER_CANDIDATE] = candidates->reports[i]};
        if (start.side[RENDER_CANDIDATE]->pair)
            start.side[RENDER_BASE] = base_of(&sides[RENDER_BASE], candidates->reports[i]);
        if (start.side[RENDER_BASE])
            add_start(&pairs, &start, scope);
    }
    return pairs;
}

static bool is_ratio(double ratio)
{
    return isfinite(ratio) && ratio > 0;
}

/* The range of the ratios, and of what else is shown; false where there are none. */
static bool find_range(const struct pairs *pairs, const struct chart_ratio *row, struct scale *y)
{
    bool any = false;
    y->low = 1 / 1.1;
    y->high = 1.1;
    for (size_t i = 0; i < pairs->n; i++) {
        if (!is_ratio(pairs->ratios[i]))
            continue;
        y->low = fmin(y->low, pairs->ratios[i]);
        y->high = fmax(y->high, pairs->ratios[i]);
        any = true;
    }
    if (row)
        chart_reach(y, row);
    y->low = fmax(y->low / 1.03, 1 / MOST_RATIO);
    y->high = fmin(y->high * 1.03, MOST_RATIO);
    return any;
}

static void add_dots(const struct chart *chart, const struct pairs *pairs)
{
    svg_open_path(chart->out, INK_CANDIDATE_DOT);
    for (size_t i = 0; i < pairs->n; i++) {
        if (is_ratio(pairs->ratios[i]))
            svg_dot(chart->out, scale_place(&chart->x, (double)i + 0.5),
                    scale_place(&chart->y, pairs->ratios[i]));
    }
    svg_close_path(chart->out);
}

/* What the pairs of each column range over. */
static void add_ranges(const struct chart *chart, const struct pairs *pairs)
{
    svg_open_path(chart->out, INK_CANDIDATE);
    for (size_t c = 0, i = 0; c < CHART_COLUMNS; c++) {
        double low = (double)INFINITY, high = 0;
        for (; i < pairs->n && i * CHART_COLUMNS < (c + 1) * pairs->n; i++) {
            low = is_ratio(pairs->ratios[i]) ? fmin(low, pairs->ratios[i]) : low;
            high = is_ratio(pairs->ratios[i]) ? fmax(high, pairs->ratios[i]) : high;
        }
        if (!(high > 0))
            continue;
        double x = chart->x.from + (double)c + 0.5;
        svg_move(chart->out, x, scale_place(&chart->y, low) + 0.5);
        svg_go(chart->out, x, scale_place(&chart->y, high) - 0.5);
    }
    svg_close_path(chart->out);
}

/* What the verdict says: the interval as a band with the change in it, and what was allowed. */
static void add_verdict(const struct chart *chart, const struct chart_ratio *row)
{
    if (isfinite(row->low) && isfinite(row->high)) {
        double top = scale_place(&chart->y, row->high), bottom = scale_place(&chart->y, row->low);
        svg_add_rect(chart->out, CHART_LEFT, top, CHART_RIGHT - CHART_LEFT, fmax(bottom - top, 1),
                     INK_CANDIDATE_AREA);
    }
    if (is_ratio(row->ratio)) {
        double y = scale_place(&chart->y, row->ratio);
        svg_add_line(chart->out, CHART_LEFT, y, CHART_RIGHT, y, INK_CANDIDATE);
    }
    if (is_ratio(row->allowed)) {
        double y = scale_place(&chart->y, row->allowed);
        svg_add_line(chart->out, CHART_LEFT, y, CHART_RIGHT, y, INK_LIMIT);
    }
}

static void add_key(struct buf *out, const struct chart_ratio *row)
{
    svg_open_path(out, INK_CANDIDATE_DOT);
    svg_dot(out, CHART_LEFT + 4, 9);
    svg_close_path(out);
    svg_add_text(out, CHART_LEFT + 12, 12.5, ANCHOR_START, "a pair");
    if (row && is_ratio(row->ratio)) {
        svg_add_line(out, CHART_LEFT + 66, 9, CHART_LEFT + 84, 9, INK_CANDIDATE);
        svg_add_text(out, CHART_LEFT + 89, 12.5, ANCHOR_START, "verdict");
    }
    if (row && is_ratio(row->allowed)) {
        svg_add_line(out, CHART_LEFT + 150, 9, CHART_LEFT + 168, 9, INK_LIMIT);
        svg_add_text(out, CHART_LEFT + 173, 12.5, ANCHOR_START, "allowed");
    }
}

static void draw(struct chart *chart, const struct pairs *pairs, const struct chart_ratio *row)
{
    struct buf text = {0};
    buf_addf(&text,
             "The average latency of the candidate against the base in each of %zu pairs of "
             "blocks, on a logarithmic axis; vertical lines are fresh starts.",
             pairs->n);
    svg_open(chart->out, CHART_WIDTH, CHART_HEIGHT + 4, "Pairs of blocks", buf_text(&text));
    add_key(chart->out, row);
    chart_add_y_axis(chart);
    if (row)
        add_verdict(chart, row);
    for (size_t i = 1; i < pairs->n_starts; i++) {
        double x = scale_place(&chart->x, (double)pairs->starts[i]);
        svg_add_line(chart->out, x, CHART_TOP, x, CHART_BOTTOM, INK_AXIS);
    }
    if (pairs->n <= CHART_COLUMNS)
        add_dots(chart, pairs);
    else
        add_ranges(chart, pairs);
    chart_add_x_axis(chart);
    svg_close(chart->out);
    buf_release(&text);
}

bool chart_blocks(struct buf *out, const struct render_side *sides, const struct chart_scope *scope,
                  const struct verdict_row *row)
{
    struct pairs pairs = pairs_of(sides, scope);
    struct chart chart = {.out = out,
                          .x = {.from = CHART_LEFT, .to = CHART_RIGHT},
                          .x_unit = CHART_UNIT_COUNT,
                          .y = {.from = CHART_BOTTOM, .to = CHART_TOP, .log = true},
                          .y_unit = CHART_UNIT_RATIO};
    struct chart_ratio ratio = {0};
    if (row)
        ratio = chart_ratio_of(row);
    bool any = find_range(&pairs, row ? &ratio : NULL, &chart.y);
    chart.x.high = (double)pairs.n;
    scale_fix(&chart.x);
    if (any)
        draw(&chart, &pairs, row ? &ratio : NULL);
    free(pairs.ratios);
    free(pairs.starts);
    return any;
}
