#include "server.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "fetch.h"
#include "listen.h"
#include "waits.h"

enum { IDLE_TIMEOUT_S = 120, CONNECTION_MEMORY_BYTES = 16384, SPARE_DESCRIPTORS = 64 };

struct worker {
    struct server *server;
    pthread_t thread;
    bool started;
    struct MHD_Daemon *daemon;
    int stop_fd; /* an eventfd: readable when it is time to stop */
    bool stopping;
    struct waits waits; /* of struct MHD_Connection */
    struct rng latency_rng, error_rng;
    struct backend *backend; /* NULL: all is in memory */
};

struct server {
    const struct options *options;
    struct panel *panel;
    struct worker *workers;
    size_t n_workers;
    int listen_fd;
    char url[URL_SIZE];
};

/* One request, from its head to its response. */
struct exchange {
    int64_t started_ns;
    struct buf body;
    bool body_too_large, delayed;
};

/* ---- responses ---- */

static void add_cookie(struct MHD_Response *out, const char *name, const char *value,
                       const char *more)
{
    struct buf text = {0};
    buf_addf(&text, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s", name, value, more);
    MHD_add_response_header(out, "Set-Cookie", buf_text(&text));
    buf_release(&text);
}

static void add_headers(const struct response *response, struct MHD_Response *out)
{
    MHD_add_response_header(out, "Content-Type",
                            response->type ? response->type : "text/html; charset=utf-8");
    MHD_add_response_header(out, "Cache-Control",
                            response->asset ? "public, max-age=3600" : "no-store");
    if (response->etag)
        MHD_add_response_header(out, "ETag", response->etag);
    if (response->allow[0])
        MHD_add_response_header(out, "Allow", response->allow);
    if (response->challenge)
        MHD_add_response_header(out, "WWW-Authenticate", "Bearer");
    if (response->location[0])
        MHD_add_response_header(out, "Location", response->location);
    if (response->session_cookie[0])
        add_cookie(out, "session", response->session_cookie, "");
    if (response->csrf_cookie[0])
        add_cookie(out, "csrf", response->csrf_cookie, "");
    if (response->forget_session)
        add_cookie(out, "session", "", "; Max-Age=0");
}

/* The library's buffers are not const, but it does not write to persistent ones. */
static void *unconst(const char *text)
{
    union {
        const char *from;
        void *to;
    } pointer = {.from = text};
    return pointer.to;
}

static enum MHD_Result send_response(struct MHD_Connection *connection, struct response *response)
{
    struct MHD_Response *out;
    if (response->asset) {
        out = MHD_create_response_from_buffer(response->asset_len, unconst(response->asset),
                                              MHD_RESPMEM_PERSISTENT);
    } else {
        size_t len = response->body.len;
        out =
            MHD_create_response_from_buffer(len, buf_take(&response->body), MHD_RESPMEM_MUST_FREE);
    }
    if (!out)
        return MHD_NO;
    add_headers(response, out);
    enum MHD_Result result = MHD_queue_response(connection, response->status, out);
    MHD_destroy_response(out);
    return result;
}

/* ---- requests ---- */

static enum method parse_method(const char *name)
{
    static const struct {
        const char *name;
        enum method method;
    } methods[] = {{"GET", METHOD_GET},
                   {"POST", METHOD_POST},
                   {"HEAD", METHOD_GET}, /* the library leaves the body out */
                   {"PUT", METHOD_PUT},
                   {"DELETE", METHOD_DELETE}};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (!strcmp(methods[i].name, name))
            return methods[i].method;
    return METHOD_OTHER;
}

static enum MHD_Result answer(struct worker *worker, struct MHD_Connection *connection,
                              const char *path, const char *method, const struct exchange *exchange)
{
    const struct server *server = worker->server;
    struct request request = {
        .method = parse_method(method),
        .path = path,
        .page = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "page"),
        .words = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "q"),
        .session_cookie = MHD_lookup_connection_value(connection, MHD_COOKIE_KIND, "session"),
        .csrf_cookie = MHD_lookup_connection_value(connection, MHD_COOKIE_KIND, "csrf"),
        .authorization = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization"),
        .accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept"),
        .if_none_match = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-None-Match"),
        .content_type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type"),
        .body = buf_text(&exchange->body),
        .body_len = exchange->body.len,
        .body_too_large = exchange->body_too_large,
        .fails = delay_fails(&server->options->delay, path, &worker->error_rng),
        .now_ns = clock_wall_ns(),
        .backend = worker->backend,
    };
    struct response response = {0};
    panel_answer(server->panel, &request, exchange->started_ns, &response);
    enum MHD_Result result = send_response(connection, &response);
    buf_release(&response.body);
    return result;
}

static void collect_body(struct exchange *exchange, const char *bytes, size_t len)
{
    if (exchange->body.len + len > FORM_MAX_BYTES)
        exchange->body_too_large = true;
    else
        buf_add(&exchange->body, bytes, len);
}

/* Spends the request's delay. True where the request was set aside to wait. */
static bool delay(struct worker *worker, struct MHD_Connection *connection, const char *path)
{
    const struct delay_plan *plan = &worker->server->options->delay;
    int64_t ns = delay_draw(plan, path, &worker->latency_rng);
    if (!ns || worker->stopping)
        return false;
    if (plan->spend == DELAY_CPU) {
        delay_burn(ns);
        return false;
    }
    MHD_suspend_connection(connection);
    waits_add(&worker->waits, clock_monotonic_ns() + ns, connection);
    return true;
}

/* The library calls it with the head, with each piece of the body, at the end, and once more when a
 * suspended connection was resumed. Its type is the library's, hence the number of parameters. */
// NOLINTNEXTLINE(readability-function-size)
static enum MHD_Result on_request(void *closure, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *piece, size_t *piece_len, void **slot)
{
    (void)version;
    struct exchange *exchange = *slot;
    if (!exchange) {
        exchange = mem_new(sizeof *exchange);
        exchange->started_ns = clock_monotonic_ns();
        *slot = exchange;
        return MHD_YES;
    }
    if (*piece_len) {
        collect_body(exchange, piece, *piece_len);
        *piece_len = 0;
        return MHD_YES;
    }
    bool first = !exchange->delayed;
    exchange->delayed = true;
    if (first && delay(closure, connection, path))
        return MHD_YES;
    return answer(closure, connection, path, method, exchange);
}

static void on_completed(void *closure, struct MHD_Connection *connection, void **slot,
                         enum MHD_RequestTerminationCode why)
{
    (void)closure, (void)connection, (void)why;
    struct exchange *exchange = *slot;
    if (!exchange)
        return;
    buf_release(&exchange->body);
    free(exchange);
    *slot = NULL;
}

static void on_connection(void *closure, struct MHD_Connection *connection, void **slot,
                          enum MHD_ConnectionNotificationCode what)
{
    (void)connection, (void)slot;
    struct metrics *metrics = closure;
    atomic_fetch_add(&metrics->connections, what == MHD_CONNECTION_NOTIFY_STARTED ? 1 : -1);
}

/* ---- the loop ---- */

static void resume_due(struct worker *worker, int64_t now_ns)
{
    while (waits_next_ns(&worker->waits) <= now_ns)
        MHD_resume_connection(waits_pop(&worker->waits));
}

/* How long the worker may sleep; false for until something happens. */
static bool sleep_time(const struct worker *worker, struct timespec *out)
{
    int64_t next_ns = waits_next_ns(&worker->waits), sleep_ns = INT64_MAX;
    MHD_UNSIGNED_LONG_LONG library_ms;
    if (next_ns != INT64_MAX) {
        sleep_ns = next_ns - clock_monotonic_ns();
        if (sleep_ns < 0)
            sleep_ns = 0;
    }
    if (MHD_get_timeout(worker->daemon, &library_ms) == MHD_YES &&
        library_ms < IDLE_TIMEOUT_S * UINT64_C(2000) && (int64_t)library_ms * NS_PER_MS < sleep_ns)
        sleep_ns = (int64_t)library_ms * NS_PER_MS;
    *out = (struct timespec){.tv_sec = sleep_ns / NS_PER_S, .tv_nsec = sleep_ns % NS_PER_S};
    return sleep_ns != INT64_MAX;
}

static void *run_worker(void *closure)
{
    struct worker *worker = closure;
    int epoll_fd = MHD_get_daemon_info(worker->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    struct pollfd watched[] = {{.fd = epoll_fd, .events = POLLIN},
                               {.fd = worker->stop_fd, .events = POLLIN}};
    prctl(PR_SET_TIMERSLACK, 1UL); /* the default rounds sleeps up by 50 us */
    while (!watched[1].revents) {
        struct timespec sleep;
        ppoll(watched, 2, sleep_time(worker, &sleep) ? &sleep : NULL, NULL);
        if (worker->waits.count)
            resume_due(worker, clock_monotonic_ns());
        MHD_run(worker->daemon);
        panel_run_jobs(worker->server->panel);
    }
    /* The library wants no connection suspended when it is stopped. */
    worker->stopping = true;
    resume_due(worker, INT64_MAX - 1);
    MHD_run(worker->daemon);
    return NULL;
}

/* ---- starting and stopping ---- */

/* Lifts the soft limit to the hard one; returns how many connections fit. */
static unsigned raise_descriptor_limit(void)
{
    struct rlimit limit = {0};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur > 65536)
        return 65536;
    return limit.rlim_cur > 2 * SPARE_DESCRIPTORS ? (unsigned)limit.rlim_cur - SPARE_DESCRIPTORS
                                                  : SPARE_DESCRIPTORS;
}

static int start_worker(struct server *server, size_t i, unsigned max_connections, struct err *err)
{
    struct worker *worker = &server->workers[i];
    worker->server = server;
    rng_init(&worker->latency_rng, server->options->seed, 100 + 2 * i);
    rng_init(&worker->error_rng, server->options->seed, 101 + 2 * i);
    worker->stop_fd = eventfd(0, EFD_CLOEXEC);
    int listen_fd = dup(server->listen_fd); /* the library closes the one it gets */
    if (worker->stop_fd < 0 || listen_fd < 0)
        return err_set_errno(err, errno, "cannot start worker %zu", i);
    if (backend_open(server->options, server->panel, &worker->backend, err)) {
        close(listen_fd);
        return -1;
    }
    worker->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, worker,
        MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT, max_connections,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY_BYTES, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, &server->panel->metrics, MHD_OPTION_END);
    if (!worker->daemon)
        return err_set(err, ERR_IO, "libmicrohttpd could not start; is epoll available?");
    int failure = pthread_create(&worker->thread, NULL, run_worker, worker);
    if (failure)
        return err_set_errno(err, failure, "cannot start worker %zu", i);
    worker->started = true;
    return 0;
}

int server_start(const struct options *options, struct panel *panel, struct server **out,
                 struct err *err)
{
    struct server *server = mem_new(sizeof *server);
    unsigned max_connections = raise_descriptor_limit();
    server->options = options;
    server->panel = panel;
    server->n_workers = (size_t)options->threads;
    server->workers = mem_array(server->n_workers, sizeof server->workers[0]);
    for (size_t i = 0; i < server->n_workers; i++)
        server->workers[i].stop_fd = -1;
    server->listen_fd = listen_open(options->host, options->port, server->url, err);
    bool failed = server->listen_fd < 0;
    for (size_t i = 0; !failed && i < server->n_workers; i++)
        failed = start_worker(server, i, max_connections, err);
    if (failed) {
        server_stop(server);
        return -1;
    }
    *out = server;
    return 0;
}

const char *server_url(const struct server *server)
{
    return server->url;
}

static void stop_worker(struct worker *worker)
{
    if (worker->started) {
        eventfd_write(worker->stop_fd, 1);
        pthread_join(worker->thread, NULL);
    }
    if (worker->daemon)
        MHD_stop_daemon(worker->daemon);
    if (worker->stop_fd >= 0)
        close(worker->stop_fd);
    backend_close(worker->backend);
    waits_release(&worker->waits);
}

void server_stop(struct server *server)
{
    for (size_t i = 0; i < server->n_workers; i++)
        stop_worker(&server->workers[i]);
    if (server->listen_fd >= 0)
        close(server->listen_fd);
    free(server->workers);
    free(server);
}
