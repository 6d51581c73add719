/* The page of a verdict. */
#include <math.h>

#include "render/alert_lines.h"
#include "render/chart.h"
#include "render/escape.h"
#include "render/forms.h"
#include "render/html_parts.h"
#include "render/rows.h"

/* ---- how sure it is ---- */

/* A typical batch can be surely worse where few others make the interval of all so wide that it
 * says nothing: then the interval must not be read as if it had decided. */
static void add_interval(struct buf *out, const struct verdict_row *row, const char *text)
{
    if (!text || !*text)
        return;
    bool worse = metric_info((enum metric)row->metric)->higher_is_better ? row->interval_high < 1
                                                                         : row->interval_low > 1;
    buf_addf(out,
             worse ? " The change is %s with 99 %% confidence."
                   : " The typical batch decided: few that stand out make the interval of "
                     "all as wide as %s.",
             text);
}

static void add_certainty_of_fail(struct buf *out, const struct html_verdict *page)
{
    const struct table_row *laid = &page->rows.rows[0];
    const struct verdict_row *row = &page->verdict->rows[0];
    if (row->status == ROW_OVER_LIMIT) {
        buf_add_str(out, "A limit holds whatever the base is: no statistics are involved.");
    } else if (isfinite(row->p)) {
        const char *p = laid->cells[V_P];
        buf_addf(out, "Not by chance: p %s%s over all judged rows", *p == '<' ? "" : "= ", p);
        if (isfinite(page->verdict->alpha))
            buf_addf(out, ", where %.3g is asked for", page->verdict->alpha);
        buf_add_char(out, '.');
        add_interval(out, row, laid->cells[V_INTERVAL]);
    } else {
        buf_add_str(out, "By the threshold alone: how much two runs of one code differ here is not "
                         "known.");
    }
}

static void add_certainty(struct buf *out, const struct html_verdict *page)
{
    const struct verdict *verdict = page->verdict;
    const struct verdict_row *whole = html_find_average(verdict, NULL);
    if (verdict->status == OVERALL_FAIL && verdict->n_rows) {
        add_certainty_of_fail(out, page);
    } else if (verdict->status == OVERALL_UNDECIDED) {
        buf_add_str(out, "That is no pass: what was measured does not carry a decision.");
    } else if (verdict->status == OVERALL_PASS && whole && isfinite(whole->detectable)) {
        const struct table_row *laid = &page->rows.rows[whole - verdict->rows];
        buf_addf(out,
                 "A change of the whole run's average by %s would have been found nine times in "
                 "ten.",
                 laid->cells[V_DETECTABLE]);
    } else if (verdict->status == OVERALL_PASS) {
        buf_add_str(out, "By the thresholds alone: how much two runs of one code differ here is "
                         "not known.");
    }
}

/* ---- the head of the page ---- */

static const char *sign_of(enum overall_status status)
{
    static const char *const signs[] = {
        [OVERALL_PASS] = "✓", [OVERALL_FAIL] = "✕", [OVERALL_UNDECIDED] = "?"};
    return signs[status];
}

/* "3 regressed · 20 stable", worst first, as the rows are. */
static void add_tally(struct buf *out, const struct html_verdict *page)
{
    const struct verdict *verdict = page->verdict;
    buf_add_str(out, "<ul class=\"tally\">");
    for (size_t i = 0; i < verdict->n_rows;) {
        size_t first = i;
        while (i < verdict->n_rows && verdict->rows[i].status == verdict->rows[first].status)
            i++;
        const struct table_row *laid = &page->rows.rows[first];
        buf_addf(out, "<li><span class=\"s %s\">%s%zu</span> %s</li>", html_tone_class(laid->tone),
                 html_tone_sign(laid->tone), i - first, laid->cells[V_STATUS]);
    }
    buf_add_str(out, "</ul>\n");
}

static void add_header(struct buf *out, const struct html_verdict *page)
{
    const struct verdict *verdict = page->verdict;
    enum overall_status status = (enum overall_status)verdict->status;
    const char *tone = html_tone_class(rows_overall_tone(status));
    struct buf text = {0};
    buf_addf(out, "<header class=\"%s\">\n<div class=\"soft\">Performance gate", tone);
    if (verdict->suite) {
        buf_add_str(out, " · ");
        escape_add_name(out, verdict->suite, 0);
    }
    buf_addf(out, "</div>\n<h1><span class=\"pill %s\">%s %s</span> ", tone, sign_of(status),
             overall_status_name(status));
    escape_add(out, verdict->summary ? verdict->summary : "");
    buf_add_str(out, "</h1>\n");
    add_certainty(&text, page);
    html_add_paragraph(out, NULL, buf_text(&text));
    buf_reset(&text);
    rows_add_evidence(verdict, &text);
    html_add_paragraph(out, "soft", buf_text(&text));
    add_tally(out, page);
    buf_add_str(out,
                "<nav aria-label=\"This page\"><ul><li><a href=\"#charts\">Charts</a></li>"
                "<li><a href=\"#endpoints\">By endpoint</a></li><li><a href=\"#rows\">All rows</a>"
                "</li><li><a href=\"#environment\">Where</a></li>"
                "<li><a href=\"#method\">How</a></li></ul></nav>\n</header>\n");
    buf_release(&text);
}

static void add_warnings(struct buf *out, const struct verdict *verdict)
{
    if (!verdict->n_warnings)
        return;
    html_open_section(out, "warnings", "Warnings");
    buf_add_str(out, "<ul>\n");
    for (size_t i = 0; i < verdict->n_warnings; i++) {
        buf_add_str(out, "<li>");
        escape_add(out, verdict->warnings[i]);
        buf_add_str(out, "</li>\n");
    }
    buf_add_str(out, "</ul>\n");
    html_close_section(out);
}

static void add_alerts(struct buf *out, const struct verdict *verdict)
{
    const struct verdict_alert *alert;
    struct buf line = {0};
    size_t i = 0;
    alert = alert_lines_next(verdict, &i);
    if (!alert)
        return;
    html_open_section(out, "alerts", "Alerts");
    buf_add_str(out, "<ul>\n");
    for (; alert; alert = alert_lines_next(verdict, &i)) {
        buf_reset(&line);
        alert_lines_add(&line, alert);
        buf_add_str(out, "<li>");
        escape_add(out, buf_text(&line));
        buf_add_str(out, "</li>\n");
    }
    buf_add_str(out, "</ul>\n");
    html_close_section(out);
    buf_release(&line);
}

void html_verdict(const struct verdict *verdict, const struct render_options *options,
                  struct buf *out)
{
    static const struct render_side none[RENDER_SIDES];
    struct html_verdict page = {.verdict = verdict,
                                .sides = options->sides ? options->sides : none,
                                .title = options->title};
    rows_of_verdict(verdict, ROWS_ALL, &page.rows);
    html_open(out, overall_status_name((enum overall_status)verdict->status), verdict->summary);
    add_header(out, &page);
    buf_add_str(out, "<main>\n");
    html_add_findings(out, &page);
    add_alerts(out, verdict);
    add_warnings(out, verdict);
    html_add_charts(out, page.sides, &page);
    html_add_forest(out, &page);
    html_open_section(out, "rows", "All rows");
    html_add_table(out, &page.rows, "All rows");
    html_close_section(out);
    html_add_slowest(out, page.sides);
    html_add_profile(out, page.sides);
    html_add_resources(out, page.sides);
    html_add_environment(out, page.sides, &verdict->environment);
    html_add_run(out, page.sides);
    html_add_method(out, &page);
    buf_add_str(out, "</main>\n");
    html_close(out);
    table_release(&page.rows);
}
