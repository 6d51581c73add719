#include "load/json_value.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

/* Copies a token up to '/' or the end with ~0 and ~1 replaced; NULL where a '~' stands alone. */
static char *unescape(const char *text, size_t len, struct arena *arena)
{
    char *token = arena_strndup(arena, text, len), *to = token;
    for (const char *from = token; *from; from++) {
        *to = *from;
        if (*from == '~') {
            if (from[1] != '0' && from[1] != '1')
                return NULL;
            *to = *++from == '0' ? '~' : '/';
        }
        to++;
    }
    *to = 0;
    return token;
}

int json_pointer_compile(struct json_pointer *pointer, const char *text, struct arena *arena,
                         struct err *err)
{
    *pointer = (struct json_pointer){0};
    pointer->tokens = arena_array(arena, strlen(text) + 1, sizeof(*pointer->tokens));
    for (const char *at = text; *at;) {
        size_t len = strcspn(at + 1, "/");
        const char *token = *at == '/' ? unescape(at + 1, len, arena) : NULL;
        if (!token)
            return err_set(err, ERR_INPUT,
                           "'%s' is no JSON pointer: expected one such as /items/0/id, with ~0 "
                           "for '~' and ~1 for '/'",
                           text);
        pointer->tokens[pointer->n++] = token;
        at += 1 + len;
    }
    return 0;
}

/* An array's index without sign and leading zeros. */
static bool parse_index(const char *token, size_t *index)
{
    size_t len = strspn(token, "0123456789");
    if (!len || len > 9 || token[len] || (len > 1 && *token == '0'))
        return false;
    *index = strtoul(token, NULL, 10);
    return true;
}

bool json_pointer_find(const struct json_pointer *pointer, const struct js_at *root,
                       struct js_at *out)
{
    struct js_at at = *root;
    for (size_t i = 0; i < pointer->n; i++) {
        struct js_at next;
        size_t index;
        if (js_kind(&at) == JS_K_OBJECT) {
            if (!js_member(&at, pointer->tokens[i], &next))
                return false;
        } else {
            if (js_kind(&at) != JS_K_ARRAY || !parse_index(pointer->tokens[i], &index) ||
                index >= js_count(&at))
                return false;
            next = js_item(&at, index);
        }
        at = next;
        at.up = NULL;
    }
    *out = at;
    return true;
}

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
