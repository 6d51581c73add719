/* What broke, what could not be decided, what was accepted: each row with its line. */
#include <math.h>

#include "render/chart.h"
#include "render/escape.h"
#include "render/html_parts.h"
#include "render/rows.h"

/* More of a kind are in the table of all rows. */
#define MOST 20

enum kind { BROKE, UNDECIDED, ACCEPTED, KIND_COUNT };

static const struct {
    const char *id, *heading;
} kinds[KIND_COUNT] = {
    [BROKE] = {"broke", "What broke"},
    [UNDECIDED] = {"undecided", "What could not be decided"},
    [ACCEPTED] = {"accepted", "What was accepted"},
};

/* KIND_COUNT for a row that is none. */
static enum kind kind_of(const struct verdict_row *row)
{
    if (row->status == ROW_REGRESSED || row->status == ROW_OVER_LIMIT)
        return BROKE;
    if (row->status == ROW_ACCEPTED)
        return ACCEPTED;
    if (row->status < ROW_ACCEPTED && (row->required || row->status == ROW_ERRORED))
        return UNDECIDED;
    return KIND_COUNT;
}

/* ", 99 % interval …" where the row has it. */
static void add_more(struct buf *out, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    buf_addf(out, ", %s ", label);
    escape_add(out, text);
}

static void add_figures(struct buf *out, const struct table_row *row)
{
    const char *base = row->cells[V_BASE], *change = row->cells[V_CHANGE];
    buf_add_str(out, "<div>");
    if (base && *base) {
        escape_add(out, base);
        buf_add_str(out, " → ");
    }
    escape_add(out, row->cells[V_CANDIDATE] ? row->cells[V_CANDIDATE] : "");
    if (change && *change) {
        buf_add_str(out, " &nbsp;<b>");
        escape_add(out, change);
        buf_add_str(out, "</b>");
    }
    buf_add_str(out, "<span class=\"soft\">");
    add_more(out, "99 % interval", row->cells[V_INTERVAL]);
    add_more(out, "allowed", row->cells[V_ALLOWED]);
    add_more(out, "p", row->cells[V_P]);
    buf_add_str(out, "</span></div>");
}

static void add_item(struct buf *out, const struct html_verdict *page, size_t i,
                     const struct scale *scale)
{
    const struct verdict_row *row = &page->verdict->rows[i];
    const struct table_row *laid = &page->rows.rows[i];
    buf_addf(out, "<li><div><span class=\"s %s\">%s%s</span> <span class=\"what\">",
             html_tone_class(laid->tone), html_tone_sign(laid->tone), laid->cells[V_STATUS]);
    html_add_scope(out, row, 0);
    buf_addf(out, "</span> · %s", laid->cells[V_METRIC]);
    add_figures(out, laid);
    buf_add_str(out, "</div>\n<div>");
    chart_strip(out, scale, row);
    buf_add_str(out, "</div>");
    html_add_paragraph(out, "r", laid->note);
    buf_add_str(out, "</li>\n");
}

/* How many rows are of a kind; the scale reaches over the first of them. */
static size_t measure(const struct verdict *verdict, enum kind kind, struct scale *scale)
{
    size_t n = 0;
    for (size_t i = 0; i < verdict->n_rows; i++) {
        if (kind_of(&verdict->rows[i]) != kind || n++ >= MOST)
            continue;
        struct chart_ratio ratio = chart_ratio_of(&verdict->rows[i]);
        chart_reach(scale, &ratio);
    }
    chart_strip_fix(scale, CHART_STRIP_WIDE);
    return n;
}

static void add_kind(struct buf *out, const struct html_verdict *page, enum kind kind)
{
    struct scale scale = {0};
    size_t n = measure(page->verdict, kind, &scale), shown = 0;
    if (!n)
        return;
    html_open_section(out, kinds[kind].id, kinds[kind].heading);
    buf_add_str(out, "<ul class=\"find\">\n");
    buf_add_str(out, "<li><div class=\"soft\">Change against the base</div><div>");
    chart_strip_axis(out, &scale);
    buf_add_str(out, "</div></li>\n");
    for (size_t i = 0; i < page->verdict->n_rows && shown < MOST; i++) {
        if (kind_of(&page->verdict->rows[i]) != kind)
            continue;
        add_item(out, page, i, &scale);
        shown++;
    }
    buf_add_str(out, "</ul>\n");
    if (n > shown)
        buf_addf(out,
                 "<p class=\"soft\">%zu more in the table of <a href=\"#rows\">all rows</a></p>\n",
                 n - shown);
    html_close_section(out);
}

void html_add_findings(struct buf *out, const struct html_verdict *page)
{
    for (enum kind kind = BROKE; kind < KIND_COUNT; kind++)
        add_kind(out, page, kind);
}
