/*
 * JSON pointers (RFC 6901), compiled.
 */
#ifndef PERFGATE_BASE_JSON_POINTER_H
#define PERFGATE_BASE_JSON_POINTER_H

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

#endif
