#include "render/escape.h"

#include <string.h>

#include "render/utf8.h"

static void add_characters(struct buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buf_add_str(out, "&amp;");
            break;
        case '<':
            buf_add_str(out, "&lt;");
            break;
        case '>':
            buf_add_str(out, "&gt;");
            break;
        case '"':
            buf_add_str(out, "&quot;");
            break;
        case '\'':
            buf_add_str(out, "&#39;");
            break;
        default:
            buf_add_char(out, *text);
        }
    }
}

void escape_add(struct buf *out, const char *text)
{
    struct buf safe = {0};
    utf8_add_safe(&safe, text);
    add_characters(out, buf_text(&safe));
    buf_release(&safe);
}

void escape_add_lines(struct buf *out, const char *text)
{
    struct buf line = {0};
    while (*text) {
        size_t n = strcspn(text, "\n");
        buf_reset(&line);
        buf_add(&line, text, n);
        escape_add(out, buf_text(&line));
        text += n;
        if (*text) {
            buf_add_char(out, '\n');
            text++;
        }
    }
    buf_release(&line);
}

void escape_add_name(struct buf *out, const char *name, size_t max)
{
    struct buf safe = {0}, shown = {0};
    utf8_add_safe(&safe, name ? name : "");
    utf8_add_shortened(&shown, buf_text(&safe), max);
    if (safe.len) {
        buf_add_str(out, "<bdi");
        if (shown.len != safe.len) {
            buf_add_str(out, " title=\"");
            add_characters(out, buf_text(&safe));
            buf_add_char(out, '"');
        }
        buf_add_char(out, '>');
        add_characters(out, buf_text(&shown));
        buf_add_str(out, "</bdi>");
    }
    buf_release(&shown);
    buf_release(&safe);
}
