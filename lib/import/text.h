/*
 * Fields of foreign files: numbers that are strict about what they take, and texts made fit for a
 * report. Failures have the message "expected …, found '…'"; the caller puts file and line before
 * it.
 */
#ifndef PERFGATE_IMPORT_TEXT_H
#define PERFGATE_IMPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* Appends at most `limit` bytes of UTF-8; what is none, and NUL, becomes U+FFFD. */
void text_add_clean(struct buf *out, struct span text, size_t limit);

/* The same as a text of its own, in the arena. */
char *text_keep(struct span text, size_t limit, struct arena *arena);

/* The path of a URL, or of what is one but for its scheme, without what follows a '?' or '#', and
 * "/" where there is none; borrowed. Empty of an empty one. */
struct span text_path(struct span url);

bool text_equals(struct span text, const char *word);
bool text_equals_nocase(struct span text, const char *word);
/* Whether the bytes hold `word`. */
bool text_holds(struct span text, const char *word);

/* A whole number in [0, high]; `what` names the field. */
int text_count(struct span text, const char *what, int64_t high, int64_t *out, struct err *err)
    __attribute__((warn_unused_result));

/* A decimal number in [0, high]. */
int text_number(struct span text, const char *what, double high, double *out, struct err *err)
    __attribute__((warn_unused_result));

/* A time with a date: 2026/11/26 10:15:27.123, also with '-' or 'T', and an offset or Z; without
 * one it is taken for UTC. False where it is none. */
bool text_time(struct span text, int64_t *out_ns);

/* Whether a time, as a date or in s, is written without a fraction of a second. */
bool text_is_whole(struct span text);

#endif
