#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void mem_exhausted(void)
{
    abort();
}

static size_t product(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX)
        abort();
    return bytes ? bytes : 1;
}

void *mem_array(size_t count, size_t size)
{
    void *block = calloc(1, product(count, size));
    if (!block)
        abort();
    return block;
}

void *mem_new(size_t size)
{
    return mem_array(1, size);
}

void *mem_resize(void *old, size_t count, size_t size)
{
    void *block = realloc(old, product(count, size));
    if (!block)
        abort();
    return block;
}

char *mem_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(mem_array(size, 1), text, size);
}

void *mem_grow(void *old, size_t count, size_t *capacity, size_t size)
{
    if (old && count < *capacity)
        return old;
    *capacity = *capacity ? *capacity * 2 : 8;
    return mem_resize(old, *capacity, size);
}
