#include "form.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "text.h"

static int add_field(struct form *form, const char *name, const char *value, struct err *err)
{
    if (form->n_fields == FORM_MAX_FIELDS)
        return err_set(err, ERR_INPUT, "more than %d fields", FORM_MAX_FIELDS);
    form->fields[form->n_fields].name = name;
    form->fields[form->n_fields++].value = value;
    return 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    int letter = c | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Decodes in place (URL Standard, application/x-www-form-urlencoded). */
static int decode(char *text, struct err *err)
{
    char *out = text;
    for (const char *at = text; *at; at++) {
        char byte = *at;
        if (byte == '+')
            byte = ' ';
        if (byte == '%') {
            int high = hex_digit(at[1]), low = high < 0 ? -1 : hex_digit(at[2]);
            if (low < 0)
                return err_set(err, ERR_INPUT, "a '%%' without two hexadecimal digits behind it");
            byte = (char)(high << 4 | low);
            at += 2;
        }
        *out++ = byte;
    }
    *out = 0;
    if (!text_is_clean(text, (size_t)(out - text)))
        return err_set(err, ERR_INPUT, "a field is not UTF-8 text, or has control characters");
    return 0;
}

static int parse_urlencoded(const char *body, size_t len, struct form *form, struct err *err)
{
    if (memchr(body, 0, len))
        return err_set(err, ERR_INPUT, "the form has a NUL byte");
    char *rest = arena_strndup(&form->arena, body, len), *pair;
    while ((pair = strsep(&rest, "&"))) {
        if (!*pair)
            continue;
        char *value = strchr(pair, '=');
        if (value)
            *value++ = 0;
        else
            value = pair + strlen(pair);
        if (decode(pair, err) || decode(value, err) || add_field(form, pair, value, err))
            return -1;
    }
    return 0;
}

static int add_members(const struct js_at *object, struct form *form, struct err *err)
{
    if (js_kind(object) != JS_K_OBJECT)
        return err_set(err, ERR_INPUT, "the JSON is not an object");
    struct js_at member;
    for (void *cursor = NULL; js_next(object, &cursor, &member);) {
        const char *value;
        if (js_get_string(&member, &value, err))
            return -1;
        if (!text_is_clean(value, strlen(value)))
            return err_set(err, ERR_INPUT, "a member has control characters");
        if (add_field(form, arena_strdup(&form->arena, member.key),
                      arena_strdup(&form->arena, value), err))
            return -1;
    }
    return 0;
}

static int parse_json(const char *body, size_t len, struct form *form, struct err *err)
{
    struct js_doc *doc;
    if (js_parse(body, len, "body", &doc, err))
        return -1;
    struct js_at root = js_root(doc);
    int status = add_members(&root, form, err);
    js_free(doc);
    return status;
}

/* Whether a Content-Type, without its parameters, is `type`. */
static bool is_type(const char *content_type, const char *type)
{
    size_t len = strlen(type);
    return !strncasecmp(content_type, type, len) && strchr("; \t", content_type[len]);
}

int form_parse(const char *content_type, const char *body, size_t len, struct form *form,
               struct err *err)
{
    if (!len)
        return 0;
    if (content_type && is_type(content_type, "application/x-www-form-urlencoded"))
        return parse_urlencoded(body, len, form, err);
    if (content_type && is_type(content_type, "application/json"))
        return parse_json(body, len, form, err);
    return err_set(err, ERR_INPUT,
                   "the body's type is neither application/x-www-form-urlencoded nor "
                   "application/json");
}

const char *form_get(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->n_fields; i++)
        if (!strcmp(form->fields[i].name, name))
            return form->fields[i].value;
    return NULL;
}

void form_release(struct form *form)
{
    arena_release(&form->arena);
    *form = (struct form){0};
}
