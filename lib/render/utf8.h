/*
 * Text for a terminal or a page, from names that nobody vetted.
 *
 * Names of endpoints, messages of servers and reasons with either of them in it come from the
 * change under test. What would move the cursor, reverse the reading direction or hide is replaced
 * by a visible form: <U+202E> for a character, \xNN for a byte that is not UTF-8.
 */
#ifndef PERFGATE_RENDER_UTF8_H
#define PERFGATE_RENDER_UTF8_H

#include <stddef.h>

#include "base/buf.h"
#include "base/utf8.h"

/* Columns that a text takes in a terminal: 0 for combining marks, 2 for East Asian wide characters
 * and emoji (Unicode 15, UAX #11 in outline), else 1. */
size_t utf8_width(const char *text);

/* Appends `text` with the visible forms. */
void utf8_add_safe(struct buf *out, const char *text);

/* Appends `text` cut in the middle, with an ellipsis, to at most `max` columns; 0: not cut. */
void utf8_add_shortened(struct buf *out, const char *text, size_t max);

#endif
