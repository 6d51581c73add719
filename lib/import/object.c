#include "import/object.h"

char object_first(struct span head)
{
    for (size_t at = 0; at < head.len; at++)
        if (head.at[at] != ' ' && head.at[at] != '\t' && head.at[at] != '\r' && head.at[at] != '\n')
            return head.at[at];
    return 0;
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
