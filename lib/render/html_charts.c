/* The charts, as far as the reports hold what is drawn. */
#include <string.h>

#include "render/chart.h"
#include "render/escape.h"
#include "render/html_parts.h"
#include "render/rows.h"

/* Of so many endpoints that broke, worst first, the latency is shown on its own. */
#define MOST_BROKEN 4

/* Puts a chart, where it was drawn, below its caption; releases the chart. */
static void add_figure(struct buf *out, const char *caption, const struct chart_scope *scope,
                       struct buf *chart)
{
    if (chart->len) {
        buf_addf(out, "<figure><figcaption><b>%s</b>", caption);
        if (scope) {
            struct buf name = {0};
            verdict_add_endpoint(&name, scope->method, scope->name);
            buf_add_str(out, " · ");
            escape_add_name(out, buf_text(&name), 80);
            buf_release(&name);
        }
        buf_add_str(out, "</figcaption>");
        buf_add(out, chart->data, chart->len);
        buf_add_str(out, "</figure>\n");
    }
    buf_release(chart);
}

/* Latency of one endpoint or of all, and what the pairs of blocks say of it. */
static void add_latency(struct buf *out, const struct render_side *sides,
                        const struct html_verdict *page, const struct chart_scope *scope)
{
    struct buf chart = {0};
    chart_distribution(&chart, sides, scope);
    add_figure(out, "Latency distribution", scope, &chart);
    chart_blocks(&chart, sides, scope, page ? html_find_average(page->verdict, scope) : NULL);
    add_figure(out, "Pairs of blocks, candidate / base", scope, &chart);
}

static void add_waiting(struct buf *out, const struct render_side *candidate)
{
    struct buf chart = {0};
    chart_waiting(&chart, candidate);
    add_figure(out, "Latency by percentile", NULL, &chart);
}

static void add_over_time(struct buf *out, const struct render_side *sides)
{
    static const struct {
        enum chart_figure figure;
        const char *caption;
    } charts[] = {{CHART_P95, "p95 over time"},
                  {CHART_MEDIAN, "Median over time"},
                  {CHART_REQUESTS, "Throughput over time"},
                  {CHART_FAILURES, "Errors over time"}};
    for (size_t i = 0; i < sizeof charts / sizeof charts[0]; i++) {
        struct buf chart = {0};
        chart_time(&chart, sides, charts[i].figure);
        add_figure(out, charts[i].caption, NULL, &chart);
    }
}

static bool is_same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static bool was_shown(const struct verdict *verdict, size_t i)
{
    const struct verdict_row *row = &verdict->rows[i];
    for (size_t k = 0; k < i; k++) {
        const struct verdict_row *before = &verdict->rows[k];
        if (is_same(before->endpoint, row->endpoint) && is_same(before->method, row->method))
            return true;
    }
    return false;
}

static void add_broken(struct buf *out, const struct render_side *sides,
                       const struct html_verdict *page)
{
    size_t shown = 0;
    for (size_t i = 0; i < page->verdict->n_rows && shown < MOST_BROKEN; i++) {
        const struct verdict_row *row = &page->verdict->rows[i];
        if (row->status > ROW_OVER_LIMIT)
            break;
        if (!row->endpoint || !row->method || was_shown(page->verdict, i))
            continue;
        struct chart_scope scope = {row->method, row->endpoint};
        add_latency(out, sides, page, &scope);
        shown++;
    }
}

/* ---- what there is not ---- */

static bool has_histograms(const struct render_side *side)
{
    for (size_t i = 0; side->n && i < side->whole->n_endpoints; i++) {
        if (side->whole->endpoints[i].histogram.count)
            return true;
    }
    return false;
}

/* Anything of what happened when. */
static bool has_course(const struct render_side *side)
{
    for (size_t i = 0; i < side->n; i++) {
        if (side->reports[i]->series || side->reports[i]->pair)
            return true;
    }
    return false;
}

static void add_advice(struct buf *out, const struct render_side *sides,
                       const struct html_verdict *page)
{
    const struct render_side *base = &sides[RENDER_BASE], *candidate = &sides[RENDER_CANDIDATE];
    const char *text = "";
    if (!candidate->n)
        text = "A verdict holds no histograms and no series. With the reports that it was made of "
               "beside it, this page has the latency distribution, latency, throughput and errors "
               "over time, and the pairs of blocks: <code>perf-report --format html "
               "perf_verdict.json load_test_report.json load_test_report.base.json</code>";
    else if (!has_histograms(candidate))
        text = "The candidate's report has no histograms, so that there is no latency "
               "distribution.";
    else if (page && !base->n)
        text = "The base side's report was not named: <code>X.base.json</code> beside "
               "<code>X.json</code> of a paired run, or with <code>--baseline</code> that of "
               "another run.";
    else if (!has_course(candidate))
        text = "Merged reports hold no series and no blocks. For what happened over time, name the "
               "reports of all starts in place of the merged ones.";
    else if (base->n && !has_histograms(base))
        text = "A stored run of the base holds no histograms and no series.";
    if (*text)
        buf_addf(out, "<p class=\"soft\">%s</p>\n", text);
}

void html_add_charts(struct buf *out, const struct render_side *sides,
                     const struct html_verdict *page)
{
    html_open_section(out, "charts", "Charts");
    buf_add_str(out, "<div class=\"charts\">\n");
    add_latency(out, sides, page, NULL);
    add_waiting(out, &sides[RENDER_CANDIDATE]);
    add_over_time(out, sides);
    if (page)
        add_broken(out, sides, page);
    buf_add_str(out, "</div>\n");
    add_advice(out, sides, page);
    html_close_section(out);
}
