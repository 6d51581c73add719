#include "load/head.h"

#include <string.h>
#include <strings.h>

bool span_equals_nocase(struct span span, const char *text)
{
    return span.len == strlen(text) && !strncasecmp(span.at, text, span.len);
}

static struct span trim(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (at < end && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (struct span){at, (size_t)(end - at)};
}

bool head_next(struct span head, const char *name, size_t *cursor, struct span *value)
{
    size_t name_len = strlen(name);
    const char *end = head.at + head.len;
    if (!head.len)
        return false;
    for (const char *line = head.at + *cursor; line < end;) {
        const char *lf = memchr(line, '\n', (size_t)(end - line));
        if (!lf)
            break;
        const char *line_end = lf > line && lf[-1] == '\r' ? lf - 1 : lf;
        if (line != head.at && (size_t)(line_end - line) > name_len && line[name_len] == ':' &&
            !strncasecmp(line, name, name_len)) {
            *value = trim(line + name_len + 1, line_end);
            *cursor = (size_t)(lf + 1 - head.at);
            return true;
        }
        line = lf + 1;
    }
    *cursor = head.len;
    return false;
}

bool head_find(struct span head, const char *name, struct span *value)
{
    size_t cursor = 0;
    return head_next(head, name, &cursor, value);
}
