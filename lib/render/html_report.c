/* The page of a report without a verdict. */
#include "render/escape.h"
#include "render/forms.h"
#include "render/html_parts.h"
#include "render/rows.h"

static void add_header(struct buf *out, const struct report *report, const char *title)
{
    struct buf text = {0};
    bool valid = report->health.valid || report->flat;
    buf_addf(out, "<header class=\"%s\">\n<div class=\"soft\">Load test", valid ? "none" : "bad");
    if (title) {
        buf_add_str(out, " · ");
        escape_add_name(out, title, 100);
    }
    buf_add_str(out, "</div>\n<h1>");
    if (!valid)
        buf_add_str(out, "<span class=\"pill bad\">✕ not valid</span> ");
    rows_add_run(report, &text);
    escape_add(out, buf_text(&text));
    buf_add_str(out, "</h1>\n");
    for (size_t i = 0; i < report->health.n_reasons; i++)
        html_add_paragraph(out, NULL, invalid_reason_text(report->health.reasons[i]));
    buf_add_str(out, "</header>\n");
    buf_release(&text);
}

void html_report(const struct report *report, const struct render_options *options, struct buf *out)
{
    const struct report *const reports[] = {report};
    const struct render_side own[RENDER_SIDES] = {[RENDER_CANDIDATE] = {1, reports, report}};
    const struct render_side *sides = options->sides ? options->sides : own;
    struct table table;
    html_open(out, "Load test", options->title);
    add_header(out, report, options->title);
    buf_add_str(out, "<main>\n");
    html_add_charts(out, sides, NULL);
    rows_of_report(report, &table);
    html_add_table_section(out, "rows", "Endpoints", &table);
    rows_of_errors(report, &table);
    html_add_table_section(out, "errors", "Errors", &table);
    html_add_slowest(out, sides);
    html_add_profile(out, sides);
    html_add_resources(out, sides);
    html_add_environment(out, sides, &report->environment);
    html_add_run(out, sides);
    buf_add_str(out, "</main>\n");
    html_close(out);
}
