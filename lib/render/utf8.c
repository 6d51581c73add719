#include "render/utf8.h"

#include <stdbool.h>
#include <string.h>

/* Tables of these are in ascending order. */
struct range {
    uint32_t first, last;
};

/* Shown as <U+XXXX>: controls, invisible characters, those that set the reading direction, and the
 * two that are no characters and that XML forbids. */
static const struct range hidden[] = {
    {0x01, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
    {0x200b, 0x200b}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
    {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0xe007f},
};

static const struct range zero_width[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
    {0x200c, 0x200d}, {0x20d0, 0x20f0}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef},
};

static const struct range double_width[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
    {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

/* More combining marks on one character than any script needs are shown as they are spelt. */
#define MAX_MARKS 4

#define IN(ranges, code) in_ranges(ranges, sizeof(ranges) / sizeof(ranges)[0], code)

static bool in_ranges(const struct range *ranges, size_t n, uint32_t code)
{
    size_t i = 0;
    while (i < n && code > ranges[i].last)
        i++;
    return i < n && code >= ranges[i].first;
}

static size_t code_width(uint32_t code)
{
    if (IN(zero_width, code))
        return 0;
    return code != UTF8_INVALID && IN(double_width, code) ? 2 : 1;
}

size_t utf8_width(const char *text)
{
    size_t width = 0;
    uint32_t code;
    while ((code = utf8_next(&text)) != 0)
        width += code_width(code);
    return width;
}

void utf8_add_safe(struct buf *out, const char *text)
{
    const char *start = text;
    size_t marks = 0; /* in a row */
    uint32_t code;
    while ((code = utf8_next(&text)) != 0) {
        marks = IN(zero_width, code) ? marks + 1 : 0;
        if (code == UTF8_INVALID)
            buf_addf(out, "\\x%02x", (unsigned)(unsigned char)*start);
        else if (IN(hidden, code) || marks > MAX_MARKS)
            buf_addf(out, "<U+%04X>", (unsigned)code);
        else
            buf_add(out, start, (size_t)(text - start));
        start = text;
    }
}

/* The byte where the first `columns` columns of `text` end. */
static const char *skip_columns(const char *text, size_t columns)
{
    size_t width = 0;
    for (const char *next = text;; text = next) {
        uint32_t code = utf8_next(&next);
        width += code ? code_width(code) : 0;
        if (!code || width > columns)
            return text;
    }
}

void utf8_add_shortened(struct buf *out, const char *text, size_t max)
{
    size_t width = utf8_width(text);
    if (!max || width <= max) {
        buf_add_str(out, text);
        return;
    }
    size_t head = max / 2, tail = max - head - 1;
    const char *head_end = skip_columns(text, head);
    /* A wide character that the cut would halve goes too. */
    const char *tail_start = skip_columns(text, width - tail);
    if (utf8_width(tail_start) > tail)
        utf8_next(&tail_start);
    buf_add(out, text, (size_t)(head_end - text));
    buf_add_str(out, "…");
    buf_add_str(out, tail_start);
}
