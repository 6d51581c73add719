/* A request as a stream of HTTP/2. It was rendered as HTTP/1.1 sends it, by ourselves, so it is
 * taken apart again without a doubt: that costs less than what nghttp2 does with it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <nghttp2/nghttp2.h>

#include "base/mem.h"
#include "load/h2.h"

enum { FEW = 32 };

struct fields {
    size_t n, capacity;
    nghttp2_nv *items;
    nghttp2_nv *heap; /* where they are more than a few */
};

/* nghttp2 copies both, lowers the letters of the name, and writes to neither. */
static uint8_t *bytes_of(struct span text)
{
    union {
        const char *in;
        uint8_t *out;
    } pointer = {text.at};
    return pointer.out;
}

static void add(struct fields *fields, struct span name, struct span value)
{
    if (fields->n == fields->capacity) {
        fields->capacity *= 2;
        nghttp2_nv *heap = mem_resize(fields->heap, fields->capacity, sizeof *heap);
        if (!fields->heap)
            memcpy(heap, fields->items, fields->n * sizeof *heap);
        fields->items = fields->heap = heap;
    }
    fields->items[fields->n++] = (nghttp2_nv){.name = bytes_of(name),
                                              .namelen = name.len,
                                              .value = bytes_of(value),
                                              .valuelen = value.len};
}

static void add_pseudo(struct fields *fields, const char *name, struct span value)
{
    add(fields, (struct span){name, strlen(name)}, value);
}

/* Without its line end; `rest` then begins behind that. */
static struct span next_line(struct span *rest)
{
    const char *lf = memchr(rest->at, '\n', rest->len);
    size_t len = lf ? (size_t)(lf - rest->at) : rest->len;
    struct span line = {rest->at, len && rest->at[len - 1] == '\r' ? len - 1 : len};
    size_t used = lf ? len + 1 : len;
    *rest = (struct span){rest->at + used, rest->len - used};
    return line;
}

/* METHOD target HTTP/1.1 */
static void split_request_line(struct span line, struct span *method, struct span *target)
{
    const char *end = line.at + line.len;
    const char *first = memchr(line.at, ' ', line.len);
    const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
    *method = (struct span){line.at, (size_t)((first ? first : end) - line.at)};
    *target = (struct span){"/", 1};
    if (second)
        *target = (struct span){first + 1, (size_t)(second - first - 1)};
}

/* RFC 9113, 8.2.2: fields of a connection are not for HTTP/2, and Host is the authority. */
static bool is_dropped(struct span name, struct span value)
{
    static const struct {
        const char *name;
        size_t len;
    } dropped[] = {
        {"host", 4},    {"connection", 10},     {"keep-alive", 10},        {"proxy-connection", 16},
        {"upgrade", 7}, {"http2-settings", 14}, {"transfer-encoding", 17},
    };
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        if (name.len == dropped[i].len && strncasecmp(name.at, dropped[i].name, name.len) == 0)
            return true;
    return span_equals_nocase(name, "te") && !span_equals_nocase(value, "trailers");
}

static void add_line(struct fields *fields, struct span line)
{
    const char *end = line.at + line.len;
    const char *colon = memchr(line.at, ':', line.len);
    if (!colon)
        return;
    struct span name = {line.at, (size_t)(colon - line.at)};
    const char *at = colon + 1;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    struct span value = {at, (size_t)(end - at)};
    if (!is_dropped(name, value))
        add(fields, name, value);
}

/* Fills in the fields of the request; what is left is its body. */
static struct span take_apart(const struct conn_request *request, struct fields *fields)
{
    struct span rest = request->bytes, method, target, host;
    const char *scheme = request->origin->url.is_secure ? "https" : "http";
    split_request_line(next_line(&rest), &method, &target);
    add_pseudo(fields, ":method", method);
    add_pseudo(fields, ":scheme", (struct span){scheme, strlen(scheme)});
    add_pseudo(fields, ":path", target);
    if (head_find(request->bytes, "Host", &host))
        add_pseudo(fields, ":authority", host);
    for (struct span line = next_line(&rest); line.len; line = next_line(&rest))
        add_line(fields, line);
    return rest;
}

/* Of a stream that nobody wants any more there is no exchange, and no body either. */
// NOLINTNEXTLINE(readability-function-size): the signature is that of nghttp2
static ssize_t read_body(nghttp2_session *session, int32_t stream_id, uint8_t *bytes, size_t room,
                         uint32_t *flags, nghttp2_data_source *source, void *context)
{
    (void)source;
    (void)context;
    struct exchange *exchange = nghttp2_session_get_stream_user_data(session, stream_id);
    if (!exchange)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    struct span *unsent = &exchange->http2.unsent;
    size_t len = unsent->len < room ? unsent->len : room;
    if (len)
        memcpy(bytes, unsent->at, len);
    unsent->at += len;
    unsent->len -= len;
    if (!unsent->len)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)len;
}

int h2_submit(struct h2 *h2, struct exchange *exchange)
{
    nghttp2_nv few[FEW];
    struct fields fields = {.capacity = FEW, .items = few};
    const nghttp2_data_provider body = {.read_callback = read_body};
    exchange->http2 = (struct http2){.unsent = take_apart(&exchange->request, &fields)};
    int32_t id = nghttp2_submit_request(h2->session, NULL, fields.items, fields.n,
                                        exchange->http2.unsent.len ? &body : NULL, exchange);
    free(fields.heap);
    if (id < 0)
        return id;
    exchange->http2.stream_id = id;
    return 0;
}
