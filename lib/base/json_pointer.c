#include "base/json_pointer.h"

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
