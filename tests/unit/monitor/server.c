#include "server.h"

#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* False: it is to end. */
static int wait_for(const struct server *server, int fd)
{
    struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = server->wake[0], .events = POLLIN}};
    poll(fds, 2, -1);
    return !fds[1].revents;
}

/* The head of a request; 0 at the connection's end. */
static int read_head(struct server *server, int fd)
{
    size_t len = 0;
    while (wait_for(server, fd)) {
        ssize_t got = recv(fd, server->head + len, sizeof server->head - 1 - len, 0);
        if (got <= 0)
            return 0;
        len += (size_t)got;
        server->head[len] = 0;
        if (strstr(server->head, "\r\n\r\n"))
            return 1;
    }
    return 0;
}

static void answer(struct server *server, int fd)
{
    while (read_head(server, fd)) {
        size_t i = server->given < server->n ? server->given : server->n - 1;
        const char *text = server->answers[i];
        server->given++;
        if (!text)
            return;
        if (*text && send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
            return;
    }
}

static void *work(void *argument)
{
    struct server *server = argument;
    while (wait_for(server, server->listener)) {
        int fd = accept(server->listener, NULL, NULL);
        if (fd < 0)
            break;
        answer(server, fd);
        close(fd);
    }
    return NULL;
}

void server_start(struct server *server, const char *const *answers, size_t n)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    *server = (struct server){.answers = answers, .n = n};
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(server->listener >= 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(server->listener, 8), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&at, &len), 0);
    assert_int_equal(pipe(server->wake), 0);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d/m", ntohs(at.sin_port));
    assert_int_equal(pthread_create(&server->thread, NULL, work, server), 0);
}

void server_stop(struct server *server)
{
    assert_int_equal(write(server->wake[1], "", 1), 1);
    pthread_join(server->thread, NULL);
    close(server->listener);
    close(server->wake[0]);
    close(server->wake[1]);
}
