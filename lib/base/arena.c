#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CHUNK_BYTES ((size_t)16 * 1024)

struct arena_chunk {
    struct arena_chunk *older;
    alignas(max_align_t) char bytes[];
};

static void add_chunk(struct arena *arena, size_t bytes)
{
    struct arena_chunk *chunk = mem_array(1, sizeof *chunk + bytes);
    chunk->older = arena->chunks;
    arena->chunks = chunk;
    arena->used = 0;
    arena->capacity = bytes;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX)
        bytes = PTRDIFF_MAX; /* mem_array() then aborts */
    size_t align = alignof(max_align_t);
    bytes = (bytes + align - 1) / align * align;
    if (!arena->chunks || arena->capacity - arena->used < bytes)
        add_chunk(arena, bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES);
    void *block = arena->chunks->bytes + arena->used;
    arena->used += bytes;
    return block;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_array(arena, length + 1, 1);
    if (length)
        memcpy(copy, text, length);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length < 0)
        length = 0;
    char *text = arena_array(arena, (size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void arena_append(struct arena *arena, const char ***list, size_t *n, const char *text)
{
    const char **longer = arena_array(arena, *n + 1, sizeof *longer);
    if (*n)
        memcpy(longer, *list, *n * sizeof *longer);
    longer[(*n)++] = text;
    *list = longer;
}

void arena_release(struct arena *arena)
{
    for (struct arena_chunk *chunk = arena->chunks; chunk;) {
        struct arena_chunk *older = chunk->older;
        free(chunk);
        chunk = older;
    }
    *arena = (struct arena){0};
}
