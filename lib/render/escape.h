/*
 * Text that stays text in HTML and in SVG within HTML: the one place where it is made safe.
 *
 * Everything on a page that comes from a document goes through here, in content and in quoted
 * attributes alike. What is invisible, moves the cursor or sets the reading direction is shown in
 * its visible form (utf8.h), so that neither a control character nor a direction set by hand
 * reaches the page. A name stands in <bdi>: letters that are read from the right stay within it.
 */
#ifndef PERFGATE_RENDER_ESCAPE_H
#define PERFGATE_RENDER_ESCAPE_H

#include <stddef.h>

#include "base/buf.h"

void escape_add(struct buf *out, const char *text);

/* A text of lines, as it stands in <pre>. */
void escape_add_lines(struct buf *out, const char *text);

/* A name in <bdi>, cut in the middle to `max` columns, 0 = not; the whole one is then its title.
 * Nothing for NULL or an empty one. */
void escape_add_name(struct buf *out, const char *name, size_t max);

#endif
