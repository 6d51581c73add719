/*
 * One user's connection: opened on demand, used again while both sides keep it alive, one request
 * at a time.
 *
 * conn_send() takes a request and answers through wire->done(), once for each, never from within
 * conn_send() unless the connection cannot even be opened. A request on a reused connection that
 * ends before any byte of the response is sent once more on a new one (RFC 9112, 9.3.1).
 *
 * A connection at rest owns no memory but its descriptor. While a request is in flight it borrows
 * a box of buffers from its thread, where it needs one: a request with variables, a response that
 * came in pieces or that somebody wants to look into. Boxes go back with their memory, so that a
 * request allocates nothing in the long run.
 */
#ifndef PERFGATE_LOAD_CONN_H
#define PERFGATE_LOAD_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "load/deadlines.h"
#include "load/failure.h"
#include "load/http1.h"
#include "load/loop.h"
#include "load/origin.h"
#include "load/protocol.h"
#include "load/transport.h"

struct box {
    struct box *next;
    struct buf request; /* a request with variables */
    struct buf in;      /* received, not yet understood */
    struct buf head, body;
};

struct conn;

/* What the connections of one worker and arm share. */
struct wire {
    struct loop *loop;
    struct deadlines connecting, waiting; /* for their lengths see the scenario's time-outs */
    bool keep_alive;
    char *in; /* the thread's receive buffer */
    size_t in_size;
    struct box *boxes; /* not in use */
    /* The request is over: with a response (failure is FAILURE_NONE) or without (`message`, which
     * is a constant). May call conn_send(). */
    void (*done)(struct conn *conn, const struct response *response, enum failure failure,
                 const char *message);
    size_t in_flight;
    int64_t opened, retries, generator_errors;
    int64_t handshakes, resumed; /* of TLS: completed, and how many of them on an earlier session */
    int generator_errno;         /* of the first of these errors */
};

enum conn_state { CONN_CLOSED, CONN_CONNECTING, CONN_BUSY, CONN_IDLE };

struct conn_request {
    struct span bytes;           /* must last until done() */
    const struct origin *origin; /* where to */
    bool is_head;
    unsigned needs; /* enum extract_needs: what done() is to see */
};

struct conn {
    struct loop_source source; /* first */
    struct wire *wire;
    struct stream stream;
    const struct origin *origin;     /* of the open connection */
    const struct protocol *protocol; /* the same, from the handshake on */
    struct conn_request request;
    struct span out; /* what is left to write */
    struct deadline deadline;
    struct box *box; /* or NULL */
    struct http1 http1;
    uint8_t state; /* enum conn_state */
    bool reused;   /* the request went out on a connection that had carried another */
    bool retried;
};

void conn_init(struct conn *conn, struct wire *wire);

/* The connection must not be in use. */
void conn_send(struct conn *conn, const struct conn_request *request, int64_t now_ns);

/* The connection's box; stays with it until the request is over. */
struct box *conn_box(struct conn *conn) __attribute__((returns_nonnull));

/* Closes it without a word to anyone. */
void conn_release(struct conn *conn);

/* Ends the requests whose time is up. */
void wire_expire(struct wire *wire, int64_t now_ns);

/* The next moment at which wire_expire() has work; INT64_MAX: none. */
int64_t wire_next_deadline(const struct wire *wire);

/* Frees the boxes; the connections must have been released. */
void wire_release(struct wire *wire);

#endif
