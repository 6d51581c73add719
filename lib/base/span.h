/*
 * Borrowed bytes, not NUL-terminated: a place in a text that somebody else owns and that has to
 * outlive the span. Passed by value.
 */
#ifndef PERFGATE_BASE_SPAN_H
#define PERFGATE_BASE_SPAN_H

#include <stddef.h>

struct span {
    const char *at;
    size_t len; /* bytes */
};

#endif
