/*
 * The seam between a connection and what its bytes mean: HTTP/1.1 (h1.c) and HTTP/2 (h2.c).
 *
 * A protocol keeps its state in the exchange, and in conn->session where it has more. It is handed
 * every byte that arrives and says which exchange is over; the connection does the reading,
 * writing, time-outs and reuse. No call of a protocol calls back.
 */
#ifndef PERFGATE_LOAD_PROTOCOL_H
#define PERFGATE_LOAD_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/failure.h"
#include "load/head.h"

struct conn;
struct exchange;

enum protocol_event {
    PROTOCOL_MORE,    /* no response is complete */
    PROTOCOL_DONE,    /* one is */
    PROTOCOL_BROKEN,  /* one never will be, and the connection lives: response.failure, .reason */
    PROTOCOL_REFUSED, /* the same, and the server has not begun with the request */
    PROTOCOL_FAILED,  /* response.reason, and the connection is of no more use */
};

/* A response as the user sees it. Spans are valid as long as the exchange's box. */
struct response {
    struct exchange *exchange; /* that is over */
    int status;
    bool reusable; /* the connection can carry another request; of HTTP/1.1 */
    bool body_cut; /* `body` is not all of it */
    bool has_cookies, has_location;
    int64_t body_bytes;   /* received, without framing */
    struct span head;     /* where it was asked for, or has cookies or a location */
    struct span body;     /* where it was asked for */
    enum failure failure; /* of an exchange that broke */
    const char *reason;   /* of a failure: a constant */
};

struct protocol {
    bool multiplexed; /* a connection carries several exchanges; only then is there what is below */
    /* The request of `exchange`, which is in conn->exchanges, goes out: sets conn->out, or leaves
     * that to fill(). */
    void (*begin)(struct conn *conn, struct exchange *exchange);
    /* An exchange that is over, or the end of the connection. */
    enum protocol_event (*receive)(struct conn *conn, const char *bytes, size_t len,
                                   struct response *response);
    /* The peer has closed its side. */
    enum protocol_event (*end)(struct conn *conn, struct response *response);
    /* Whether the server may have begun with the request. */
    bool (*started)(const struct conn *conn, const struct exchange *exchange);

    /* Sets conn->session. False: there is no memory for it. */
    bool (*open)(struct conn *conn);
    void (*close)(struct conn *conn);
    /* conn->out was written: sets what comes next. False: nothing does. */
    bool (*fill)(struct conn *conn);
    /* The next exchange that is over, as receive() tells it. */
    enum protocol_event (*over)(struct conn *conn, struct response *response);
    /* Whether another exchange may begin. */
    bool (*takes)(const struct conn *conn);
    /* Nobody wants the response any more. */
    void (*cancel)(struct conn *conn, struct exchange *exchange);
};

extern const struct protocol protocol_h1, protocol_h2;

#endif
