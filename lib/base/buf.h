/*
 * A growing string of bytes.
 *
 * A zeroed struct is an empty string; buf_text() is always NUL-terminated, and the bytes may hold
 * NULs of their own (see len). Owned by whoever declares it; buf_release() frees it, and is
 * harmless twice.
 */
#ifndef PERFGATE_BASE_BUF_H
#define PERFGATE_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
    char *data; /* NULL while nothing was ever added */
    size_t len; /* bytes, without the closing NUL */
    size_t capacity;
};

void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_add_str(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_add_repeat(struct buf *buf, char c, size_t count);
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for `len` more bytes and returns where they go; the caller then adds to buf->len. */
char *buf_reserve(struct buf *buf, size_t len) __attribute__((returns_nonnull));

/* The bytes, NUL-terminated; "" where there are none. Valid until the next call that adds. */
const char *buf_text(const struct buf *buf) __attribute__((returns_nonnull));

/* Empties it and keeps the memory. */
void buf_reset(struct buf *buf);

/* Hands the bytes over (the caller frees them) and leaves an empty string. */
char *buf_take(struct buf *buf) __attribute__((returns_nonnull, warn_unused_result));

void buf_release(struct buf *buf);

#endif
