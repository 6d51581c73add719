/* A Markdown page for a job summary or a comment: within a limit, and nothing in it is active. */
#include "render/forms.h"

#include "render/alert_lines.h"
#include "render/kept.h"
#include "render/markdown.h"
#include "render/resources.h"
#include "render/rows.h"

#define MAX_SENTENCE 400 /* columns */
#define NOTICE_BYTES 256 /* room for what follows a table that was cut */

/* A page is head, tables, foot. The foot is made first, in a third of the limit, so is a report's
 * table of errors, and the other tables get what is left. */
struct page {
    size_t limit; /* bytes of the whole */
    size_t taken; /* of them, for what comes between the tables and the foot */
    struct buf foot;
    size_t left_out; /* lines that did not fit into the foot */
};

static void page_init(struct page *page, const struct render_options *options)
{
    *page = (struct page){.limit = options->limit ? options->limit : RENDER_SUMMARY_LIMIT};
}

static void add_foot(struct page *page, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    struct buf line = {0};
    buf_addf(&line, "- %s: ", label);
    markdown_add_cell(&line, text, MAX_SENTENCE);
    buf_add_char(&line, '\n');
    if (page->foot.len + line.len <= page->limit / 3)
        buf_add(&page->foot, line.data, line.len);
    else
        page->left_out++;
    buf_release(&line);
}

static void add_foot_lines(struct page *page, const char *label, const char *const *lines, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add_foot(page, label, lines[i]);
}

/* Where the tables have to end. */
static size_t table_end(const struct page *page)
{
    size_t taken = page->foot.len + page->taken + 2 * NOTICE_BYTES;
    return page->limit > taken ? page->limit - taken : 0;
}

static void add_notice(struct buf *out, size_t missing, const struct render_options *options)
{
    if (!missing)
        return;
    buf_addf(out, "\n**%zu more row%s left out, to keep this page short**; ", missing,
             missing == 1 ? " is" : "s are");
    markdown_add_name(out, options->title ? options->title : "the document", 100);
    buf_add_str(out, " has all rows.\n");
}

/* The table and, where it was cut, a notice; releases the table. `summary`: fold it. */
static void add_table(struct page *page, struct table *table, const char *summary,
                      const struct render_options *options, struct buf *out)
{
    if (table->n_rows) {
        if (summary)
            buf_addf(out, "\n<details><summary>%zu more row%s: %s</summary>\n", table->n_rows,
                     table->n_rows == 1 ? "" : "s", summary);
        buf_add_char(out, '\n');
        size_t end = table_add_markdown(table, 0, table_end(page), out);
        add_notice(out, table->n_rows - end, options);
        if (summary)
            buf_add_str(out, "\n</details>\n");
    }
    table_release(table);
}

static void add_page_foot(struct page *page, struct buf *out)
{
    if (page->foot.len) {
        buf_add_char(out, '\n');
        buf_add(out, page->foot.data, page->foot.len);
    }
    if (page->left_out)
        buf_addf(out, "- %zu more line%s left out\n", page->left_out,
                 page->left_out == 1 ? "" : "s");
    buf_release(&page->foot);
}

static void add_alerts(struct page *page, const struct verdict *verdict)
{
    const struct verdict_alert *alert;
    struct buf line = {0};
    for (size_t i = 0; (alert = alert_lines_next(verdict, &i));) {
        buf_reset(&line);
        alert_lines_add(&line, alert);
        add_foot(page, "**alert**", buf_text(&line));
    }
    buf_reset(&line);
    alert_lines_add_unknown(&line, verdict);
    add_foot(page, "alerts not evaluated", buf_text(&line));
    buf_release(&line);
}

void page_verdict(const struct verdict *verdict, const struct render_options *options,
                  struct buf *out)
{
    struct page page;
    struct table table;
    struct buf line = {0};
    page_init(&page, options);
    rows_add_evidence(verdict, &line);
    add_foot(&page, "comparison", buf_text(&line));
    add_foot(&page, "suite", verdict->suite);
    add_foot(&page, "baseline", verdict->baseline_choice);
    add_foot(&page, "policy", verdict->policy_choice);
    add_foot(&page, "measured", verdict->measured);
    buf_reset(&line);
    rows_add_environment(&verdict->environment, &line);
    add_foot(&page, "environment", buf_text(&line));
    add_foot_lines(&page, "**warning**", verdict->warnings, verdict->n_warnings);
    add_alerts(&page, verdict);

    buf_addf(out, "## Performance gate: %s\n\n",
             overall_status_name((enum overall_status)verdict->status));
    markdown_add_sentence(out, verdict->summary ? verdict->summary : "", MAX_SENTENCE);
    buf_add_char(out, '\n');
    rows_of_verdict(verdict, ROWS_NOTABLE, &table);
    add_table(&page, &table, NULL, options, out);
    rows_of_verdict(verdict, ROWS_OTHER, &table);
    add_table(&page, &table, "within bounds, or too few requests to say", options, out);
    size_t empty = rows_count(verdict, ROWS_EMPTY);
    if (empty)
        buf_addf(out, "\n%zu row%s of 0 on both sides not shown.\n", empty,
                 empty == 1 ? " is" : "s are");
    add_page_foot(&page, out);
    buf_release(&line);
}

/* A table in a third of the page, which is put behind the others. */
static void add_part(struct page *page, struct table *table, const struct render_options *options,
                     struct buf *part)
{
    struct page third = {.limit = page->limit / 3};
    add_table(&third, table, NULL, options, part);
    page->taken += part->len;
}

void page_report(const struct report *report, const struct render_options *options, struct buf *out)
{
    struct page page;
    struct table table;
    struct kept_sides own;
    struct buf line = {0}, errors = {0};
    page_init(&page, options);
    report_add_source(&line, report);
    add_foot(&page, "measured", buf_text(&line));
    buf_reset(&line);
    rows_add_environment(&report->environment, &line);
    add_foot(&page, "environment", buf_text(&line));
    for (size_t i = 0; i < report->health.n_reasons; i++)
        add_foot(&page, "**not valid**", invalid_reason_text(report->health.reasons[i]));
    add_foot_lines(&page, "note", report->health.notes, report->health.n_notes);

    buf_add_str(out, "## Load test");
    if (options->title) {
        buf_add_str(out, ": ");
        markdown_add_name(out, options->title, 100);
    }
    buf_add_str(out, "\n\n");
    buf_reset(&line);
    rows_add_run(report, &line);
    markdown_add_sentence(out, buf_text(&line), MAX_SENTENCE);
    buf_add_char(out, '\n');
    rows_of_errors(report, &table);
    add_part(&page, &table, options, &errors);
    rows_of_report(report, &table);
    add_table(&page, &table, NULL, options, out);
    buf_add(out, buf_text(&errors), errors.len);
    resources_rows_of(report, true, &table);
    add_table(&page, &table, NULL, options, out);
    const struct render_side *sides = kept_sides_of(report, options, &own);
    for (size_t i = 0; kept_rows(sides, i, &table); i++)
        add_table(&page, &table, NULL, options, out);
    add_page_foot(&page, out);
    buf_release(&errors);
    buf_release(&line);
}

/* ---- the shorter page ---- */

static struct render_options for_comment(const struct render_options *options)
{
    struct render_options shorter = *options;
    if (!shorter.limit)
        shorter.limit = RENDER_COMMENT_LIMIT;
    return shorter;
}

void comment_verdict(const struct verdict *verdict, const struct render_options *options,
                     struct buf *out)
{
    struct render_options shorter = for_comment(options);
    page_verdict(verdict, &shorter, out);
}

void comment_report(const struct report *report, const struct render_options *options,
                    struct buf *out)
{
    struct render_options shorter = for_comment(options);
    page_report(report, &shorter, out);
}
