/*
 * One request in flight and its response, whatever the protocol.
 *
 * Exchanges are borrowed from a lane for as long as a request takes, so that a user at rest owns
 * none. The user fills in `request` and hands the exchange to its pool (pool.h), which finds a
 * connection; it comes back through wire->done(), once. While it is under way it owns a box of
 * buffers where it needs one: for a request with variables, for a response that came in pieces or
 * that somebody wants to look into. Boxes are borrowed from the thread's wire (conn.h) and go back
 * with their memory, so that a request allocates nothing in the long run.
 */
#ifndef PERFGATE_LOAD_EXCHANGE_H
#define PERFGATE_LOAD_EXCHANGE_H

#include <stdbool.h>

#include "base/buf.h"
#include "load/deadlines.h"
#include "load/head.h"
#include "load/http1.h"
#include "load/http2.h"
#include "load/origin.h"

struct conn;
struct pool;
struct wire;

struct box {
    struct box *next;
    struct buf request; /* a request with variables */
    struct buf in;      /* received, not yet understood */
    struct buf head, body;
};

struct conn_request {
    struct span bytes;           /* as HTTP/1.1 sends it; must last until done() */
    const struct origin *origin; /* where to */
    bool is_head;
    unsigned needs; /* enum extract_needs: what done() is to see */
};

struct exchange {
    struct pool *pool;
    struct conn *conn;                /* that carries it; NULL = none */
    struct exchange *previous, *next; /* in the list that it is in, if any */
    struct conn_request request;
    struct deadline deadline;
    struct box *box; /* or NULL */
    bool reused;     /* it went out on a connection that had carried another */
    bool retried;
    union { /* the protocol's */
        struct http1 http1;
        struct http2 http2;
    };
};

/* A list in the order of arrival. A zeroed struct is empty; an exchange is in one list at most. */
struct exchanges {
    struct exchange *first, *last;
};

void exchanges_add(struct exchanges *list, struct exchange *exchange);
void exchanges_remove(struct exchanges *list, struct exchange *exchange);

/* Removes the first and returns it; NULL: there is none. */
struct exchange *exchanges_take(struct exchanges *list);

/* The exchange's box; stays with it until exchange_release(). */
struct box *exchange_box(struct exchange *exchange, struct wire *wire)
    __attribute__((returns_nonnull));

/* Gives the box back. */
void exchange_release(struct exchange *exchange, struct wire *wire);

/* Frees the boxes that were given back. */
void exchange_free_boxes(struct wire *wire);

#endif
