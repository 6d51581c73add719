/* HTTP/1.1 as a protocol of connections, over the parser in http1.c. */
#include <string.h>

#include "load/conn.h"
#include "load/extract.h"
#include "load/http1.h"

static void h1_begin(struct conn *conn, struct exchange *exchange)
{
    struct box *box = exchange->box;
    conn->out = exchange->request.bytes;
    http1_begin(&exchange->http1, exchange->request.is_head);
    if (box) {
        buf_reset(&box->in);
        buf_reset(&box->head);
        buf_reset(&box->body);
    }
}

/* Copied, because the bytes that it lies in are overwritten by the next read. */
static void keep_head(struct exchange *exchange, struct wire *wire)
{
    const struct http1 *http1 = &exchange->http1;
    if (exchange->request.needs & EXTRACT_HEAD || http1->seen)
        buf_add(&exchange_box(exchange, wire)->head, http1->head.at, http1->head.len);
}

static void describe(struct exchange *exchange, struct response *response)
{
    const struct http1 *http1 = &exchange->http1;
    const struct box *box = exchange->box;
    *response = (struct response){.exchange = exchange,
                                  .status = http1->status,
                                  .reusable = http1->keep_alive,
                                  .body_cut = http1->body_cut,
                                  .has_cookies = http1->seen & HTTP1_SEEN_SET_COOKIE,
                                  .has_location = http1->seen & HTTP1_SEEN_LOCATION,
                                  .body_bytes = http1->body_bytes,
                                  .reason = http1->reason};
    if (box) {
        response->head = (struct span){buf_text(&box->head), box->head.len};
        response->body = (struct span){buf_text(&box->body), box->body.len};
    }
}

static enum protocol_event finish(struct exchange *exchange, enum http1_event event,
                                  struct response *response)
{
    if (event == HTTP1_MORE)
        return PROTOCOL_MORE;
    describe(exchange, response);
    return event == HTTP1_DONE ? PROTOCOL_DONE : PROTOCOL_FAILED;
}

/* Keeps the bytes that the parser wants to see again, at the front of box->in. */
static void keep_rest(struct exchange *exchange, struct wire *wire, struct span rest, bool in_box)
{
    if (!in_box && !rest.len)
        return;
    struct buf *in = &exchange_box(exchange, wire)->in;
    if (in_box) {
        memmove(in->data, rest.at, rest.len);
        in->len = rest.len;
    } else {
        buf_add(in, rest.at, rest.len);
    }
}

static enum protocol_event h1_receive(struct conn *conn, const char *bytes, size_t len,
                                      struct response *response)
{
    struct exchange *exchange = conn->exchanges.first;
    struct wire *wire = conn->wire;
    struct http1 *http1 = &exchange->http1;
    bool in_box = exchange->box && exchange->box->in.len;
    struct span rest = {bytes, len};
    if (in_box) {
        struct buf *in = &exchange->box->in;
        buf_add(in, bytes, len);
        rest = (struct span){in->data, in->len};
    }
    struct buf *body =
        exchange->request.needs & EXTRACT_BODY ? &exchange_box(exchange, wire)->body : NULL;
    enum http1_event event;
    do {
        size_t used = 0;
        event = http1_feed(http1, rest.at, rest.len, body, &used);
        if (event == HTTP1_HEAD)
            keep_head(exchange, wire);
        rest.at += used;
        rest.len -= used;
    } while (event == HTTP1_HEAD);
    if (event == HTTP1_MORE)
        keep_rest(exchange, wire, rest, in_box);
    else if (rest.len)
        http1->keep_alive = false; /* bytes that no request asked for */
    return finish(exchange, event, response);
}

static enum protocol_event h1_end(struct conn *conn, struct response *response)
{
    struct exchange *exchange = conn->exchanges.first;
    return finish(exchange, http1_eof(&exchange->http1), response);
}

static bool h1_started(const struct conn *conn, const struct exchange *exchange)
{
    (void)conn;
    return exchange->http1.started;
}

const struct protocol protocol_h1 = {
    .begin = h1_begin, .receive = h1_receive, .end = h1_end, .started = h1_started};
