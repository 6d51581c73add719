#include "load/h2.h"

#include <stdlib.h>

#include <nghttp2/nghttp2.h>

#include "base/mem.h"
#include "load/http1.h"

/* A body is not to wait for us: at 10 ms of latency this is 100 MB/s. */
#define WINDOW ((int32_t)1 << 20)
/* Frames are gathered for a write up to here, and the buffer is kept up to here. */
#define OUT_ENOUGH ((size_t)16 << 10)
#define OUT_KEEP   ((size_t)4 << 10)

static int new_session(struct h2 *h2)
{
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HTTP1_HEAD_LIMIT},
    };
    nghttp2_session_callbacks *callbacks;
    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return -1;
    h2_set_callbacks(callbacks);
    int error = nghttp2_session_client_new(&h2->session, callbacks, h2);
    nghttp2_session_callbacks_del(callbacks);
    if (error)
        return -1;
    return nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, settings,
                                   sizeof settings / sizeof *settings) == 0 &&
                   nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, 0,
                                                         WINDOW) == 0
               ? 0
               : -1;
}

static void h2_close(struct conn *conn)
{
    struct h2 *h2 = conn->session;
    nghttp2_session_del(h2->session);
    buf_release(&h2->out);
    free(h2);
    conn->session = NULL;
}

static bool h2_open(struct conn *conn)
{
    struct h2 *h2 = mem_new(sizeof *h2);
    h2->conn = conn;
    conn->session = h2;
    return new_session(h2) == 0; /* what there is of it goes with the connection */
}

static void h2_begin(struct conn *conn, struct exchange *exchange)
{
    struct h2 *h2 = conn->session;
    if (exchange->box) {
        buf_reset(&exchange->box->head);
        buf_reset(&exchange->box->body);
    }
    int error = h2_submit(h2, exchange);
    if (!error)
        return;
    exchange->http2.reason = nghttp2_strerror(error);
    exchange->http2.failure = FAILURE_PROTOCOL;
    h2_end(h2, exchange, PROTOCOL_BROKEN);
}

static bool h2_fill(struct conn *conn)
{
    struct h2 *h2 = conn->session;
    struct buf *out = &h2->out;
    const uint8_t *bytes;
    ssize_t len = 0;
    buf_reset(out);
    while (out->len < OUT_ENOUGH && (len = nghttp2_session_mem_send(h2->session, &bytes)) > 0)
        buf_add(out, bytes, (size_t)len);
    if (len < 0 && !h2->reason)
        h2->reason = nghttp2_strerror((int)len);
    conn->out = (struct span){out->data, out->len};
    if (!out->len && out->capacity > OUT_KEEP)
        buf_release(out);
    return out->len > 0;
}

/* ---- what is over ---- */

static void describe(struct exchange *exchange, struct response *response)
{
    const struct http2 *http2 = &exchange->http2;
    const struct box *box = exchange->box;
    *response = (struct response){.exchange = exchange,
                                  .status = http2->status,
                                  .body_cut = http2->body_cut,
                                  .has_cookies = http2->has_cookies,
                                  .has_location = http2->has_location,
                                  .body_bytes = http2->body_bytes,
                                  .failure = (enum failure)http2->failure,
                                  .reason = http2->reason};
    if (box) {
        response->head = (struct span){buf_text(&box->head), box->head.len};
        response->body = (struct span){buf_text(&box->body), box->body.len};
    }
}

/* nghttp2 ends a connection that broke the rules with a GOAWAY of our own, and reads no more. */
static bool has_ended(const struct h2 *h2)
{
    return h2->conn->exchanges.first && !nghttp2_session_want_read(h2->session) &&
           !nghttp2_session_want_write(h2->session);
}

static enum protocol_event h2_over(struct conn *conn, struct response *response)
{
    struct h2 *h2 = conn->session;
    struct exchange *exchange = h2->over_first;
    if (exchange) {
        h2->over_first = exchange->http2.next_over;
        if (!h2->over_first)
            h2->over_last = NULL;
        describe(exchange, response);
        return (enum protocol_event)exchange->http2.event;
    }
    if (!h2->reason && has_ended(h2))
        h2->reason = h2->invalid ? h2->invalid : "a connection that breaks the rules of HTTP/2";
    response->reason = h2->reason;
    return h2->reason ? PROTOCOL_FAILED : PROTOCOL_MORE;
}

static enum protocol_event h2_receive(struct conn *conn, const char *bytes, size_t len,
                                      struct response *response)
{
    struct h2 *h2 = conn->session;
    ssize_t used = nghttp2_session_mem_recv(h2->session, (const uint8_t *)bytes, len);
    if (used < 0 && !h2->reason)
        h2->reason = nghttp2_strerror((int)used);
    return h2_over(conn, response);
}

static enum protocol_event h2_eof(struct conn *conn, struct response *response)
{
    (void)conn;
    (void)response;
    return PROTOCOL_FAILED;
}

static bool h2_started(const struct conn *conn, const struct exchange *exchange)
{
    (void)conn;
    return exchange->http2.started;
}

static bool h2_takes(const struct conn *conn)
{
    const struct h2 *h2 = conn->session;
    return !h2->reason && nghttp2_session_check_request_allowed(h2->session);
}

static void h2_cancel(struct conn *conn, struct exchange *exchange)
{
    struct h2 *h2 = conn->session;
    int32_t id = exchange->http2.stream_id;
    nghttp2_session_set_stream_user_data(h2->session, id, NULL);
    nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

const struct protocol protocol_h2 = {.multiplexed = true,
                                     .begin = h2_begin,
                                     .receive = h2_receive,
                                     .end = h2_eof,
                                     .started = h2_started,
                                     .open = h2_open,
                                     .close = h2_close,
                                     .fill = h2_fill,
                                     .over = h2_over,
                                     .takes = h2_takes,
                                     .cancel = h2_cancel};
