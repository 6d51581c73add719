/* HTTP/1.1 as a protocol of connections, over the parser in http1.c. */
#include <string.h>

#include "load/conn.h"
#include "load/extract.h"
#include "load/http1.h"

static void h1_begin(struct conn *conn)
{
    conn->out = conn->request.bytes;
    http1_begin(&conn->http1, conn->request.is_head);
    if (conn->box) {
        buf_reset(&conn->box->in);
        buf_reset(&conn->box->head);
        buf_reset(&conn->box->body);
    }
}

/* Copied, because the bytes that it lies in are overwritten by the next read. */
static void keep_head(struct conn *conn)
{
    const struct http1 *http1 = &conn->http1;
    if (conn->request.needs & EXTRACT_HEAD || http1->seen)
        buf_add(&conn_box(conn)->head, http1->head.at, http1->head.len);
}

static void describe(const struct conn *conn, struct response *response)
{
    const struct http1 *http1 = &conn->http1;
    *response = (struct response){.status = http1->status,
                                  .reusable = http1->keep_alive,
                                  .body_cut = http1->body_cut,
                                  .has_cookies = http1->seen & HTTP1_SEEN_SET_COOKIE,
                                  .has_location = http1->seen & HTTP1_SEEN_LOCATION,
                                  .body_bytes = http1->body_bytes,
                                  .reason = http1->reason};
    if (conn->box) {
        response->head = (struct span){buf_text(&conn->box->head), conn->box->head.len};
        response->body = (struct span){buf_text(&conn->box->body), conn->box->body.len};
    }
}

static enum protocol_event finish(const struct conn *conn, enum http1_event event,
                                  struct response *response)
{
    if (event == HTTP1_MORE)
        return PROTOCOL_MORE;
    describe(conn, response);
    return event == HTTP1_DONE ? PROTOCOL_DONE : PROTOCOL_FAILED;
}

/* Keeps the bytes that the parser wants to see again, at the front of box->in. */
static void keep_rest(struct conn *conn, struct span rest, bool in_box)
{
    if (!in_box && !rest.len)
        return;
    struct buf *in = &conn_box(conn)->in;
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
    bool in_box = conn->box && conn->box->in.len;
    struct span rest = {bytes, len};
    if (in_box) {
        buf_add(&conn->box->in, bytes, len);
        rest = (struct span){conn->box->in.data, conn->box->in.len};
    }
    struct buf *body = conn->request.needs & EXTRACT_BODY ? &conn_box(conn)->body : NULL;
    enum http1_event event;
    do {
        size_t used = 0;
        event = http1_feed(&conn->http1, rest.at, rest.len, body, &used);
        if (event == HTTP1_HEAD)
            keep_head(conn);
        rest.at += used;
        rest.len -= used;
    } while (event == HTTP1_HEAD);
    if (event == HTTP1_MORE)
        keep_rest(conn, rest, in_box);
    else if (rest.len)
        conn->http1.keep_alive = false; /* bytes that no request asked for */
    return finish(conn, event, response);
}

static enum protocol_event h1_end(struct conn *conn, struct response *response)
{
    return finish(conn, http1_eof(&conn->http1), response);
}

static bool h1_started(const struct conn *conn)
{
    return conn->http1.started;
}

const struct protocol protocol_h1 = {h1_begin, h1_receive, h1_end, h1_started};
