/* A forest plot for each metric: a table, so that names of any length and script have their room,
 * with a drawing in each row. */
#include <math.h>
#include <stdbool.h>

#include "render/chart.h"
#include "render/escape.h"
#include "render/html_parts.h"
#include "render/rows.h"

/* More rows of one metric are in the table of all rows alone. */
#define MOST       60
#define NAME_WIDTH 60

static bool is_drawn(const struct verdict_row *row, enum metric metric)
{
    return row->metric == (int)metric && isfinite(row->change) && row->change > -100 &&
           !(row->base == 0 && row->candidate == 0);
}

/* How many rows a metric has; the scale reaches over the first of them. */
static size_t measure(const struct verdict *verdict, enum metric metric, struct scale *scale)
{
    size_t n = 0;
    for (size_t i = 0; i < verdict->n_rows; i++) {
        if (!is_drawn(&verdict->rows[i], metric) || n++ >= MOST)
            continue;
        struct chart_ratio ratio = chart_ratio_of(&verdict->rows[i]);
        chart_reach(scale, &ratio);
    }
    chart_strip_fix(scale, CHART_STRIP_NARROW);
    return n;
}

static void add_row(struct buf *out, const struct html_verdict *page, size_t i,
                    const struct scale *scale)
{
    const struct verdict_row *row = &page->verdict->rows[i];
    const struct table_row *laid = &page->rows.rows[i];
    /* What decides nothing keeps its sign, and does not stand out. */
    bool quiet = laid->tone == TONE_WARN && !row->required;
    buf_add_str(out, "<tr><th scope=\"row\">");
    html_add_scope(out, row, NAME_WIDTH);
    buf_addf(out, "</th><td class=\"n %s\">%s%s</td><td class=\"g\">",
             quiet ? "soft" : html_tone_class(laid->tone), html_tone_sign(laid->tone),
             laid->cells[V_CHANGE]);
    chart_strip(out, scale, row);
    buf_add_str(out, "</td></tr>\n");
}

static void add_metric(struct buf *out, const struct html_verdict *page, enum metric metric)
{
    struct scale scale = {0};
    size_t n = measure(page->verdict, metric, &scale), shown = 0;
    if (!n)
        return;
    buf_add_str(out, "<table class=\"forest\"><caption>");
    escape_add(out, metric_info(metric)->title);
    buf_add_str(out, "</caption>\n<thead><tr><th scope=\"col\">Endpoint</th><th scope=\"col\" "
                     "class=\"n\">Change</th><th class=\"g\">");
    chart_strip_axis(out, &scale);
    buf_add_str(out, "</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < page->verdict->n_rows && shown < MOST; i++) {
        if (!is_drawn(&page->verdict->rows[i], metric))
            continue;
        add_row(out, page, i, &scale);
        shown++;
    }
    if (n > shown)
        buf_addf(out,
                 "<tr class=\"o\"><td colspan=\"3\">%zu more in the table of <a "
                 "href=\"#rows\">all rows</a></td></tr>\n",
                 n - shown);
    buf_add_str(out, "</tbody></table>\n");
}

void html_add_forest(struct buf *out, const struct html_verdict *page)
{
    html_open_section(out, "endpoints", "Change by endpoint");
    buf_add_str(out,
                "<p class=\"soft\">Each line: the change of candidate against base, its 99 % "
                "interval, and what is allowed (broken line, shaded beyond). Worst first.</p>\n"
                "<div class=\"forests\">\n");
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        add_metric(out, page, (enum metric)metric);
    buf_add_str(out, "</div>\n");
    html_close_section(out);
}
