#include "load/json_value.h"

#include <float.h>
#include <string.h>

static bool equal_arrays(const struct js_at *a, const struct js_at *b)
{
    for (size_t i = 0; i < js_count(a); i++) {
        struct js_at left = js_item(a, i), right = js_item(b, i);
        if (!json_equal(&left, &right))
            return false;
    }
    return true;
}

static bool equal_objects(const struct js_at *a, const struct js_at *b)
{
    struct js_at left, right;
    for (void *cursor = NULL; js_next(a, &cursor, &left);)
        if (!js_member(b, left.key, &right) || !json_equal(&left, &right))
            return false;
    return true;
}

static bool equal_scalars(const struct js_at *a, const struct js_at *b, enum js_kind kind)
{
    struct err unused = {0};
    const char *left = "", *right = "";
    bool yes = false, also = false;
    double x = 0, y = 0;
    if (kind == JS_K_STRING)
        return !js_get_string(a, &left, &unused) && !js_get_string(b, &right, &unused) &&
               !strcmp(left, right);
    if (kind == JS_K_BOOL)
        return !js_get_bool(a, &yes, &unused) && !js_get_bool(b, &also, &unused) && yes == also;
    if (kind == JS_K_NUMBER)
        return !js_get_number(a, -DBL_MAX, DBL_MAX, &x, &unused) &&
               !js_get_number(b, -DBL_MAX, DBL_MAX, &y, &unused) && x <= y && x >= y;
    return true; /* null */
}

bool json_equal(const struct js_at *a, const struct js_at *b)
{
    enum js_kind kind = js_kind(a);
    if (kind != js_kind(b) || js_count(a) != js_count(b))
        return false;
    if (kind == JS_K_ARRAY)
        return equal_arrays(a, b);
    return kind == JS_K_OBJECT ? equal_objects(a, b) : equal_scalars(a, b, kind);
}
