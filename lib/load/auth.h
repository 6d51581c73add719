/*
 * The credentials of a step, as an Authorization field: basic (RFC 7617) or bearer (RFC 6750).
 *
 * A token is a template like any other. Of basic credentials user and password are encoded
 * together, so that where one of them varies the field is rendered apart from the other fields.
 * Compiled once, then only read. Messages name variables, never values.
 */
#ifndef PERFGATE_LOAD_AUTH_H
#define PERFGATE_LOAD_AUTH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "load/template.h"
#include "load/vars.h"
#include "model/scenario.h"

struct auth {
    bool varies; /* there is something for auth_render() to add */
    struct template user, password;
};

/* Appends the field to `head`, or as much of it as is known beforehand. `source` may be of any
 * kind. */
int auth_compile(struct auth *auth, const struct scenario_auth *source, struct template *head,
                 const struct vars *vars, struct arena *arena, struct err *err)
    __attribute__((warn_unused_result));

/* Appends the field, or nothing where it is in the head. Fails where a variable has no value yet,
 * or one that credentials cannot hold. */
int auth_render(const struct auth *auth, const struct fill *fill, struct buf *out, struct err *err)
    __attribute__((warn_unused_result));

#endif
