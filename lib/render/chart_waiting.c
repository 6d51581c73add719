/* What share of the requests of an open model took longer than what: from their intended start, and
 * from their send. */
#include <math.h>

#include "base/clock.h"
#include "render/chart_parts.h"

static const struct {
    double share;
    const char *text;
} ticks[] = {{0.5, "p50"}, {0.1, "p90"}, {0.01, "p99"}, {0.001, "p99.9"}, {1e-4, "p99.99"}};

/* The axis runs from the median to where ten requests are left, or the last tick before. */
static void add_axis(const struct chart *chart)
{
    for (size_t i = 0; i < sizeof ticks / sizeof ticks[0] && ticks[i].share >= 1 / chart->x.high;
         i++) {
        double x = scale_place(&chart->x, 1 / ticks[i].share);
        svg_add_line(chart->out, x, chart->y.to, x, chart->y.from, INK_GRID);
        svg_add_text(chart->out, x, chart->y.from + 16, i ? ANCHOR_MIDDLE : ANCHOR_START,
                     ticks[i].text);
    }
}

static void add_line(const struct chart *chart, const struct histogram *histogram, enum svg_ink ink)
{
    double factor = pow(chart->x.high / chart->x.low, 1.0 / CHART_COLUMNS);
    double odds = chart->x.low;
    svg_open_path(chart->out, ink);
    for (int i = 0; i <= CHART_COLUMNS; i++, odds *= factor) {
        double ms = histogram_quantile(histogram, 1 - 1 / odds) / (double)NS_PER_MS;
        double x = scale_place(&chart->x, odds), y = scale_place(&chart->y, ms);
        if (i)
            svg_go(chart->out, x, y);
        else
            svg_move(chart->out, x, y);
    }
    svg_close_path(chart->out);
}

static void draw(struct buf *out, const struct histogram *due, const struct histogram *sent)
{
    struct chart chart = {
        .out = out,
        .x = {.low = 2, .high = 2, .from = CHART_LEFT, .to = CHART_RIGHT - 10, .log = true},
        .y = {.from = CHART_BOTTOM, .to = CHART_TOP, .log = true},
        .y_unit = CHART_UNIT_MS};
    for (size_t i = 0; i < sizeof ticks / sizeof ticks[0]; i++)
        if (ticks[i].share * (double)due->count >= 10)
            chart.x.high = 1 / ticks[i].share;
    chart.y.low = fmax(histogram_quantile(sent, 0.5) / (double)NS_PER_MS, 1e-4);
    chart.y.high = histogram_quantile(due, 1 - 1 / chart.x.high) / (double)NS_PER_MS;
    scale_fix(&chart.x);
    scale_fix(&chart.y);
    svg_open(out, CHART_WIDTH, CHART_HEIGHT, "Latency by percentile",
             "Latency on a logarithmic axis by percentile, from the intended start of requests and "
             "from their send.");
    chart_add_y_axis(&chart);
    add_axis(&chart);
    add_line(&chart, sent, INK_BASE);
    add_line(&chart, due, INK_CANDIDATE);
    svg_add_line(out, CHART_LEFT, 8, CHART_LEFT + 18, 8, INK_CANDIDATE);
    svg_add_text(out, CHART_LEFT + 22, 11.5, ANCHOR_START, "from when it was due");
    svg_add_line(out, CHART_LEFT + 160, 8, CHART_LEFT + 178, 8, INK_BASE);
    svg_add_text(out, CHART_LEFT + 182, 11.5, ANCHOR_START, "from its send");
    svg_close(out);
}

bool chart_waiting(struct buf *out, const struct render_side *side)
{
    const struct report *report = side->n ? side->whole : NULL;
    struct histogram due = {0}, sent = {0};
    for (size_t i = 0; report && report->from_send && i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &report->endpoints[i];
        histogram_merge_sparse(&due, &endpoint->histogram);
        if (endpoint->from_send)
            histogram_merge_sparse(&sent, &endpoint->from_send->histogram);
    }
    bool any = sent.count > 0 && sent.count == due.count;
    if (any)
        draw(out, &due, &sent);
    histogram_release(&due);
    histogram_release(&sent);
    return any;
}
