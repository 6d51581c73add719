/*
 * One address, asked again and again: a GET over a connection that is kept, with a time limit and a
 * bounded body. For what is polled beside a run; never on the measured path.
 *
 * No redirect is followed, no proxy of the environment asked, and only what the caller gives is
 * sent. An error says what happened and never the URL or a header: either may hold a secret. A
 * fetch belongs to one thread at a time.
 */
#ifndef PERFGATE_NET_FETCH_H
#define PERFGATE_NET_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define FETCH_BODY_LIMIT ((size_t)1 << 20)

/* Texts are borrowed for the call of fetch_new(). */
struct fetch_setup {
    const char *url;
    const char *socket; /* a Unix-domain socket that it goes over; NULL = TCP */
    size_t n_headers;
    const char *const *headers;                 /* "Name: value" */
    const char *ca_file, *cert_file, *key_file; /* PEM; NULL = the system's, and none */
    bool trusts_any;                            /* certificates are not looked at */
    int64_t timeout_ns;
};

struct fetch;

struct fetch *fetch_new(const struct fetch_setup *setup)
    __attribute__((returns_nonnull, warn_unused_result));

/* 0 where an answer came whole, whatever its status; its body replaces what is in `body`. */
int fetch_get(struct fetch *fetch, long *status, struct buf *body, struct err *err)
    __attribute__((warn_unused_result));

/* NULL is nothing. */
void fetch_free(struct fetch *fetch);

#endif
