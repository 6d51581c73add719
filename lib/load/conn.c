#include "load/conn.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* A box that grew beyond this gives its buffers back. */
#define BOX_KEEP ((size_t)64 << 10)
/* After so many full reads the other connections, the deadlines and the end of the run have their
 * turn, so that a body without end cannot hold them up. */
#define READS 4

static void on_ready(struct loop_source *source, unsigned events);

void conn_init(struct conn *conn, struct wire *wire)
{
    *conn = (struct conn){.source.ready = on_ready, .wire = wire};
}

static void shrink(struct buf *buf)
{
    if (buf->capacity > BOX_KEEP)
        buf_release(buf);
    else
        buf_reset(buf);
}

struct box *conn_box(struct conn *conn)
{
    if (conn->box)
        return conn->box;
    struct wire *wire = conn->wire;
    if (wire->boxes) {
        conn->box = wire->boxes;
        wire->boxes = conn->box->next;
    } else {
        conn->box = mem_new(sizeof *conn->box);
    }
    return conn->box;
}

static void return_box(struct conn *conn)
{
    struct box *box = conn->box;
    if (!box)
        return;
    shrink(&box->request);
    shrink(&box->in);
    shrink(&box->head);
    shrink(&box->body);
    box->next = conn->wire->boxes;
    conn->wire->boxes = box;
    conn->box = NULL;
}

static void close_stream(struct conn *conn)
{
    if (conn->state != CONN_CLOSED)
        conn->origin->transport->close(&conn->stream);
    conn->state = CONN_CLOSED;
}

/* What the last connection left for the next one to its origin. */
static void forget(struct conn *conn)
{
    if (conn->stream.resume)
        conn->origin->transport->forget(&conn->stream);
}

static void finish(struct conn *conn, const struct response *response, enum failure failure,
                   const char *message)
{
    struct wire *wire = conn->wire;
    deadline_cancel(&conn->deadline);
    wire->in_flight--;
    wire->done(conn, response, failure, message);
    if (conn->state == CONN_CLOSED || conn->state == CONN_IDLE)
        return_box(conn);
}

static void fail(struct conn *conn, enum failure failure, const char *message)
{
    close_stream(conn);
    finish(conn, NULL, failure, message);
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

static void open_stream(struct conn *conn, int64_t now_ns)
{
    struct wire *wire = conn->wire;
    const struct origin *origin = conn->request.origin;
    if (conn->origin != origin)
        forget(conn);
    conn->origin = origin;
    conn->reused = false;
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
    else
        deadlines_add(&wire->connecting, &conn->deadline, now_ns);
}

/* The connection broke. */
static void lost(struct conn *conn, enum failure failure, const char *message)
{
    if (!conn->reused || conn->retried || conn->protocol->started(conn)) {
        fail(conn, failure, message);
        return;
    }
    close_stream(conn);
    conn->retried = true;
    conn->wire->retries++;
    open_stream(conn, clock_monotonic_ns());
}

static void lost_stream(struct conn *conn)
{
    const struct stream *stream = &conn->stream;
    if (stream->reason)
        lost(conn, FAILURE_TLS, stream->reason);
    else
        lost(conn, failure_of_errno(stream->error), strerrordesc_np(stream->error));
}

static void flush(struct conn *conn)
{
    const struct transport *transport = conn->origin->transport;
    while (conn->out.len) {
        size_t put = 0;
        enum io_status status = transport->write(&conn->stream, conn->out.at, conn->out.len, &put);
        if (status == IO_RETRY)
            return;
        if (status == IO_ERROR) {
            lost_stream(conn);
            return;
        }
        conn->out.at += put;
        conn->out.len -= put;
    }
}

static void transmit(struct conn *conn, int64_t now_ns)
{
    conn->state = CONN_BUSY;
    deadlines_add(&conn->wire->waiting, &conn->deadline, now_ns);
    conn->protocol->begin(conn);
    flush(conn);
}

void conn_send(struct conn *conn, const struct conn_request *request, int64_t now_ns)
{
    conn->request = *request;
    conn->retried = false;
    conn->wire->in_flight++;
    if (conn->state == CONN_IDLE && conn->origin == request->origin) {
        conn->reused = true;
        transmit(conn, now_ns);
        return;
    }
    close_stream(conn);
    open_stream(conn, now_ns);
}

static void complete(struct conn *conn, const struct response *response, bool peer_ended)
{
    if (response->reusable && conn->wire->keep_alive && !peer_ended && !conn->out.len)
        conn->state = CONN_IDLE;
    else
        close_stream(conn);
    finish(conn, response, FAILURE_NONE, NULL);
}

/* Hands on what one read() brought. Returns false where the request is over. */
static bool take_in(struct conn *conn, size_t got, bool peer_ended)
{
    const struct protocol *protocol = conn->protocol;
    struct response response = {0};
    enum protocol_event event = got ? protocol->receive(conn, conn->wire->in, got, &response)
                                    : protocol->end(conn, &response);
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

static void on_connecting(struct conn *conn)
{
    switch (conn->origin->transport->handshake(&conn->stream)) {
    case IO_OK:
        conn->wire->handshakes += conn->origin->url.is_secure;
        conn->wire->resumed += conn->stream.resumed;
        conn->protocol = &protocol_h1;
        transmit(conn, clock_monotonic_ns());
        if (conn->state == CONN_BUSY && conn->stream.more)
            receive(conn, false);
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
        close_stream(conn);
}

/* A busy connection reads whatever the event was: a transport may have waited to write first. */
static void on_ready(struct loop_source *source, unsigned events)
{
    struct conn *conn = (struct conn *)source;
    if (conn->state == CONN_CONNECTING) {
        on_connecting(conn);
        return;
    }
    if (conn->state == CONN_IDLE && events & (LOOP_IN | LOOP_END))
        on_idle(conn, events);
    if (conn->state != CONN_BUSY)
        return;
    if (conn->out.len)
        flush(conn);
    if (conn->state == CONN_BUSY)
        receive(conn, events & LOOP_END);
}

void conn_release(struct conn *conn)
{
    deadline_cancel(&conn->deadline);
    if (conn->wire) {
        close_stream(conn);
        forget(conn);
        return_box(conn);
    }
}

static struct conn *expired(const struct deadlines *deadlines, int64_t now_ns)
{
    struct deadline *first = deadlines->first;
    if (!first || first->at_ns > now_ns)
        return NULL;
    return (struct conn *)(void *)((char *)first - offsetof(struct conn, deadline));
}

void wire_expire(struct wire *wire, int64_t now_ns)
{
    struct conn *conn;
    while ((conn = expired(&wire->connecting, now_ns)))
        fail(conn, FAILURE_TIMEOUT, "not connected within the connect timeout");
    while ((conn = expired(&wire->waiting, now_ns)))
        fail(conn, FAILURE_TIMEOUT, "no complete response within the request timeout");
}

int64_t wire_next_deadline(const struct wire *wire)
{
    int64_t connecting = deadlines_next(&wire->connecting);
    int64_t waiting = deadlines_next(&wire->waiting);
    return connecting < waiting ? connecting : waiting;
}

void wire_release(struct wire *wire)
{
    for (struct box *box = wire->boxes, *next; box; box = next) {
        next = box->next;
        buf_release(&box->request);
        buf_release(&box->in);
        buf_release(&box->head);
        buf_release(&box->body);
        free(box);
    }
    wire->boxes = NULL;
}
