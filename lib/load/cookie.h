/*
 * The cookies of one user (a subset of RFC 6265, for one origin).
 *
 * Name, value, Path and Secure are kept; Max-Age and Expires matter only where they delete, since
 * a run is shorter than a cookie's life; Domain is ignored: all requests go to one host, and every
 * cookie is treated as host-only. A user without cookies owns no memory. A jar is bounded: what
 * does not fit is ignored, as a browser does with the limits of section 6.1.
 */
#ifndef PERFGATE_LOAD_COOKIE_H
#define PERFGATE_LOAD_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "load/head.h"

#define COOKIE_COUNT_LIMIT 64
#define COOKIE_SIZE_LIMIT  4096 /* bytes of name, value and path together */

struct cookie;

/* A zeroed struct is an empty jar. */
struct cookie_jar {
    struct cookie *first; /* in the order of section 5.4: longer paths first, then older ones */
    size_t count;
};

/* Takes in the value of one Set-Cookie field. `path` is that of the request, with or without its
 * query; `now_s` is the wall clock in seconds since the epoch. A malformed field is ignored. */
void cookie_jar_set(struct cookie_jar *jar, struct span set_cookie, struct span path,
                    int64_t now_s);

/* Takes in all Set-Cookie fields of a response's head. */
void cookie_jar_set_all(struct cookie_jar *jar, struct span head, struct span path, int64_t now_s);

/* Appends "Cookie: a=b; c=d\r\n" with what a request carries whose path, with or without a query,
 * stands in `out` at `path_at`; nothing where there is no cookie for it. `is_secure`: the request
 * goes over TLS. */
void cookie_jar_add_header(const struct cookie_jar *jar, size_t path_at, size_t path_len,
                           bool is_secure, struct buf *out);

/* The value of a cookie by name, whatever its path; false where there is none. */
bool cookie_jar_find(const struct cookie_jar *jar, const char *name, struct span *value);

/* Frees all cookies and leaves an empty jar. */
void cookie_jar_release(struct cookie_jar *jar);

#endif
