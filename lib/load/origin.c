#include "load/origin.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

/* How often a wait looks at the stop flag. */
#define LOOK_MS 100

static bool stopped(const volatile sig_atomic_t *stop)
{
    return stop && *stop;
}

/* Waits for a connection that was begun. Returns 0 or an errno value. */
static int await(int fd, int64_t until_ns, const volatile sig_atomic_t *stop)
{
    struct pollfd event = {.fd = fd, .events = POLLOUT};
    while (!stopped(stop) && clock_monotonic_ns() < until_ns) {
        if (poll(&event, 1, LOOK_MS) <= 0)
            continue;
        int error = 0;
        socklen_t len = sizeof error;
        return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
    }
    return stopped(stop) ? EINTR : ETIMEDOUT;
}

/* Opens and closes a connection. Returns 0 or an errno value. */
static int try_address(const struct addrinfo *info, int64_t until_ns,
                       const volatile sig_atomic_t *stop)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    int error = connect(fd, info->ai_addr, info->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS)
        error = await(fd, until_ns, stop);
    close(fd);
    return error;
}

static const char *advice(int error)
{
    static const struct {
        int error;
        const char *text;
    } table[] = {
        {ECONNREFUSED, "nothing listens there: start the service, or check host and port"},
        {ETIMEDOUT, "check host, port and firewall, or raise the connect timeout"},
        {EHOSTUNREACH, "check the host's name and the network"},
        {ENETUNREACH, "check the host's name and the network"},
        {EINTR, "the run was interrupted before it began"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].error == error)
            return table[i].text;
    }
    return "check host and port";
}

static int unreachable(const struct origin *origin, const char *what, const char *what_to_do,
                       struct err *err)
{
    struct buf authority = {0};
    url_add_authority(&origin->url, &authority);
    err_set(err, ERR_TARGET, "'http://%s' cannot be reached: %s; %s", buf_text(&authority), what,
            what_to_do);
    buf_release(&authority);
    return -1;
}

int origin_reach(struct origin *origin, int64_t timeout_ns, const volatile sig_atomic_t *stop,
                 struct err *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)origin->url.port);
    int failed = getaddrinfo(origin->url.host, port, &hints, &list);
    if (failed)
        return unreachable(origin, gai_strerror(failed), "check the host's name", err);
    int64_t until_ns = clock_monotonic_ns() + timeout_ns;
    int error = 0, first_error = 0;
    for (const struct addrinfo *info = list; info; info = info->ai_next) {
        error = try_address(info, until_ns, stop);
        if (!error) {
            memcpy(&origin->address, info->ai_addr, info->ai_addrlen);
            origin->address_len = info->ai_addrlen;
            break;
        }
        first_error = first_error ? first_error : error;
    }
    freeaddrinfo(list);
    return error ? unreachable(origin, strerrordesc_np(first_error), advice(first_error), err) : 0;
}

void origin_release(struct origin *origin)
{
    url_release(&origin->url);
    *origin = (struct origin){0};
}
