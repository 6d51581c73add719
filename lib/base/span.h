/*
 * Borrowed bytes, not NUL-terminated: a place in a text that somebody else owns and that has to
 * outlive the span. Passed by value.
 */
#ifndef PERFGATE_BASE_SPAN_H
#define PERFGATE_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct span {
    const char *at;
    size_t len; /* bytes */
};

/* The next line of a text, without its end (LF or CR LF); the text moves behind it. False at the
 * end. */
bool span_take_line(struct span *text, struct span *line);

/* Without spaces, tabs and carriage returns at both ends. */
struct span span_trim(struct span text);

#endif
