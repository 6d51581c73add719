#include "base/span.h"

#include <string.h>

bool span_take_line(struct span *text, struct span *line)
{
    if (!text->len)
        return false;
    const char *end = memchr(text->at, '\n', text->len);
    *line = (struct span){text->at, end ? (size_t)(end - text->at) : text->len};
    size_t used = line->len + (end != NULL);
    *text = (struct span){text->at + used, text->len - used};
    if (line->len && line->at[line->len - 1] == '\r')
        line->len--;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct span span_trim(struct span text)
{
    while (text.len && is_blank(text.at[0])) {
        text.at++;
        text.len--;
    }
    while (text.len && is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}
