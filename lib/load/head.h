/*
 * The head of a response: a block of text that its protocol has already checked, and the look-up
 * of header fields in it.
 *
 * The block is a status line and header lines, each ended by CRLF, and an empty line; names are
 * found without regard to case. Nothing is copied: spans point into the block and live as long as
 * it does. A linear search each time, because most responses are asked for no header at all, and
 * then an index costs more than it saves. HTTP/2 gives its fields as such a block, too.
 */
#ifndef PERFGATE_LOAD_HEAD_H
#define PERFGATE_LOAD_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* The value of the first field called `name`, without the blanks around it; false: none. */
bool head_find(struct span head, const char *name, struct span *value);

/* As head_find(), each field of that name in turn: *cursor is 0 at the start. */
bool head_next(struct span head, const char *name, size_t *cursor, struct span *value);

/* True where the span is `text`, without regard to the case of ASCII letters. */
bool span_equals_nocase(struct span span, const char *text);

#endif
