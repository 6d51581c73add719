/*
 * Lines, words and numbers of the kernel's texts, in place: what the parsers of this layer have in
 * common. Nothing is copied, and the text may be anything.
 */
#ifndef PERFGATE_MONITOR_WORDS_H
#define PERFGATE_MONITOR_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* What is left of a line. */
struct words {
    const char *at, *end;
};

/* The next line of a NUL-terminated text, and *text behind it; false at the end. */
bool words_line(const char **text, struct words *line);

/* The next word between blanks; its length is 0 at the end of the line. */
struct span words_next(struct words *line);

/* What is before the next `mark`, without the blanks around it; the line then goes on behind the
 * mark. Its length is 0 where there is none. */
struct span words_until(struct words *line, char mark);

bool words_is(struct span word, const char *text);

/* The next words as decimal numbers >= 0, up to `n`; returns how many there are. What follows a
 * number without a blank ends them, and so does a number of more than 18 digits. */
size_t words_numbers(struct words *line, double *out, size_t n);

#endif
