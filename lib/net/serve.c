#include "net/serve.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "base/mem.h"

#define CONNECTIONS 16U
#define TIMEOUT_S   5U

struct serve {
    struct MHD_Daemon *daemon;
    const char *content_type;
    pthread_mutex_t lock; /* of the text */
    struct buf text;
};

static enum MHD_Result answer(struct MHD_Connection *connection, const char *content_type,
                              unsigned status, const struct buf *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(text->len, text->data, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *why)
{
    struct buf text = {0};
    buf_add_str(&text, why);
    enum MHD_Result result = answer(connection, "text/plain; charset=utf-8", status, &text);
    buf_release(&text);
    return result;
}

/* Its type is the library's, hence the number of parameters. */
// NOLINTNEXTLINE(readability-function-size)
static enum MHD_Result on_request(void *closure, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **slot)
{
    struct serve *serve = closure;
    (void)version;
    (void)upload;
    *upload_size = 0; /* a body is thrown away */
    (void)slot;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "expected GET\n");
    if (strcmp(url, "/metrics") != 0)
        return refuse(connection, MHD_HTTP_NOT_FOUND, "there is /metrics alone\n");
    pthread_mutex_lock(&serve->lock);
    enum MHD_Result result = answer(connection, serve->content_type, MHD_HTTP_OK, &serve->text);
    pthread_mutex_unlock(&serve->lock);
    return result;
}

/* ---- where ---- */

static int refuse_place(const char *at, struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "'%s': expected an address and a port such as 127.0.0.1:9464 or [::1]:9464", at);
}

/* Names are not looked up: what is listened at is this machine's own. */
static int find_place(const char *at, struct addrinfo **found, struct err *err)
{
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    const char *colon = strrchr(at, ':');
    size_t len = colon ? (size_t)(colon - at) : 0;
    struct buf host = {0};
    if (!len || !colon[1] || strlen(colon + 1) > 5 ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1) || atoi(colon + 1) > 65535)
        return refuse_place(at, err);
    if (at[0] == '[' && at[len - 1] == ']')
        buf_add(&host, at + 1, len - 2);
    else if (strncmp(at, "localhost:", 10) == 0)
        buf_add_str(&host, "127.0.0.1");
    else
        buf_add(&host, at, len);
    int status = getaddrinfo(buf_text(&host), colon + 1, &hints, found);
    buf_release(&host);
    return status == 0 ? 0 : refuse_place(at, err);
}

int serve_start(const char *at, const char *content_type, struct serve **out, struct err *err)
{
    struct addrinfo *place = NULL;
    if (find_place(at, &place, err) < 0)
        return -1;
    struct serve *serve = mem_new(sizeof *serve);
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL;
    serve->content_type = content_type;
    pthread_mutex_init(&serve->lock, NULL);
    if (place->ai_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    errno = 0;
    serve->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, serve, MHD_OPTION_SOCK_ADDR,
                                     place->ai_addr, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
                                     MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S, MHD_OPTION_END);
    int error = errno;
    freeaddrinfo(place);
    if (!serve->daemon) {
        serve_stop(serve);
        return err_set_errno(err, error ? error : EADDRINUSE, "cannot listen at '%s'", at);
    }
    *out = serve;
    return 0;
}

void serve_set(struct serve *serve, const struct buf *text)
{
    pthread_mutex_lock(&serve->lock);
    buf_reset(&serve->text);
    buf_add(&serve->text, buf_text(text), text->len);
    pthread_mutex_unlock(&serve->lock);
}

void serve_stop(struct serve *serve)
{
    if (!serve)
        return;
    if (serve->daemon)
        MHD_stop_daemon(serve->daemon);
    pthread_mutex_destroy(&serve->lock);
    buf_release(&serve->text);
    free(serve);
}
