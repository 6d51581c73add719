#include "load/pool.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

void pool_init(struct pool *pool, struct wire *wire)
{
    *pool = (struct pool){.limit = 1};
    conn_init(&pool->conn, pool, wire);
}

static struct conn *add_conn(struct pool *pool)
{
    struct conn *conn = mem_new(sizeof *conn);
    conn_init(conn, pool, pool->conn.wire);
    conn->next = pool->conn.next;
    pool->conn.next = conn;
    return conn;
}

/* How well a connection that nobody uses suits `origin`; 0 = it is in use. */
static int suits(const struct conn *conn, const struct origin *origin)
{
    if (conn->state == CONN_CLOSED)
        return 2;
    if (conn->state != CONN_IDLE)
        return 0;
    return conn->origin == origin ? 3 : 1;
}

/* A connection that can take an exchange with `origin`; NULL: none now. */
static struct conn *choose(struct pool *pool, const struct origin *origin)
{
    struct conn *best = NULL;
    int best_suits = 0;
    size_t in_use = 0;
    for (struct conn *conn = &pool->conn; conn; conn = conn->next) {
        if (conn_shares(conn, origin))
            return conn;
        int how_well = suits(conn, origin);
        in_use += how_well == 0;
        if (how_well > best_suits) {
            best = conn;
            best_suits = how_well;
        }
    }
    if (in_use >= pool->limit)
        return NULL;
    return best ? best : add_conn(pool);
}

static void wait(struct pool *pool, struct exchange *exchange, int64_t now_ns)
{
    exchanges_add(&pool->waiting, exchange);
    deadlines_add(&pool->conn.wire->waiting, &exchange->deadline, now_ns);
}

void pool_place(struct pool *pool, struct exchange *exchange, int64_t now_ns)
{
    exchange->conn = NULL;
    struct conn *conn = choose(pool, exchange->request.origin);
    if (conn)
        conn_send(conn, exchange, now_ns);
    else
        wait(pool, exchange, now_ns);
}

void pool_send(struct pool *pool, struct exchange *exchange, int64_t now_ns)
{
    exchange->pool = pool;
    exchange->retried = false;
    pool->conn.wire->in_flight++;
    pool_place(pool, exchange, now_ns);
}

void pool_go_on(struct pool *pool)
{
    while (pool->waiting.first) {
        struct conn *conn = choose(pool, pool->waiting.first->request.origin);
        if (!conn)
            return;
        conn_send(conn, exchanges_take(&pool->waiting), clock_monotonic_ns());
    }
}

const struct protocol *pool_protocol(const struct pool *pool, const struct origin *origin)
{
    for (const struct conn *conn = &pool->conn; conn; conn = conn->next)
        if (conn->origin == origin && conn->protocol)
            return conn->protocol;
    return NULL;
}

void pool_forget(struct pool *pool, struct exchange *exchange)
{
    exchanges_remove(&pool->waiting, exchange);
}

void pool_close(struct pool *pool)
{
    for (struct conn *conn = &pool->conn; conn; conn = conn->next)
        conn_close(conn);
}

void pool_reset(struct pool *pool)
{
    for (struct conn *conn = &pool->conn; conn; conn = conn->next)
        conn_release(conn);
}

void pool_release(struct pool *pool)
{
    struct exchange *exchange;
    while ((exchange = exchanges_take(&pool->waiting))) {
        deadline_cancel(&exchange->deadline);
        exchange_release(exchange, pool->conn.wire);
    }
    pool_reset(pool);
    for (struct conn *conn = pool->conn.next, *next; conn; conn = next) {
        next = conn->next;
        free(conn);
    }
    pool->conn.next = NULL;
}
