#include "load/conn.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "load/pool.h"

/* After so many full reads the other connections, the deadlines and the end of the run have their
 * turn, so that a body without end cannot hold them up. */
#define READS 4

static void on_ready(struct loop_source *source, unsigned events);

void conn_init(struct conn *conn, struct pool *pool, struct wire *wire)
{
    *conn = (struct conn){.source.ready = on_ready, .wire = wire, .pool = pool};
}

static bool is_open(const struct conn *conn)
{
    return conn->state == CONN_BUSY || conn->state == CONN_IDLE;
}

void conn_close(struct conn *conn)
{
    if (conn->session)
        conn->protocol->close(conn);
    if (conn->state != CONN_CLOSED)
        conn->origin->transport->close(&conn->stream);
    conn->session = NULL;
    conn->state = CONN_CLOSED;
}

/* What the last connection left for the next one to its origin. */
static void forget(struct conn *conn)
{
    if (conn->stream.resume)
        conn->origin->transport->forget(&conn->stream);
}

/* ---- how exchanges end; none of them is in a list any more ---- */

static void finish(struct exchange *exchange, const struct response *response, enum failure failure,
                   const char *message)
{
    struct pool *pool = exchange->pool;
    struct wire *wire = pool->conn.wire;
    exchange->conn = NULL;
    deadline_cancel(&exchange->deadline);
    wire->in_flight--;
    wire->done(exchange, response, failure, message);
    if (pool->waiting.first)
        pool_go_on(pool);
}

static void finish_all(struct exchanges *list, enum failure failure, const char *message)
{
    struct exchange *exchange;
    while ((exchange = exchanges_take(list)))
        finish(exchange, NULL, failure, message);
}

/* Others that wait may share the connection that it has found. */
static void send_again(struct exchange *exchange)
{
    exchange->retried = true;
    exchange->pool->conn.wire->retries++;
    pool_place(exchange->pool, exchange, clock_monotonic_ns());
    pool_go_on(exchange->pool);
}

/* Ends the connection and all that it carries. */
static void fail(struct conn *conn, enum failure failure, const char *message)
{
    struct exchanges list = conn->exchanges;
    conn->exchanges = (struct exchanges){0};
    conn_close(conn);
    finish_all(&list, failure, message);
}

static void fail_errno(struct conn *conn, int number)
{
    enum failure failure = failure_of_errno(number);
    struct wire *wire = conn->wire;
    if (failure == FAILURE_GENERATOR && wire->generator_errors++ == 0)
        wire->generator_errno = number;
    fail(conn, failure, strerrordesc_np(number));
}

static void fail_stream(struct conn *conn)
{
    if (conn->stream.reason)
        fail(conn, FAILURE_TLS, conn->stream.reason);
    else
        fail_errno(conn, conn->stream.error);
}

/* The connection broke. */
static void lost(struct conn *conn, enum failure failure, const char *message)
{
    struct exchanges swallowed = {0}, broken = {0};
    struct exchange *exchange;
    while ((exchange = exchanges_take(&conn->exchanges))) {
        bool again =
            exchange->reused && !exchange->retried && !conn->protocol->started(conn, exchange);
        exchanges_add(again ? &swallowed : &broken, exchange);
    }
    conn_close(conn);
    while ((exchange = exchanges_take(&swallowed)))
        send_again(exchange);
    finish_all(&broken, failure, message);
}

static void lost_stream(struct conn *conn)
{
    const struct stream *stream = &conn->stream;
    if (stream->reason)
        lost(conn, FAILURE_TLS, stream->reason);
    else
        lost(conn, failure_of_errno(stream->error), strerrordesc_np(stream->error));
}

/* ---- several exchanges on a connection ---- */

/* Where nothing is in flight any more. */
static void settle(struct conn *conn)
{
    if (conn->exchanges.first)
        return;
    if (conn->protocol->takes(conn) && conn->wire->keep_alive)
        conn->state = CONN_IDLE;
    else
        conn_close(conn);
}

static void hand_on(struct conn *conn, enum protocol_event event, const struct response *response)
{
    struct exchange *exchange = response->exchange;
    exchanges_remove(&conn->exchanges, exchange);
    conn->used = true;
    settle(conn);
    if (event == PROTOCOL_DONE)
        finish(exchange, response, FAILURE_NONE, NULL);
    else if (event == PROTOCOL_REFUSED && !exchange->retried)
        send_again(exchange);
    else
        finish(exchange, NULL, response->failure, response->reason);
}

/* Hands on what is over, from `event` on. What comes of that may close the connection, and even
 * open it again. */
static void deliver(struct conn *conn, enum protocol_event event, struct response *response)
{
    while (event != PROTOCOL_MORE && event != PROTOCOL_FAILED) {
        hand_on(conn, event, response);
        if (!is_open(conn))
            return;
        event = conn->protocol->over(conn, response);
    }
    if (event == PROTOCOL_FAILED)
        fail(conn, FAILURE_PROTOCOL, response->reason);
    else
        settle(conn);
}

bool conn_shares(const struct conn *conn, const struct origin *origin)
{
    if (conn->origin != origin || conn->state == CONN_CLOSED)
        return false;
    const struct protocol *protocol = conn->protocol;
    if (conn->state == CONN_CONNECTING)
        return protocol ? protocol->multiplexed : origin->offer_http2 || origin->only_http2;
    return protocol->multiplexed && protocol->takes(conn);
}

/* ---- sending ---- */

static void flush(struct conn *conn)
{
    const struct transport *transport = conn->origin->transport;
    const struct protocol *protocol = conn->protocol;
    do {
        while (conn->out.len) {
            size_t put = 0;
            enum io_status status =
                transport->write(&conn->stream, conn->out.at, conn->out.len, &put);
            if (status == IO_RETRY)
                return;
            if (status == IO_ERROR) {
                lost_stream(conn);
                return;
            }
            conn->out.at += put;
            conn->out.len -= put;
        }
    } while (protocol->multiplexed && protocol->fill(conn));
}

/* The same, where sending may end an exchange. */
static void flush_shared(struct conn *conn)
{
    struct response response = {0};
    flush(conn);
    if (is_open(conn))
        deliver(conn, conn->protocol->over(conn, &response), &response);
}

static void add_unsent(struct conn *conn)
{
    struct wire *wire = conn->wire;
    if (conn->is_unsent)
        return;
    conn->is_unsent = true;
    conn->next_unsent = wire->unsent;
    wire->unsent = conn;
}

void wire_flush(struct wire *wire)
{
    while (wire->unsent) {
        struct conn *conn = wire->unsent;
        wire->unsent = conn->next_unsent;
        conn->is_unsent = false;
        if (is_open(conn) && conn->protocol->multiplexed)
            flush_shared(conn);
    }
}

static void begin(struct conn *conn, struct exchange *exchange, int64_t now_ns)
{
    conn->state = CONN_BUSY;
    deadlines_add(&conn->wire->waiting, &exchange->deadline, now_ns);
    conn->protocol->begin(conn, exchange);
}

static void open_stream(struct conn *conn, const struct origin *origin)
{
    struct wire *wire = conn->wire;
    if (conn->origin != origin) {
        forget(conn);
        conn->protocol = pool_protocol(conn->pool, origin);
    }
    conn->origin = origin;
    conn->used = false;
    conn->out = (struct span){0};
    conn->stream = (struct stream){.resume = conn->stream.resume};
    if (origin->transport->connect(&conn->stream, origin) != IO_OK) {
        fail_stream(conn);
        return;
    }
    conn->state = CONN_CONNECTING;
    wire->opened++;
    int error = loop_add(wire->loop, conn->stream.fd, &conn->source);
    if (error)
        fail_errno(conn, error);
}

void conn_send(struct conn *conn, struct exchange *exchange, int64_t now_ns)
{
    const struct origin *origin = exchange->request.origin;
    if (conn->state == CONN_IDLE && conn->origin != origin)
        conn_close(conn);
    exchange->conn = conn;
    exchange->reused = is_open(conn) && conn->used;
    exchanges_add(&conn->exchanges, exchange);
    if (!is_open(conn)) {
        deadlines_add(&conn->wire->connecting, &exchange->deadline, now_ns);
        if (conn->state == CONN_CLOSED)
            open_stream(conn, origin);
        return;
    }
    begin(conn, exchange, now_ns);
    if (conn->protocol->multiplexed)
        add_unsent(conn);
    else
        flush(conn);
}

/* ---- connecting ---- */

/* What both sides have agreed on. Returns false where the connection failed over it. */
static bool agree(struct conn *conn)
{
    const struct origin *origin = conn->origin;
    if (origin->only_http2 && origin->offer_http2 && !conn->stream.http2) {
        fail(conn, FAILURE_TLS, ORIGIN_NO_HTTP2);
        return false;
    }
    conn->protocol = conn->stream.http2 || origin->only_http2 ? &protocol_h2 : &protocol_h1;
    if (!conn->protocol->multiplexed || conn->protocol->open(conn))
        return true;
    fail_errno(conn, ENOMEM);
    return false;
}

static void opened(struct conn *conn)
{
    int64_t now_ns = clock_monotonic_ns();
    struct exchanges others = {0};
    struct exchange *exchange;
    if (!agree(conn))
        return;
    bool shared = conn->protocol->multiplexed;
    while (!shared && conn->exchanges.last != conn->exchanges.first) {
        exchange = conn->exchanges.first->next;
        exchanges_remove(&conn->exchanges, exchange);
        exchanges_add(&others, exchange);
    }
    for (exchange = conn->exchanges.first; exchange; exchange = exchange->next)
        begin(conn, exchange, now_ns);
    if (shared)
        flush_shared(conn);
    else
        flush(conn);
    while ((exchange = exchanges_take(&others)))
        pool_place(exchange->pool, exchange, now_ns);
}

/* ---- receiving ---- */

static void complete(struct conn *conn, const struct response *response, bool peer_ended)
{
    exchanges_remove(&conn->exchanges, response->exchange);
    conn->used = true;
    if (response->reusable && conn->wire->keep_alive && !peer_ended && !conn->out.len)
        conn->state = CONN_IDLE;
    else
        conn_close(conn);
    finish(response->exchange, response, FAILURE_NONE, NULL);
}

/* Hands on what one read() brought. Returns whether to read on. */
static bool take_in(struct conn *conn, size_t got, bool peer_ended)
{
    const struct protocol *protocol = conn->protocol;
    struct response response = {0};
    enum protocol_event event = got ? protocol->receive(conn, conn->wire->in, got, &response)
                                    : protocol->end(conn, &response);
    if (protocol->multiplexed && got) {
        deliver(conn, event, &response);
        return is_open(conn);
    }
    if (event == PROTOCOL_DONE)
        complete(conn, &response, peer_ended || !got);
    else if (!got)
        lost(conn, FAILURE_RESET, "connection closed before the response was complete");
    else if (event == PROTOCOL_FAILED)
        fail(conn, FAILURE_PROTOCOL, response.reason);
    return event == PROTOCOL_MORE && got;
}

/* Reads until there is no more, or asks to be called again: the source is edge-triggered. Where the
 * peer has closed its side, too, the end is still to be read (epoll(7)). */
static void receive(struct conn *conn, bool peer_ended)
{
    struct wire *wire = conn->wire;
    for (int i = 0; i < READS; i++) {
        size_t got = 0;
        enum io_status status =
            conn->origin->transport->read(&conn->stream, wire->in, wire->in_size, &got);
        if (status == IO_ERROR) {
            lost_stream(conn);
            return;
        }
        if (status == IO_OK && !take_in(conn, got, peer_ended))
            return;
        if (!conn->stream.more && (status == IO_RETRY || !peer_ended))
            return;
    }
    int error = loop_again(wire->loop, conn->stream.fd, &conn->source);
    if (error)
        fail_errno(conn, error);
}

/* ---- events ---- */

static void on_connecting(struct conn *conn)
{
    switch (conn->origin->transport->handshake(&conn->stream)) {
    case IO_OK:
        conn->wire->handshakes += conn->origin->url.is_secure;
        conn->wire->resumed += conn->stream.resumed;
        opened(conn);
        break;
    case IO_ERROR:
        forget(conn);
        fail_stream(conn);
        break;
    case IO_RETRY:
        break;
    }
}

/* Something came on a connection at rest: it goes on where that was the transport's own affair, as
 * a session's ticket is, and not where the peer has closed it or talks out of turn. */
static void on_idle(struct conn *conn, unsigned events)
{
    struct wire *wire = conn->wire;
    size_t got = 0;
    if (events & LOOP_END ||
        conn->origin->transport->read(&conn->stream, wire->in, wire->in_size, &got) != IO_RETRY)
        conn_close(conn);
}

/* A busy connection reads whatever the event was: a transport may have waited to write first. What
 * the peer has sent before us comes with the connection's first event, and with no other. */
static void on_ready(struct loop_source *source, unsigned events)
{
    struct conn *conn = (struct conn *)source;
    bool readable = events & (LOOP_IN | LOOP_END);
    if (conn->state == CONN_CONNECTING) {
        on_connecting(conn);
        if (!readable && !conn->stream.more)
            return;
    }
    if (!is_open(conn))
        return;
    bool shared = conn->protocol->multiplexed;
    if (conn->state == CONN_IDLE && readable && !shared)
        on_idle(conn, events);
    if (is_open(conn) && conn->out.len)
        flush(conn);
    if (conn->state == CONN_BUSY || (shared && conn->state == CONN_IDLE && readable))
        receive(conn, events & LOOP_END);
    if (shared && is_open(conn))
        flush_shared(conn);
}

void conn_release(struct conn *conn)
{
    struct exchange *exchange;
    if (!conn->wire)
        return;
    conn_close(conn);
    forget(conn);
    while ((exchange = exchanges_take(&conn->exchanges))) {
        deadline_cancel(&exchange->deadline);
        exchange_release(exchange, conn->wire);
    }
}

/* ---- the wire ---- */

static struct exchange *expired(const struct deadlines *deadlines, int64_t now_ns)
{
    struct deadline *first = deadlines->first;
    if (!first || first->at_ns > now_ns)
        return NULL;
    return (struct exchange *)(void *)((char *)first - offsetof(struct exchange, deadline));
}

/* Others on its connection may still be in time. */
static void time_out(struct exchange *exchange)
{
    const char *message = "no complete response within the request timeout";
    struct conn *conn = exchange->conn;
    if (conn && conn->exchanges.first == conn->exchanges.last) {
        fail(conn, FAILURE_TIMEOUT, message);
        return;
    }
    if (conn) {
        exchanges_remove(&conn->exchanges, exchange);
        conn->protocol->cancel(conn, exchange);
        add_unsent(conn);
    } else {
        pool_forget(exchange->pool, exchange);
        message = "no free connection within the request timeout";
    }
    finish(exchange, NULL, FAILURE_TIMEOUT, message);
}

void wire_expire(struct wire *wire, int64_t now_ns)
{
    struct exchange *exchange;
    while ((exchange = expired(&wire->connecting, now_ns)))
        fail(exchange->conn, FAILURE_TIMEOUT, "not connected within the connect timeout");
    while ((exchange = expired(&wire->waiting, now_ns)))
        time_out(exchange);
}

int64_t wire_next_deadline(const struct wire *wire)
{
    int64_t connecting = deadlines_next(&wire->connecting);
    int64_t waiting = deadlines_next(&wire->waiting);
    return connecting < waiting ? connecting : waiting;
}
