/*
 * The seam between a connection and what its bytes mean: HTTP/1.1 now, HTTP/2 as one file beside
 * h1.c.
 *
 * A protocol keeps its state in the connection. It is handed every byte that arrives and says when
 * the response is complete; the connection does the reading, writing, time-outs and reuse.
 */
#ifndef PERFGATE_LOAD_PROTOCOL_H
#define PERFGATE_LOAD_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/head.h"

struct conn;

enum protocol_event {
    PROTOCOL_MORE,   /* the response is not complete */
    PROTOCOL_DONE,   /* it is */
    PROTOCOL_FAILED, /* it never will be: response.reason, and the connection is of no more use */
};

/* A response as the user sees it. Spans are valid until the connection's next request. */
struct response {
    int status;
    bool reusable; /* the connection can carry another request */
    bool body_cut; /* `body` is not all of it */
    bool has_cookies, has_location;
    int64_t body_bytes; /* received, without framing */
    struct span head;   /* where it was asked for, or has cookies or a location */
    struct span body;   /* where it was asked for */
    const char *reason; /* after PROTOCOL_FAILED: a constant */
};

struct protocol {
    /* A request is about to be sent: sets conn->out, the bytes to write. */
    void (*begin)(struct conn *conn);
    enum protocol_event (*receive)(struct conn *conn, const char *bytes, size_t len,
                                   struct response *response);
    /* The peer has closed its side. */
    enum protocol_event (*end)(struct conn *conn, struct response *response);
    /* Whether any byte of the current response has come. */
    bool (*started)(const struct conn *conn);
};

extern const struct protocol protocol_h1;

#endif
