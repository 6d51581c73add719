#include "h2_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <nghttp2/nghttp2.h>

#include "base/mem.h"
#include "h2_pages.h"

/* ---- nghttp2's callbacks ---- */

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    struct h2_client *client = context;
    struct h2_stream *stream = mem_new(sizeof *stream);
    stream->id = frame->hd.stream_id;
    stream->next = client->streams;
    client->streams = stream;
    client->n_streams++;
    if (client->n_streams > atomic_load(&client->server->most))
        atomic_store(&client->server->most, client->n_streams);
    nghttp2_session_set_stream_user_data(session, stream->id, stream);
    return 0;
}

static void keep(char *room, size_t size, const uint8_t *value, size_t len)
{
    snprintf(room, size, "%.*s", (int)len, (const char *)value);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, nghttp2_rcbuf *name,
                     nghttp2_rcbuf *value, uint8_t flags, void *context)
{
    (void)flags;
    (void)context;
    struct h2_stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    const char *field = (const char *)nghttp2_rcbuf_get_buf(name).base;
    nghttp2_vec text = nghttp2_rcbuf_get_buf(value);
    if (strcmp(field, ":path") == 0)
        keep(stream->path, sizeof stream->path, text.base, text.len);
    else if (strcmp(field, ":method") == 0)
        keep(stream->method, sizeof stream->method, text.base, text.len);
    else if (strcmp(field, "cookie") == 0)
        keep(stream->cookie, sizeof stream->cookie, text.base, text.len);
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
                   size_t len, void *context)
{
    (void)flags;
    (void)bytes;
    (void)context;
    struct h2_stream *stream = nghttp2_session_get_stream_user_data(session, id);
    stream->received += len;
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    struct h2_client *client = context;
    if (frame->hd.type == NGHTTP2_PING && frame->hd.flags & NGHTTP2_FLAG_ACK)
        atomic_fetch_add(&client->server->pongs, 1);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    struct h2_stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (!stream)
        return 0;
    bool ended = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    bool is_early = strcmp(stream->path, "/early") == 0; /* answered without its body */
    if (is_early ? frame->hd.type == NGHTTP2_DATA : !ended)
        return 0;
    stream->is_complete = true;
    atomic_fetch_add(&client->server->requests, 1);
    h2_pages_act(client, stream);
    return 0;
}

static int on_frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    struct h2_client *client = context;
    (void)session;
    if (frame->hd.type == NGHTTP2_PUSH_PROMISE)
        atomic_fetch_add(&client->server->pushes, 1);
    return 0;
}

static void forget(struct h2_client *client, const struct h2_stream *stream)
{
    for (struct h2_stream **at = &client->streams; *at; at = &(*at)->next) {
        if (*at != stream)
            continue;
        struct h2_stream *next = (*at)->next;
        free(*at);
        *at = next;
        client->n_streams--;
        return;
    }
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t code, void *context)
{
    (void)code;
    forget(context, nghttp2_session_get_stream_user_data(session, id));
    return 0;
}

/* ---- connections ---- */

static nghttp2_session *new_session(struct h2_client *client)
{
    const struct h2_server *server = client->server;
    nghttp2_session *session = NULL;
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback2(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_option *option = NULL;
    nghttp2_option_new(&option);
    nghttp2_option_set_max_send_header_block_length(option, (size_t)1 << 20);
    nghttp2_session_server_new2(&session, callbacks, client, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_settings_entry entries[2];
    size_t n = 0;
    if (server->max_streams)
        entries[n++] =
            (nghttp2_settings_entry){NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, server->max_streams};
    if (server->window || server->no_window)
        entries[n++] =
            (nghttp2_settings_entry){NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, server->window};
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, entries, n);
    return session;
}

static bool put(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static bool flush(const struct h2_client *client)
{
    const uint8_t *bytes;
    ssize_t len;
    while ((len = nghttp2_session_mem_send(client->session, &bytes)) > 0)
        if (!put(client->fd, (const char *)bytes, (size_t)len))
            return false;
    return len == 0;
}

static void speak(struct h2_client *client)
{
    uint8_t bytes[16384];
    ssize_t len;
    client->session = new_session(client);
    while (flush(client) && (len = recv(client->fd, bytes, sizeof bytes, 0)) > 0 &&
           nghttp2_session_mem_recv(client->session, bytes, (size_t)len) >= 0 && !client->dies)
        continue;
    nghttp2_session_del(client->session);
    while (client->streams)
        forget(client, client->streams);
}

static void play(const struct h2_client *client)
{
    const struct h2_server_raw *raw = &client->server->raw;
    char bytes[4096];
    if (recv(client->fd, bytes, sizeof bytes, 0) <= 0)
        return;
    atomic_fetch_add(&client->server->requests, 1);
    bool reads = put(client->fd, raw->first, raw->first_len);
    while (raw->again && reads)
        reads = put(client->fd, raw->again, raw->again_len);
    while (reads && recv(client->fd, bytes, sizeof bytes, 0) > 0)
        continue;
}

static void *run_client(void *argument)
{
    struct h2_client *client = argument;
    struct h2_server *server = client->server;
    if (server->raw.first)
        play(client);
    else
        speak(client);
    close(client->fd);
    free(client);
    atomic_fetch_sub(&server->open, 1);
    return NULL;
}

static void *run_server(void *argument)
{
    struct h2_server *server = argument;
    int fd, on = 1;
    while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
        /* It answers in several writes. */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct h2_client *client = mem_new(sizeof *client);
        pthread_t thread;
        client->server = server;
        client->fd = fd;
        client->number = atomic_fetch_add(&server->connections, 1) + 1;
        atomic_fetch_add(&server->open, 1);
        int error = pthread_create(&thread, NULL, run_client, client);
        assert(!error);
        pthread_detach(thread);
    }
    return NULL;
}

void h2_server_start(struct h2_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = bind(server->fd, (struct sockaddr *)&address, len) || listen(server->fd, 1000) ||
                 getsockname(server->fd, (struct sockaddr *)&address, &len);
    assert(!failed);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    int error = pthread_mutex_init(&server->mutex, NULL) ||
                pthread_create(&server->thread, NULL, run_server, server);
    assert(!error);
}

void h2_server_end(struct h2_server *server)
{
    const struct timespec moment = {0, 1000000};
    shutdown(server->fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->fd);
    while (atomic_load(&server->open))
        nanosleep(&moment, NULL);
}

void h2_server_release(struct h2_server *server)
{
    pthread_mutex_destroy(&server->mutex);
    free(server->log);
    server->log = NULL;
    server->n_log = server->log_capacity = 0;
}
