/*
 * The fields of a request's body: a form or a JSON object, as Content-Type says.
 *
 * A parsed form owns its texts; all of them are UTF-8 without control characters other than tab, CR
 * and LF. A zeroed struct is an empty form.
 */
#ifndef PANEL_FORM_H
#define PANEL_FORM_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

enum { FORM_MAX_FIELDS = 16, FORM_MAX_BYTES = 16384 };

struct form {
    struct arena arena;
    struct {
        const char *name, *value;
    } fields[FORM_MAX_FIELDS];
    size_t n_fields;
};

/* Takes application/x-www-form-urlencoded and application/json (strings only). An empty body is an
 * empty form, whatever its type. */
int form_parse(const char *content_type, const char *body, size_t len, struct form *form,
               struct err *err) __attribute__((warn_unused_result));

/* The first field of that name, NULL where there is none. */
const char *form_get(const struct form *form, const char *name);

void form_release(struct form *form);

#endif
