/*
 * One connection of a user: opened on demand, used again while both sides keep it alive. HTTP/1.1
 * carries one exchange at a time, HTTP/2 any number (protocol.h).
 *
 * conn_send() takes an exchange and answers through wire->done(), once for each, never from within
 * conn_send() unless the connection cannot even be opened. A request that a reused connection has
 * swallowed (it ended before any byte of the response, RFC 9112, 9.3.1), or that the server has
 * refused to begin with (RFC 9113, 8.7), is sent once more.
 *
 * A connection at rest owns no memory but its descriptor, and with HTTP/2 its session.
 */
#ifndef PERFGATE_LOAD_CONN_H
#define PERFGATE_LOAD_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/deadlines.h"
#include "load/exchange.h"
#include "load/failure.h"
#include "load/loop.h"
#include "load/origin.h"
#include "load/protocol.h"
#include "load/transport.h"

/* What the connections of one worker and arm share. */
struct wire {
    struct loop *loop;
    struct deadlines connecting, waiting; /* for their lengths see the scenario's time-outs */
    bool keep_alive;
    char *in; /* the thread's receive buffer */
    size_t in_size;
    struct box *boxes;   /* not in use */
    struct conn *unsent; /* connections with HTTP/2 that wire_flush() has work with */
    /* The request is over: with a response (failure is FAILURE_NONE) or without (`message`, which
     * is a constant). The exchange is the callee's again; its box and the response last until
     * exchange_release(), or until it is sent anew, which may be at once. */
    void (*done)(struct exchange *exchange, const struct response *response, enum failure failure,
                 const char *message);
    size_t in_flight; /* exchanges, those that wait for a connection among them */
    int64_t opened, retries, generator_errors;
    int64_t handshakes, resumed; /* of TLS: completed, and how many of them on an earlier session */
    int generator_errno;         /* of the first of these errors */
};

enum conn_state { CONN_CLOSED, CONN_CONNECTING, CONN_BUSY, CONN_IDLE };

struct conn {
    struct loop_source source; /* first */
    struct wire *wire;
    struct pool *pool;
    struct conn *next; /* of the pool */
    struct stream stream;
    const struct origin *origin;     /* of the open connection, or of the last one */
    const struct protocol *protocol; /* of its origin; agreed on from the handshake on */
    void *session;                   /* of protocols that keep more than an exchange */
    struct exchanges exchanges;      /* in flight */
    struct span out;                 /* what is left to write */
    struct conn *next_unsent;        /* of wire->unsent */
    uint8_t state;                   /* enum conn_state */
    bool used;                       /* it has carried an exchange */
    bool is_unsent;                  /* it is in wire->unsent */
};

void conn_init(struct conn *conn, struct pool *pool, struct wire *wire);

/* Whether an exchange with `origin` can share the connection with others, or soon. */
bool conn_shares(const struct conn *conn, const struct origin *origin);

/* The connection must be closed or idle, or conn_shares(). */
void conn_send(struct conn *conn, struct exchange *exchange, int64_t now_ns);

/* Closes it where nothing is in flight; what the next one to its origin can build on stays. */
void conn_close(struct conn *conn);

/* Closes it without a word to anyone. */
void conn_release(struct conn *conn);

/* Sends what has gathered on connections that carry several exchanges, in few writes. */
void wire_flush(struct wire *wire);

/* Ends the requests whose time is up. */
void wire_expire(struct wire *wire, int64_t now_ns);

/* The next moment at which wire_expire() has work; INT64_MAX: none. */
int64_t wire_next_deadline(const struct wire *wire);

#endif
