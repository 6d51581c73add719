/*
 * Text that stays text in GitHub-flavoured Markdown, in a table or outside one.
 *
 * A name becomes a code span: within one nothing is a link, a mention, an image or HTML. A sentence
 * has what Markdown or the hosting service would act on written as character references; a
 * zero-width space behind @ and # and inside ://, www. and GH-1 stops mentions, issue references
 * and links, which are found after references have been resolved.
 * (GitHub Flavored Markdown Spec 0.29, sections 4.10, 6.2, 6.3 and 6.9.)
 */
#ifndef PERFGATE_RENDER_MARKDOWN_H
#define PERFGATE_RENDER_MARKDOWN_H

#include <stddef.h>

#include "base/buf.h"

/* A code span; cut in the middle to `max` columns, 0 = not. Nothing for an empty name. */
void markdown_add_name(struct buf *out, const char *name, size_t max);

/* A sentence that begins a line or a list's item, cut in the middle to `max` columns, 0 = not. */
void markdown_add_sentence(struct buf *out, const char *text, size_t max);

/* The same within a cell of a table, where no list can begin. */
void markdown_add_cell(struct buf *out, const char *text, size_t max);

#endif
