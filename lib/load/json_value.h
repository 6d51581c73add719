/*
 * Values within a JSON body: JSON pointers (RFC 6901), compiled, and equality.
 */
#ifndef PERFGATE_LOAD_JSON_VALUE_H
#define PERFGATE_LOAD_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"

struct json_pointer {
    size_t n;
    const char **tokens; /* unescaped */
};

/* `text` is empty (the whole document) or begins with '/'. */
int json_pointer_compile(struct json_pointer *pointer, const char *text, struct arena *arena,
                         struct err *err) __attribute__((warn_unused_result));

/* The value that the pointer leads to; false where there is none. *out does not know its way up:
 * messages about it would name the root. */
bool json_pointer_find(const struct json_pointer *pointer, const struct js_at *root,
                       struct js_at *out);

/* Equal kind and content; numbers by value as doubles, members in any order. */
bool json_equal(const struct js_at *a, const struct js_at *b);

#endif
