/* How the verdict was reached. */
#include <inttypes.h>

#include "render/alert_lines.h"
#include "render/escape.h"
#include "render/html_parts.h"
#include "render/rows.h"

static const char *const methods[] = {
    [COMPARISON_PAIRED] =
        "Base and candidate were loaded in turns, in pairs of short blocks whose order was drawn "
        "by seeded coin, so that what the machine did besides met both sides. A row is a breach "
        "where the candidate's figure is over the base's times the threshold; a breach is "
        "regressed where its p, adjusted by Holm's method over all judged rows, is at most alpha, "
        "and else insufficient. The interval decides nothing.",
    [COMPARISON_STORED] =
        "The base's figures are medians of runs that are stored in git. A row is a breach where "
        "the candidate's figure is over the base's times the threshold; from five stored runs on "
        "it also has to be beyond what these runs differ by.",
    [COMPARISON_FILE] =
        "The base's figures are those of one other report. A row is a breach where the "
        "candidate's figure is over the base's times the threshold; how much two runs of one code "
        "differ is not known from one run.",
    [COMPARISON_NONE] = "There was no base to compare with: only limits were looked at.",
};

static const char *const meanings[ROW_STATUS_COUNT] = {
    [ROW_REGRESSED] = "worse than allowed, and not by chance",
    [ROW_OVER_LIMIT] = "over its critical limit, whatever the base is",
    [ROW_ERRORED] = "could not be looked at",
    [ROW_NOT_COMPARABLE] = "base and candidate cannot be compared",
    [ROW_MISSING_BASELINE] = "there is no base for it",
    [ROW_INSUFFICIENT] = "too little was measured to say",
    [ROW_ACCEPTED] = "would be a breach, and somebody has accepted it",
    [ROW_STABLE] = "within what is allowed",
    [ROW_IMPROVED] = "better, and not by chance",
};

static void add_term(struct buf *out, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    buf_addf(out, "<dt>%s</dt><dd>", name);
    escape_add(out, text);
    buf_add_str(out, "</dd>\n");
}

/* What the signs stand for, of the statuses that there are. */
static void add_key(struct buf *out, const struct html_verdict *page)
{
    buf_add_str(out, "<h3>The words and signs</h3>\n<dl>\n");
    int last = -1;
    for (size_t i = 0; i < page->verdict->n_rows; i++) {
        int status = page->verdict->rows[i].status;
        const struct table_row *laid = &page->rows.rows[i];
        if (status == last)
            continue;
        buf_addf(out, "<dt><span class=\"s %s\">%s%s</span></dt><dd>%s</dd>\n",
                 html_tone_class(laid->tone), html_tone_sign(laid->tone), laid->cells[V_STATUS],
                 meanings[status]);
        last = status;
    }
    buf_add_str(out, "</dl>\n");
}

void html_add_method(struct buf *out, const struct html_verdict *page)
{
    const struct verdict *verdict = page->verdict;
    struct buf text = {0};
    html_open_section(out, "method", "How the verdict was reached");
    html_add_paragraph(out, NULL, methods[verdict->comparison]);
    buf_add_str(out, "<dl>\n");
    rows_add_evidence(verdict, &text);
    add_term(out, "Comparison", buf_text(&text));
    add_term(out, "Suite", verdict->suite);
    add_term(out, "Baseline", verdict->baseline_choice);
    add_term(out, "Policy", verdict->policy_choice);
    add_term(out, "Measured", verdict->measured);
    buf_reset(&text);
    alert_lines_add_unknown(&text, verdict);
    add_term(out, "Alerts not evaluated", buf_text(&text));
    buf_reset(&text);
    buf_addf(&text, "%" PRId64, verdict->exit_code);
    add_term(out, "Exit code", buf_text(&text));
    buf_add_str(out, "</dl>\n");
    if (verdict->n_rows)
        add_key(out, page);
    html_close_section(out);
    buf_release(&text);
}
