#include "server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

struct client {
    struct server *server;
    int fd;
    int number;
    int served;  /* requests of this connection */
    size_t line; /* of the log */
    char bytes[16384];
    size_t len;
};

static void pause_us(long us)
{
    struct timespec time = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&time, NULL);
}

/* As a process that is stopped: what has come waits. */
static void wait_for_thaw(const struct client *client)
{
    while (atomic_load(&client->server->frozen))
        pause_us(500);
}

static bool put(struct client *client, const char *text, size_t len)
{
    while (len) {
        ssize_t n = send(client->fd, text, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

/* ---- the log ---- */

static void log_request(struct client *client)
{
    struct server *server = client->server;
    struct server_entry entry = {.connection = client->number};
    sscanf(client->bytes, "%*s %23s", entry.path);
    pthread_mutex_lock(&server->mutex);
    entry.read_ns = clock_monotonic_ns();
    server->log = mem_grow(server->log, server->n_log, &server->log_capacity, sizeof entry);
    client->line = server->n_log++;
    server->log[client->line] = entry;
    pthread_mutex_unlock(&server->mutex);
    atomic_fetch_add(&server->requests, 1);
}

static void log_answer(const struct client *client)
{
    struct server *server = client->server;
    pthread_mutex_lock(&server->mutex);
    server->log[client->line].answered_ns = clock_monotonic_ns();
    pthread_mutex_unlock(&server->mutex);
}

static bool answer(struct client *client, const char *status, const char *fields, const char *body)
{
    char text[8192];
    wait_for_thaw(client);
    int len = snprintf(text, sizeof text, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s", status,
                       fields, strlen(body), body);
    log_answer(client);
    if (!put(client, text, (size_t)len))
        return false;
    atomic_fetch_add(&client->server->responses, 1);
    return true;
}

/* ---- what the paths do; each returns whether the connection goes on ---- */

static bool ok(struct client *client)
{
    return answer(client, "200 OK", "", "hello");
}

static bool fail(struct client *client)
{
    return answer(client, "500 Internal Server Error", "", "sorry");
}

/* Takes the connection's second request and closes instead of answering. */
static bool drop(struct client *client)
{
    return client->served < 2 && ok(client);
}

static bool garbage(struct client *client)
{
    put(client, "SSH-2.0-OpenSSH\r\n", 17);
    return false;
}

static bool half(struct client *client)
{
    const char *text = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
    put(client, text, strlen(text));
    return false;
}

static bool hang(struct client *client)
{
    char byte;
    return recv(client->fd, &byte, 1, 0) > 0;
}

/* A chunked response, a few bytes at a time. */
static bool drip(struct client *client)
{
    const char *text = "HTTP/1.1 200 OK\r\nSet-Cookie: drip=1; Path=/\r\nTransfer-Encoding: "
                       "chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    for (size_t at = 0, len = strlen(text); at < len; at += 7) {
        if (!put(client, text + at, len - at < 7 ? len - at : 7))
            return false;
        pause_us(300);
    }
    atomic_fetch_add(&client->server->responses, 1);
    return true;
}

/* Its last response on the connection. */
static bool bye(struct client *client)
{
    answer(client, "200 OK", "Connection: close\r\n", "bye");
    return false;
}

static bool login(struct client *client)
{
    return answer(client, "200 OK", "Set-Cookie: session=s3cret; Path=/\r\n",
                  "<input name=\"csrf\" value=\"t0ken\">");
}

static bool private_page(struct client *client)
{
    bool known = strstr(client->bytes, "Cookie: session=s3cret\r\n") != NULL;
    return known ? ok(client) : answer(client, "403 Forbidden", "", "who are you");
}

static bool post(struct client *client)
{
    bool same = strstr(client->bytes, "csrf=t0ken") != NULL;
    return same ? ok(client) : answer(client, "400 Bad Request", "", "no token");
}

static bool redirect(struct client *client)
{
    return answer(client, "302 Found", "Set-Cookie: session=s3cret\r\nLocation: /private\r\n", "");
}

static bool loop(struct client *client)
{
    return answer(client, "302 Found", "Location: /loop\r\n", "");
}

static bool elsewhere(struct client *client)
{
    return answer(client, "302 Found", "Location: http://198.51.100.1/\r\n", "");
}

/* /wait/US: answers after so many microseconds. */
static bool wait(struct client *client)
{
    pause_us(strtol(strchr(client->bytes, ' ') + sizeof "/wait/", NULL, 10));
    return ok(client);
}

/* Resets the connection instead of answering. */
static bool reset(struct client *client)
{
    struct linger now = {.l_onoff = 1};
    setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    return false;
}

/* Closes behind its response without having said so. */
static bool slam(struct client *client)
{
    ok(client);
    return false;
}

/* /meet/N: answers once N of them wait, and fails after 5 s. */
static bool meet(struct client *client)
{
    struct server *server = client->server;
    int n = atoi(strchr(client->bytes, ' ') + sizeof "/meet/");
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 5;
    pthread_mutex_lock(&server->mutex);
    int before = server->n_met, failed = 0;
    if (++server->n_meeting == n) {
        server->n_meeting = 0;
        server->n_met++;
        pthread_cond_broadcast(&server->met);
    }
    while (server->n_met == before && !failed)
        failed = pthread_cond_timedwait(&server->met, &server->mutex, &end);
    pthread_mutex_unlock(&server->mutex);
    return failed ? fail(client) : ok(client);
}

static bool serve(struct client *client)
{
    static const struct {
        const char *path;
        bool (*run)(struct client *client);
    } pages[] = {
        {"/fail", fail},
        {"/drop", drop},
        {"/garbage", garbage},
        {"/half", half},
        {"/hang", hang},
        {"/drip", drip},
        {"/bye", bye},
        {"/login", login},
        {"/private", private_page},
        {"/post", post},
        {"/redirect", redirect},
        {"/loop", loop},
        {"/elsewhere", elsewhere},
        {"/wait", wait},
        {"/reset", reset},
        {"/slam", slam},
        {"/meet", meet},
    };
    const char *path = strchr(client->bytes, ' ');
    client->served++;
    wait_for_thaw(client);
    log_request(client);
    pause_us(atomic_load(&client->server->delay_us));
    for (size_t i = 0; path && i < sizeof pages / sizeof *pages; i++) {
        size_t len = strlen(pages[i].path);
        if (strncmp(path + 1, pages[i].path, len) == 0 && strchr(" /", path[1 + len]))
            return pages[i].run(client);
    }
    return ok(client);
}

/* The length of the complete request at the front, or 0. */
static size_t request_length(const struct client *client)
{
    const char *end = strstr(client->bytes, "\r\n\r\n");
    if (!end)
        return 0;
    const char *field = strstr(client->bytes, "Content-Length: ");
    size_t body = field && field < end ? strtoul(field + 16, NULL, 10) : 0;
    size_t len = (size_t)(end - client->bytes) + 4 + body;
    return len <= client->len ? len : 0;
}

static bool read_request(struct client *client)
{
    client->len = 0;
    client->bytes[0] = '\0';
    while (!request_length(client)) {
        size_t room = sizeof client->bytes - 1 - client->len;
        ssize_t n = recv(client->fd, client->bytes + client->len, room, 0);
        if (n <= 0)
            return false;
        client->len += (size_t)n;
        client->bytes[client->len] = '\0';
    }
    return true;
}

static void *run_client(void *argument)
{
    struct client *client = argument;
    struct server *server = client->server;
    while (read_request(client) && serve(client))
        continue;
    close(client->fd);
    free(client);
    atomic_fetch_sub(&server->open, 1);
    return NULL;
}

static void *run_server(void *argument)
{
    struct server *server = argument;
    int fd;
    while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
        struct client *client = calloc(1, sizeof *client);
        pthread_t thread;
        assert(client);
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

void server_start(struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    memset(server, 0, sizeof *server);
    pthread_mutex_init(&server->mutex, NULL);
    pthread_cond_init(&server->met, NULL);
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = bind(server->fd, (struct sockaddr *)&address, len) || listen(server->fd, 1000) ||
                 getsockname(server->fd, (struct sockaddr *)&address, &len);
    assert(!failed);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    int error = pthread_create(&server->thread, NULL, run_server, server);
    assert(!error);
}

void server_stop_listening(struct server *server)
{
    if (server->fd < 0)
        return;
    shutdown(server->fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->fd);
    server->fd = -1;
}

void server_settle(struct server *server)
{
    server_stop_listening(server);
    while (atomic_load(&server->open))
        pause_us(1000);
}

void server_end(struct server *server)
{
    server_settle(server);
    free(server->log);
    server->log = NULL;
    server->n_log = server->log_capacity = 0;
    pthread_mutex_destroy(&server->mutex);
    pthread_cond_destroy(&server->met);
}
