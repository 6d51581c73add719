/*
 * What git's configuration adds to each request: http.extraheader and http.<url>.extraheader.
 * Private to lib/store.
 *
 * actions/checkout leaves its login there, and libgit2 does not look. As with git, a URL in the
 * key must have the scheme, the host and the port of the request, and a path that the request's
 * begins with; an empty value takes back those before it.
 */
#ifndef PERFGATE_STORE_PUSH_HEADER_H
#define PERFGATE_STORE_PUSH_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/push_address.h"
#include "store/repo.h"

struct push_headers {
    size_t n, capacity;
    char **list; /* "Name: value" */
};

/* Texts are in the arena. ERR_INPUT, without the value, where one is no header. */
int push_headers_find(const struct repo *repo, const struct push_address *address,
                      struct arena *arena, struct push_headers *out, struct err *err)
    __attribute__((warn_unused_result));

/* True for a header that is a login. */
bool push_header_is_login(const char *header);

#endif
