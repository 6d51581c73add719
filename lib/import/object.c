#include "import/object.h"

#include <string.h>

char object_first(struct span head)
{
    for (size_t at = 0; at < head.len; at++)
        if (head.at[at] != ' ' && head.at[at] != '\t' && head.at[at] != '\r' && head.at[at] != '\n')
            return head.at[at];
    return 0;
}

int object_read(const struct import_file *file, struct js_doc **doc, struct err *err)
{
    struct buf bytes = {0};
    *doc = NULL;
    int status = stream_read_all(file->stream, REPORT_LIMIT, &bytes, err);
    if (status == 0)
        status = js_parse(buf_text(&bytes), bytes.len, file->stream->name, doc, err);
    buf_release(&bytes);
    return status;
}

struct span object_text(const struct js_at *object, const char *key)
{
    struct js_at member;
    const char *text = "";
    if (js_member(object, key, &member) && js_kind(&member) == JS_K_STRING &&
        js_get_string(&member, &text, NULL) == 0)
        return (struct span){text, strlen(text)};
    return (struct span){"", 0};
}

int object_need(const struct js_at *object, const char *key, struct js_at *out, struct err *err)
{
    return js_member(object, key, out) ? 0 : js_fail(object, err, "expected the key '%s'", key);
}

int object_count(const struct js_at *object, const char *key, int64_t *out, struct err *err)
{
    struct js_at member;
    return object_need(object, key, &member, err) < 0
               ? -1
               : js_get_int(&member, 0, OBJECT_MAX_COUNT, out, err);
}

int object_number(const struct js_at *object, const char *key, double high, double *out,
                  struct err *err)
{
    struct js_at member;
    *out = 0;
    if (object_need(object, key, &member, err) < 0)
        return -1;
    return js_kind(&member) == JS_K_NULL ? 0 : js_get_number(&member, 0, high, out, err);
}
