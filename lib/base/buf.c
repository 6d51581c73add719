#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

char *buf_reserve(struct buf *buf, size_t len)
{
    size_t need;
    if (__builtin_add_overflow(buf->len, len, &need) || __builtin_add_overflow(need, 1, &need))
        need = (size_t)-1; /* mem_resize() then aborts */
    if (!buf->data || need > buf->capacity) {
        size_t capacity = buf->capacity < 64 ? 64 : buf->capacity;
        while (capacity < need && capacity <= (size_t)-1 / 2)
            capacity *= 2;
        buf->capacity = capacity < need ? need : capacity;
        buf->data = mem_resize(buf->data, buf->capacity, 1);
    }
    return buf->data + buf->len;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
    char *end = buf_reserve(buf, len);
    if (len)
        memcpy(end, bytes, len);
    end[len] = 0;
    buf->len += len;
}

void buf_add_str(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

void buf_add_repeat(struct buf *buf, char c, size_t count)
{
    char *end = buf_reserve(buf, count);
    memset(end, c, count);
    end[count] = 0;
    buf->len += count;
}

void buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    char *end = buf_reserve(buf, 128);
    size_t room = buf->capacity - buf->len;
    int len = vsnprintf(end, room, format, args);
    va_end(args);
    if (len > 0 && (size_t)len >= room) {
        end = buf_reserve(buf, (size_t)len);
        vsnprintf(end, (size_t)len + 1, format, again);
    }
    va_end(again);
    if (len > 0)
        buf->len += (size_t)len;
}

const char *buf_text(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    if (buf->data)
        buf->data[0] = 0;
}

char *buf_take(struct buf *buf)
{
    *buf_reserve(buf, 0) = 0;
    char *data = buf->data;
    *buf = (struct buf){0};
    return data;
}

void buf_release(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}
