/* What nghttp2 makes of the bytes that come, as responses of exchanges. */
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "load/extract.h"
#include "load/h2.h"

/* Of a block of fields: more are no use to anybody, and nghttp2 has to unpack them all. */
#define FRAMES_LIMIT 64

static struct exchange *exchange_of(nghttp2_session *session, int32_t stream_id)
{
    return stream_id > 0 ? nghttp2_session_get_stream_user_data(session, stream_id) : NULL;
}

static void blame(struct exchange *exchange, enum failure failure, const char *reason)
{
    if (exchange->http2.reason)
        return;
    exchange->http2.reason = reason;
    exchange->http2.failure = (uint8_t)failure;
}

void h2_end(struct h2 *h2, struct exchange *exchange, enum protocol_event event)
{
    struct http2 *http2 = &exchange->http2;
    http2->event = (uint8_t)event;
    http2->next_over = NULL;
    if (h2->over_last)
        h2->over_last->http2.next_over = exchange;
    else
        h2->over_first = exchange;
    h2->over_last = exchange;
    if (http2->stream_id)
        nghttp2_session_set_stream_user_data(h2->session, http2->stream_id, NULL);
}

/* ---- heads ---- */

/* The bytes and frames of a block of fields, before it is unpacked. */
static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *frame, void *context)
{
    struct h2 *h2 = context;
    (void)session;
    if (frame->type == NGHTTP2_HEADERS)
        h2->block_frames = h2->block_bytes = 0;
    else if (frame->type != NGHTTP2_CONTINUATION)
        return 0;
    h2->block_bytes += (uint32_t)frame->length;
    if (++h2->block_frames <= FRAMES_LIMIT && h2->block_bytes <= HTTP1_HEAD_LIMIT)
        return 0;
    h2->reason = "headers of more than 64 KiB, or in more than 64 frames";
    return NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    (void)context;
    struct exchange *exchange = exchange_of(session, frame->hd.stream_id);
    if (!exchange)
        return 0;
    exchange->http2.started = true;
    exchange->http2.head_bytes = 0;
    exchange->http2.fields = 0;
    return 0;
}

static bool is_named(struct span name, const char *text, size_t len)
{
    return name.len == len && memcmp(name.at, text, len) == 0;
}

/* The head is kept as a block of HTTP/1.1, see head.h. */
static void keep_line(struct exchange *exchange, struct wire *wire, struct span name,
                      struct span value)
{
    struct buf *head = &exchange_box(exchange, wire)->head;
    if (!head->len)
        buf_addf(head, "HTTP/2 %d\r\n", exchange->http2.status);
    buf_add(head, name.at, name.len);
    buf_add(head, ": ", 2);
    buf_add(head, value.at, value.len);
    buf_add(head, "\r\n", 2);
}

static void take_field(struct exchange *exchange, struct wire *wire, struct span name,
                       struct span value)
{
    struct http2 *http2 = &exchange->http2;
    bool is_cookie = is_named(name, "set-cookie", 10), is_location = is_named(name, "location", 8);
    http2->has_cookies |= is_cookie;
    http2->has_location |= is_location;
    if (is_cookie || is_location || exchange->request.needs & EXTRACT_HEAD)
        keep_line(exchange, wire, name, value);
}

/* Three digits, which nghttp2 has made sure of; it takes 013 for a final response. */
static int take_status(struct exchange *exchange, struct span value)
{
    unsigned status = 0;
    for (size_t i = 0; i < value.len; i++)
        status = 10 * status + (unsigned)(value.at[i] - '0');
    exchange->http2.status = (uint16_t)status;
    if (status >= 100)
        return 0;
    blame(exchange, FAILURE_PROTOCOL, "a status below 100");
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static struct span span_of(nghttp2_rcbuf *text)
{
    nghttp2_vec bytes = nghttp2_rcbuf_get_buf(text);
    return (struct span){(const char *)bytes.base, bytes.len};
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, nghttp2_rcbuf *name,
                     nghttp2_rcbuf *value, uint8_t flags, void *context)
{
    (void)flags;
    struct h2 *h2 = context;
    struct exchange *exchange = exchange_of(session, frame->hd.stream_id);
    if (!exchange)
        return 0;
    struct http2 *http2 = &exchange->http2;
    struct span field = span_of(name), text = span_of(value);
    size_t len = field.len + text.len + sizeof ": \r\n" - 1;
    if (++http2->fields > HTTP1_FIELD_LIMIT || len > HTTP1_HEAD_LIMIT - http2->head_bytes) {
        blame(exchange, FAILURE_PROTOCOL,
              http2->fields > HTTP1_FIELD_LIMIT ? "more than 256 header lines"
                                                : "headers of more than 64 KiB");
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    http2->head_bytes += (uint32_t)len;
    if (is_named(field, ":status", 7))
        return take_status(exchange, text);
    if (!http2->has_head)
        take_field(exchange, h2->conn->wire, field, text);
    return 0;
}

static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame,
                             nghttp2_rcbuf *name, nghttp2_rcbuf *value, uint8_t flags,
                             void *context)
{
    (void)name;
    (void)value;
    (void)flags;
    (void)context;
    struct exchange *exchange = exchange_of(session, frame->hd.stream_id);
    if (exchange)
        blame(exchange, FAILURE_PROTOCOL, "a header field that HTTP/2 does not allow");
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static void end_of_fields(struct exchange *exchange)
{
    struct http2 *http2 = &exchange->http2;
    if (http2->has_head) /* trailers, which are checked and dropped */
        return;
    if (http2->status < 200) { /* an interim response, which is skipped */
        http2->status = 0;
        http2->has_cookies = http2->has_location = false;
        if (exchange->box)
            buf_reset(&exchange->box->head);
        return;
    }
    http2->has_head = true;
    if (exchange->box && exchange->box->head.len)
        buf_add(&exchange->box->head, "\r\n", 2);
}

/* ---- bodies ---- */

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream_id, const uint8_t *bytes,
                   size_t len, void *context)
{
    (void)flags;
    struct h2 *h2 = context;
    struct exchange *exchange = exchange_of(session, stream_id);
    if (!exchange)
        return 0;
    struct http2 *http2 = &exchange->http2;
    http2->body_bytes += (int64_t)len;
    if (!(exchange->request.needs & EXTRACT_BODY) || http2->body_cut)
        return 0;
    struct buf *body = &exchange_box(exchange, h2->conn->wire)->body;
    size_t room = HTTP1_BODY_LIMIT - body->len;
    http2->body_cut = len > room;
    buf_add(body, bytes, len < room ? len : room);
    return 0;
}

/* ---- how a stream ends ---- */

static const char *reset_reason(uint32_t code)
{
    static const char *const reasons[] = {
        [NGHTTP2_NO_ERROR] = "the server reset the stream (NO_ERROR)",
        [NGHTTP2_PROTOCOL_ERROR] = "the server reset the stream (PROTOCOL_ERROR)",
        [NGHTTP2_INTERNAL_ERROR] = "the server reset the stream (INTERNAL_ERROR)",
        [NGHTTP2_FLOW_CONTROL_ERROR] = "the server reset the stream (FLOW_CONTROL_ERROR)",
        [NGHTTP2_SETTINGS_TIMEOUT] = "the server reset the stream (SETTINGS_TIMEOUT)",
        [NGHTTP2_STREAM_CLOSED] = "the server reset the stream (STREAM_CLOSED)",
        [NGHTTP2_FRAME_SIZE_ERROR] = "the server reset the stream (FRAME_SIZE_ERROR)",
        [NGHTTP2_REFUSED_STREAM] = "the server refused the stream twice (REFUSED_STREAM)",
        [NGHTTP2_CANCEL] = "the server reset the stream (CANCEL)",
        [NGHTTP2_COMPRESSION_ERROR] = "the server reset the stream (COMPRESSION_ERROR)",
        [NGHTTP2_CONNECT_ERROR] = "the server reset the stream (CONNECT_ERROR)",
        [NGHTTP2_ENHANCE_YOUR_CALM] = "the server reset the stream (ENHANCE_YOUR_CALM)",
        [NGHTTP2_INADEQUATE_SECURITY] = "the server reset the stream (INADEQUATE_SECURITY)",
        [NGHTTP2_HTTP_1_1_REQUIRED] = "the server reset the stream (HTTP_1_1_REQUIRED)",
    };
    return code < sizeof reasons / sizeof *reasons ? reasons[code] : "the server reset the stream";
}

/* The response is complete; what is left of the request is not asked for any more. */
static void complete(struct h2 *h2, struct exchange *exchange)
{
    int32_t id = exchange->http2.stream_id;
    if (nghttp2_session_get_stream_local_close(h2->session, id) == 0)
        nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
    h2_end(h2, exchange, PROTOCOL_DONE);
}

/* RFC 9113, 6.8: the server will not begin with streams above the last one that it names. */
static void go_away(struct h2 *h2, int32_t last_id)
{
    for (struct exchange *exchange = h2->conn->exchanges.first; exchange;
         exchange = exchange->next) {
        struct http2 *http2 = &exchange->http2;
        if (http2->event != PROTOCOL_MORE)
            continue;
        if (http2->stream_id <= last_id) {
            http2->started = true;
            continue;
        }
        blame(exchange, FAILURE_RESET, "the server went away twice before the request (GOAWAY)");
        h2_end(h2, exchange, PROTOCOL_REFUSED);
    }
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    struct h2 *h2 = context;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        go_away(h2, frame->goaway.last_stream_id);
        return 0;
    }
    struct exchange *exchange = exchange_of(session, frame->hd.stream_id);
    if (!exchange)
        return 0;
    if (frame->hd.type == NGHTTP2_RST_STREAM)
        blame(exchange, FAILURE_RESET, reset_reason(frame->rst_stream.error_code));
    if (frame->hd.type == NGHTTP2_HEADERS)
        end_of_fields(exchange);
    if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
        frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
        complete(h2, exchange);
    return 0;
}

/* nghttp2 has refused a frame of the server's, and ends its stream or the connection. */
static int on_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int code,
                            void *context)
{
    struct h2 *h2 = context;
    struct exchange *exchange = exchange_of(session, frame->hd.stream_id);
    const char *text = "a frame that breaks the rules of HTTP/2";
    if (code == NGHTTP2_ERR_HTTP_HEADER || code == NGHTTP2_ERR_HTTP_MESSAGING)
        text = "a response whose fields break the rules of HTTP/2";
    else if (code == NGHTTP2_ERR_FLOW_CONTROL)
        text = "more bytes than the windows of flow control allow";
    h2->invalid = text;
    if (exchange)
        blame(exchange, FAILURE_PROTOCOL, text);
    return 0;
}

static int on_error(nghttp2_session *session, int code, const char *text, size_t len, void *context)
{
    (void)session;
    (void)text;
    (void)len;
    struct h2 *h2 = context;
    if (code == NGHTTP2_ERR_SETTINGS_EXPECTED)
        h2->invalid = "an answer that is not HTTP/2";
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream_id, uint32_t code,
                           void *context)
{
    struct h2 *h2 = context;
    struct exchange *exchange = exchange_of(session, stream_id);
    if (!exchange)
        return 0;
    bool refused = code == NGHTTP2_REFUSED_STREAM && !exchange->http2.has_head;
    blame(exchange, FAILURE_PROTOCOL,
          exchange->http2.has_head ? "a body that is not of its Content-Length"
                                   : "a stream that ended without a response");
    h2_end(h2, exchange, refused ? PROTOCOL_REFUSED : PROTOCOL_BROKEN);
    return 0;
}

void h2_set_callbacks(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback2(callbacks, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback2(callbacks, on_invalid_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_error_callback2(callbacks, on_error);
}
