#include "h2_pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nghttp2/nghttp2.h>

#include "base/clock.h"
#include "base/mem.h"

/* ---- answers ---- */

static nghttp2_nv field(const char *name, const char *value)
{
    union {
        const char *in;
        uint8_t *out;
    } names = {name}, values = {value};
    return (nghttp2_nv){names.out, values.out, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE};
}

// NOLINTNEXTLINE(readability-function-size): the signature is that of nghttp2
static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *bytes, size_t room,
                         uint32_t *flags, nghttp2_data_source *source, void *context)
{
    (void)context;
    struct h2_stream *stream = source->ptr;
    size_t len = stream->left < room ? stream->left : room;
    memset(bytes, 'x', len);
    if (!stream->endless)
        stream->left -= len;
    if (stream->left)
        return (ssize_t)len;
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (stream->trailers) {
        const nghttp2_nv trailer = field("x-trailer", "end");
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        nghttp2_submit_trailer(session, id, &trailer, 1);
    }
    return (ssize_t)len;
}

/* The response: status, up to two fields of the caller's, and stream->left bytes of body. */
static void answer(struct h2_client *client, struct h2_stream *stream, const char *status,
                   const nghttp2_nv *more, size_t n_more)
{
    nghttp2_nv fields[4] = {field(":status", status)};
    const nghttp2_data_provider body = {.source.ptr = stream, .read_callback = read_body};
    for (size_t i = 0; i < n_more; i++)
        fields[1 + i] = more[i];
    atomic_fetch_add(&client->server->responses, 1);
    nghttp2_submit_response(client->session, stream->id, fields, 1 + n_more,
                            stream->left ? &body : NULL);
}

static void reset(struct h2_client *client, const struct h2_stream *stream, uint32_t code)
{
    nghttp2_submit_rst_stream(client->session, NGHTTP2_FLAG_NONE, stream->id, code);
}

/* ---- what the paths do ---- */

static void ok(struct h2_client *client, struct h2_stream *stream)
{
    bool is_head = strcmp(stream->method, "HEAD") == 0;
    const nghttp2_nv length = field("content-length", "5");
    stream->left = is_head ? 0 : 5;
    answer(client, stream, "200", &length, 1);
}

static void empty(struct h2_client *client, struct h2_stream *stream)
{
    answer(client, stream, "204", NULL, 0);
}

static void unchanged(struct h2_client *client, struct h2_stream *stream)
{
    const nghttp2_nv length = field("content-length", "1000");
    answer(client, stream, "304", &length, 1);
}

static void fail(struct h2_client *client, struct h2_stream *stream)
{
    answer(client, stream, "500", NULL, 0);
}

static void interim(struct h2_client *client, struct h2_stream *stream)
{
    const nghttp2_nv fields[] = {field(":status", "103"),
                                 field("set-cookie", "session=s3cret; Path=/"),
                                 field("location", "/loop")};
    for (int i = 0; i < 3; i++)
        nghttp2_submit_headers(client->session, NGHTTP2_FLAG_NONE, stream->id, NULL, fields, 3,
                               NULL);
    ok(client, stream);
}

static void trailers(struct h2_client *client, struct h2_stream *stream)
{
    stream->trailers = true;
    stream->left = 5;
    answer(client, stream, "200", NULL, 0);
}

static void big(struct h2_client *client, struct h2_stream *stream)
{
    stream->left = (size_t)3 << 20;
    answer(client, stream, "200", NULL, 0);
}

static void endless(struct h2_client *client, struct h2_stream *stream)
{
    stream->endless = true;
    stream->left = 1 << 20;
    answer(client, stream, "200", NULL, 0);
}

/* Says how long the request's body was. */
static void upload(struct h2_client *client, struct h2_stream *stream)
{
    char length[24];
    snprintf(length, sizeof length, "%zu", stream->received);
    const nghttp2_nv received = field("x-received", length);
    answer(client, stream, "200", &received, 1);
}

static void short_body(struct h2_client *client, struct h2_stream *stream)
{
    const nghttp2_nv length = field("content-length", "10");
    stream->left = 5;
    answer(client, stream, "200", &length, 1);
}

static void long_body(struct h2_client *client, struct h2_stream *stream)
{
    const nghttp2_nv length = field("content-length", "2");
    stream->left = 5;
    answer(client, stream, "200", &length, 1);
}

static void login(struct h2_client *client, struct h2_stream *stream)
{
    const nghttp2_nv cookie = field("set-cookie", "session=s3cret; Path=/");
    answer(client, stream, "200", &cookie, 1);
}

static void private_page(struct h2_client *client, struct h2_stream *stream)
{
    if (strcmp(stream->cookie, "session=s3cret") == 0)
        ok(client, stream);
    else
        answer(client, stream, "403", NULL, 0);
}

static void redirect(struct h2_client *client, struct h2_stream *stream)
{
    const nghttp2_nv fields[] = {field("location", "/private"),
                                 field("set-cookie", "session=s3cret; Path=/")};
    answer(client, stream, "302", fields, 2);
}

static void internal_error(struct h2_client *client, struct h2_stream *stream)
{
    reset(client, stream, NGHTTP2_INTERNAL_ERROR);
}

static void refuse(struct h2_client *client, struct h2_stream *stream)
{
    atomic_fetch_add(&client->server->refused, 1);
    reset(client, stream, NGHTTP2_REFUSED_STREAM);
}

/* Every other one. */
static void refuse_first(struct h2_client *client, struct h2_stream *stream)
{
    if (atomic_load(&client->server->requests) % 2)
        refuse(client, stream);
    else
        ok(client, stream);
}

/* The last one that it answers: what is above is refused. */
static void go_away(struct h2_client *client, struct h2_stream *stream)
{
    atomic_fetch_add(&client->server->away, 1);
    nghttp2_submit_goaway(client->session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR, NULL,
                          0);
    ok(client, stream);
}

static void die(struct h2_client *client, struct h2_stream *stream)
{
    (void)stream;
    client->dies = true;
}

static void never(struct h2_client *client, struct h2_stream *stream)
{
    (void)client;
    (void)stream;
}

/* /meet/N: answers once N of them wait. */
static void meet(struct h2_client *client, struct h2_stream *stream)
{
    int n = atoi(stream->path + sizeof "/meet"), here = 0;
    for (struct h2_stream *other = client->streams; other; other = other->next)
        here += other->is_complete && strcmp(other->path, stream->path) == 0;
    for (struct h2_stream *other = client->streams; other && here >= n; other = other->next) {
        if (!other->is_complete || strcmp(other->path, stream->path) != 0)
            continue;
        if (other != stream)
            snprintf(other->path, sizeof other->path, "/met");
        ok(client, other);
    }
}

/* /wait/US: answers after so many microseconds, and is in the log. */
static void wait(struct h2_client *client, struct h2_stream *stream)
{
    struct h2_server *server = client->server;
    long us = strtol(stream->path + sizeof "/wait", NULL, 10);
    const struct timespec pause = {us / 1000000, us % 1000000 * 1000};
    struct server_entry entry = {.connection = client->number};
    pthread_mutex_lock(&server->mutex);
    entry.read_ns = clock_monotonic_ns();
    size_t line = server->n_log;
    server->log = mem_grow(server->log, server->n_log, &server->log_capacity, sizeof entry);
    server->log[server->n_log++] = entry;
    pthread_mutex_unlock(&server->mutex);
    nanosleep(&pause, NULL);
    pthread_mutex_lock(&server->mutex);
    server->log[line].answered_ns = clock_monotonic_ns();
    pthread_mutex_unlock(&server->mutex);
    ok(client, stream);
}

/* Its limits change while streams are open. */
static void settings(struct h2_client *client, struct h2_stream *stream)
{
    const nghttp2_settings_entry changes[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 2 + (uint32_t)stream->id / 4},
        {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, stream->id % 4 == 1 ? 0 : 4096},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 10 + (uint32_t)stream->id % 100},
    };
    nghttp2_submit_settings(client->session, NGHTTP2_FLAG_NONE, changes, 3);
    ok(client, stream);
}

static void ping(struct h2_client *client, struct h2_stream *stream)
{
    nghttp2_submit_ping(client->session, NGHTTP2_FLAG_NONE, NULL);
    ok(client, stream);
}

static void push(struct h2_client *client, struct h2_stream *stream)
{
    const nghttp2_nv fields[] = {field(":method", "GET"), field(":scheme", "http"),
                                 field(":authority", "localhost"), field(":path", "/pushed")};
    nghttp2_submit_push_promise(client->session, NGHTTP2_FLAG_NONE, stream->id, fields, 4, NULL);
    ok(client, stream);
}

/* N fields of `len` bytes, the same again and again: a few bytes each once HPACK knows them. */
static void send_fields(struct h2_client *client, struct h2_stream *stream, size_t n, size_t len)
{
    nghttp2_nv *fields = mem_array(n + 1, sizeof *fields);
    char *value = mem_array(len + 1, 1);
    memset(value, 'v', len);
    fields[0] = field(":status", "200");
    for (size_t i = 1; i <= n; i++)
        fields[i] = field("x-bomb", value);
    nghttp2_submit_response(client->session, stream->id, fields, n + 1, NULL);
    free(value);
    free(fields);
}

static void bomb(struct h2_client *client, struct h2_stream *stream)
{
    send_fields(client, stream, 40, 2000);
}

static void many(struct h2_client *client, struct h2_stream *stream)
{
    send_fields(client, stream, 257, 1);
}

static void wide(struct h2_client *client, struct h2_stream *stream)
{
    send_fields(client, stream, 1, 60000);
}

void h2_pages_act(struct h2_client *client, struct h2_stream *stream)
{
    static const struct {
        const char *path;
        void (*run)(struct h2_client *client, struct h2_stream *stream);
    } pages[] = {
        {"/empty", empty},
        {"/unchanged", unchanged},
        {"/fail", fail},
        {"/interim", interim},
        {"/trailers", trailers},
        {"/big", big},
        {"/endless", endless},
        {"/upload", upload},
        {"/early", ok},
        {"/short", short_body},
        {"/long", long_body},
        {"/login", login},
        {"/private", private_page},
        {"/redirect", redirect},
        {"/reset", internal_error},
        {"/refuse", refuse},
        {"/refuse-first", refuse_first},
        {"/goaway", go_away},
        {"/die", die},
        {"/never", never},
        {"/meet", meet},
        {"/wait", wait},
        {"/settings", settings},
        {"/ping", ping},
        {"/push", push},
        {"/bomb", bomb},
        {"/many", many},
        {"/wide", wide},
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        size_t len = strlen(pages[i].path);
        if (strncmp(stream->path, pages[i].path, len) == 0 && strchr("/", stream->path[len])) {
            pages[i].run(client, stream);
            return;
        }
    }
    ok(client, stream);
}
