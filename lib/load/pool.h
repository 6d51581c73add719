/*
 * The connections of one user.
 *
 * The first one is part of it, because most users never need another: a step is one request. For a
 * group of requests that are under way together a pool opens as many as `limit` allows; they stay,
 * as a browser keeps them. An exchange takes, in this order: a connection with HTTP/2 to its origin
 * (also one that may become it: its handshake is under way, and it is not known that the origin
 * chooses HTTP/1.1), an idle one to its origin, a closed one, an idle one to another origin, which
 * is closed. Where there is none it waits its turn, at
 * most as long as a response may take; its latency runs.
 */
#ifndef PERFGATE_LOAD_POOL_H
#define PERFGATE_LOAD_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "load/conn.h"
#include "load/exchange.h"

struct pool {
    struct conn conn; /* first; the others follow by conn.next, and are the pool's */
    struct exchanges waiting;
    uint32_t limit; /* connections that are in use at a time; >= 1 */
};

void pool_init(struct pool *pool, struct wire *wire);

/* Sends exchange->request; its answer is wire->done(), see conn_send(). */
void pool_send(struct pool *pool, struct exchange *exchange, int64_t now_ns);

/* For connections: finds another one for an exchange that is under way. */
void pool_place(struct pool *pool, struct exchange *exchange, int64_t now_ns);

/* For connections: one has become free. */
void pool_go_on(struct pool *pool);

/* For connections: what was agreed on with `origin` the last time; NULL: not known. */
const struct protocol *pool_protocol(const struct pool *pool, const struct origin *origin);

/* For connections: an exchange waits no more. */
void pool_forget(struct pool *pool, struct exchange *exchange);

/* Closes the connections of a pool that has nothing under way. What the next ones can build on, as
 * TLS's sessions, stays. */
void pool_close(struct pool *pool);

/* The same, and nothing stays. */
void pool_reset(struct pool *pool);

/* Closes all connections without a word to anyone. */
void pool_release(struct pool *pool);

#endif
