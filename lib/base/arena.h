/*
 * Memory that is freed all at once: what a loaded document owns.
 *
 * A zeroed struct is an empty arena. Blocks are zeroed, aligned for any type, and live until
 * arena_release(); nothing in an arena is freed on its own. Not thread-safe.
 */
#ifndef PERFGATE_BASE_ARENA_H
#define PERFGATE_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* newest first */
    size_t used, capacity;      /* of the newest, in bytes */
};

/* `count` zeroed elements of `size` bytes; never NULL. */
void *arena_array(struct arena *arena, size_t count, size_t size)
    __attribute__((returns_nonnull, warn_unused_result));

/* A copy of `text`, or NULL for NULL. */
char *arena_strdup(struct arena *arena, const char *text);

/* A copy of the first `length` bytes of `text` with a NUL behind them. */
char *arena_strndup(struct arena *arena, const char *text, size_t length)
    __attribute__((returns_nonnull));

char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0), returns_nonnull));

/* Appends `text`, which is kept and not copied, to a list of `*n` texts, whose room is the arena's.
 * For short lists: each call copies it. */
void arena_append(struct arena *arena, const char ***list, size_t *n, const char *text);

/* Frees all blocks and leaves an empty arena. */
void arena_release(struct arena *arena);

#endif
