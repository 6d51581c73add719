#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"

#define MAX_DEPTH 64

struct js_doc {
    json_t *root;
    const char *source;
};

/* jansson has its own limit on depth, 2,048; this one bounds our recursion as well. */
static bool too_deep(const char *bytes, size_t len)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < len; i++) {
        char c = bytes[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '[' || c == '{'))
            depth++;
        else if (!in_string && (c == ']' || c == '}') && depth)
            depth--;
        if (depth > MAX_DEPTH)
            return true;
    }
    return false;
}

/* jansson's reason, without the advice that it has for programmers. */
static const char *reason(const json_error_t *error)
{
    return strstr(error->text, "JSON_ALLOW_NUL") ? "\\u0000 is not allowed" : error->text;
}

int js_parse(const char *bytes, size_t len, const char *source, struct js_doc **doc,
             struct err *err)
{
    *doc = NULL;
    if (too_deep(bytes, len))
        return err_set(err, ERR_INPUT, "'%s': nested deeper than %d levels, the limit", source,
                       MAX_DEPTH);
    json_error_t error;
    json_t *root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!root)
        return err_set(err, ERR_INPUT, "'%s' line %d, column %d: expected valid JSON: %s", source,
                       error.line < 1 ? 1 : error.line, error.column < 1 ? 1 : error.column,
                       reason(&error));
    *doc = mem_new(sizeof **doc);
    (*doc)->root = root;
    (*doc)->source = source;
    return 0;
}

void js_free(struct js_doc *doc)
{
    if (!doc)
        return;
    json_decref(doc->root);
    free(doc);
}

struct js_at js_root(const struct js_doc *doc)
{
    return (struct js_at){.value = doc->root, .source = doc->source};
}

enum js_kind js_kind(const struct js_at *at)
{
    static const enum js_kind kinds[] = {
        [JSON_OBJECT] = JS_K_OBJECT,  [JSON_ARRAY] = JS_K_ARRAY, [JSON_STRING] = JS_K_STRING,
        [JSON_INTEGER] = JS_K_NUMBER, [JSON_REAL] = JS_K_NUMBER, [JSON_TRUE] = JS_K_BOOL,
        [JSON_FALSE] = JS_K_BOOL,     [JSON_NULL] = JS_K_NULL,
    };
    return kinds[json_typeof((const json_t *)at->value)];
}

const char *js_kind_name(enum js_kind kind)
{
    static const char *const names[] = {
        [JS_K_NULL] = "null",       [JS_K_BOOL] = "true or false", [JS_K_NUMBER] = "a number",
        [JS_K_STRING] = "a string", [JS_K_ARRAY] = "an array",     [JS_K_OBJECT] = "an object",
    };
    return names[kind];
}

size_t js_count(const struct js_at *at)
{
    const json_t *value = at->value;
    return json_is_array(value) ? json_array_size(value) : json_object_size(value);
}

struct js_at js_item(const struct js_at *at, size_t i)
{
    return (struct js_at){
        .value = json_array_get(at->value, i), .up = at, .index = i, .source = at->source};
}

bool js_member(const struct js_at *at, const char *key, struct js_at *out)
{
    const json_t *value = json_object_get(at->value, key);
    if (!value)
        return false;
    *out = (struct js_at){.value = value, .up = at, .key = key, .source = at->source};
    return true;
}

/* jansson's iterators take a json_t * that they do not change; the document itself is const here.
 */
static json_t *iterable(const struct js_at *at)
{
    json_t *object;
    memcpy(&object, &at->value, sizeof object);
    return object;
}

bool js_next(const struct js_at *at, void **cursor, struct js_at *out)
{
    json_t *object = iterable(at);
    *cursor = *cursor ? json_object_iter_next(object, *cursor) : json_object_iter(object);
    if (!*cursor)
        return false;
    *out = (struct js_at){.value = json_object_iter_value(*cursor),
                          .up = at,
                          .key = json_object_iter_key(*cursor),
                          .source = at->source};
    return true;
}

/* The way to a value, `endpoints[3].name`, cut at the buffer's end. */
static void add_path(struct buf *path, const struct js_at *at)
{
    if (!at->up)
        return;
    add_path(path, at->up);
    if (!at->key)
        buf_addf(path, "[%zu]", at->index);
    else
        buf_addf(path, "%s%.120s", path->len ? "." : "", at->key);
}

int js_fail(const struct js_at *at, struct err *err, const char *format, ...)
{
    struct buf path = {0};
    add_path(&path, at);
    va_list args;
    va_start(args, format);
    char text[640];
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err_set(err, ERR_INPUT, "'%s': %s%s%s", at->source, buf_text(&path), path.len ? ": " : "",
            text);
    buf_release(&path);
    return -1;
}

static int wrong_kind(const struct js_at *at, const char *expected, struct err *err)
{
    return js_fail(at, err, "expected %s, found %s", expected, js_kind_name(js_kind(at)));
}

int js_expect_object(const struct js_at *at, struct err *err)
{
    return js_kind(at) == JS_K_OBJECT ? 0 : wrong_kind(at, "an object", err);
}

int js_get_string(const struct js_at *at, const char **out, struct err *err)
{
    *out = json_string_value(at->value);
    return *out ? 0 : wrong_kind(at, "a string", err);
}

int js_get_bool(const struct js_at *at, bool *out, struct err *err)
{
    *out = json_is_true((const json_t *)at->value);
    return json_is_boolean((const json_t *)at->value) ? 0 : wrong_kind(at, "true or false", err);
}

int js_get_number(const struct js_at *at, double low, double high, double *out, struct err *err)
{
    if (!json_is_number((const json_t *)at->value))
        return wrong_kind(at, "a number", err);
    *out = json_number_value(at->value);
    if (!(*out >= low && *out <= high))
        return js_fail(at, err, "expected a number from %.9g to %.9g, found %.9g", low, high, *out);
    return 0;
}

int js_get_int(const struct js_at *at, int64_t low, int64_t high, int64_t *out, struct err *err)
{
    const json_t *value = at->value;
    double real = json_real_value(value);
    if (json_is_integer(value))
        *out = json_integer_value(value);
    else if (json_is_real(value) && real == floor(real) && fabs(real) < 0x1p53)
        *out = (int64_t)real;
    else
        return json_is_real(value) ? js_fail(at, err, "expected a whole number, found %.9g", real)
                                   : wrong_kind(at, "a whole number", err);
    if (*out < low || *out > high)
        return js_fail(at, err,
                       "expected a whole number from %" PRId64 " to %" PRId64 ", found %" PRId64,
                       low, high, *out);
    return 0;
}

void js_dump(const struct js_at *at, struct buf *out)
{
    char *text = json_dumps(at->value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    if (text)
        buf_add_str(out, text);
    free(text);
}
