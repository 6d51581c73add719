/*
 * What the pages have in common: one file without a script, that shows itself under a strict
 * content-security policy, in a mail, on paper and, plainly, without its style sheet.
 *
 * The page names its own policy: nothing is loaded, and the one style sheet is in it. Where a
 * stricter policy blocks that as well, the order of the text, the tables and the drawings'
 * presentation attributes remain. Colours follow the reader's choice of light or dark; on paper
 * they are those of light. Private to the html_*.c files.
 */
#ifndef PERFGATE_RENDER_HTML_PARTS_H
#define PERFGATE_RENDER_HTML_PARTS_H

#include "base/buf.h"
#include "model/verdict.h"
#include "render/chart.h"
#include "render/render.h"
#include "render/table.h"

/* Up to the body; both titles are escaped, and what is NULL or empty is left out. */
void html_open(struct buf *out, const char *title, const char *subject);
void html_close(struct buf *out);

void html_open_section(struct buf *out, const char *id, const char *heading);
void html_close_section(struct buf *out);

/* "<p>text</p>", escaped; nothing for NULL or "". `class` may be NULL. */
void html_add_paragraph(struct buf *out, const char *class, const char *text);

/* All rows, in a box of its own that scrolls where it is wider than the page. */
void html_add_table(struct buf *out, const struct table *table, const char *label);

/* The same as a section of its own; nothing where there are no rows. Releases the table. */
void html_add_table_section(struct buf *out, const char *id, const char *heading,
                            struct table *table);

/* The class of a tone, which has its colour, and the sign that stands before its word. */
const char *html_tone_class(enum tone tone);
const char *html_tone_sign(enum tone tone);

/* ---- parts of the pages, each in a file of its own ---- */

/* What has been laid out of a verdict once for all parts. */
struct html_verdict {
    const struct verdict *verdict;
    struct table rows; /* ROWS_ALL: row i is the verdict's row i */
    const struct render_side *sides;
    const char *title; /* the document's file; NULL = none */
};

/* What broke, what could not be decided and what was accepted, each worst first. */
void html_add_findings(struct buf *out, const struct html_verdict *page);

/* The rows of each metric as lines over one axis. */
void html_add_forest(struct buf *out, const struct html_verdict *page);

/* The charts that the reports hold, and what to name for those that they do not. `page` may be
 * NULL: reports without a verdict. */
void html_add_charts(struct buf *out, const struct render_side *sides,
                     const struct html_verdict *page);

/* What the machine and the target were busy with; nothing where no report says so. */
void html_add_resources(struct buf *out, const struct render_side *sides);

/* What the profilers of both sides saw; nothing where none was run. */
void html_add_profile(struct buf *out, const struct render_side *sides);

/* Where both sides were measured, what was run, and how it was judged. */
void html_add_environment(struct buf *out, const struct render_side *sides,
                          const struct fingerprint *candidate);
/* The slowest traced requests of the candidate. */
void html_add_slowest(struct buf *out, const struct render_side *sides);

void html_add_run(struct buf *out, const struct render_side *sides);
void html_add_method(struct buf *out, const struct html_verdict *page);

/* The row of the average against the base, of an endpoint or, for NULL, of the whole run; NULL
 * where the verdict has none. */
const struct verdict_row *html_find_average(const struct verdict *verdict,
                                            const struct chart_scope *scope);

/* "GET /forum" of a verdict's row or of an endpoint, as a name. */
void html_add_scope(struct buf *out, const struct verdict_row *row, size_t max);

#endif
