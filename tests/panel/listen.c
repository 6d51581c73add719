#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

/* NULL after having set the error; the caller frees it with freeaddrinfo(). */
static struct addrinfo *resolve(const char *host, uint16_t port, struct err *err)
{
    char bare[64], service[8];
    struct addrinfo *out = NULL;
    size_t len = strlen(host);
    bool brackets = len > 2 && host[0] == '[' && host[len - 1] == ']';
    if (len >= sizeof bare)
        len = 0;
    snprintf(bare, sizeof bare, "%.*s", (int)(brackets ? len - 2 : len), host + brackets);
    snprintf(service, sizeof service, "%u", port);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    if (bare[0] && !getaddrinfo(bare, service, &hints, &out))
        return out;
    err_set(err, ERR_USAGE, "'--host %s': expected a numeric address such as 127.0.0.1 or ::1",
            host);
    return NULL;
}

static void write_url(int fd, const char *host, char url[URL_SIZE])
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    char numeric[64] = "", service[8] = "";
    getsockname(fd, (struct sockaddr *)&address, &size);
    getnameinfo((struct sockaddr *)&address, size, numeric, sizeof numeric, service, sizeof service,
                NI_NUMERICHOST | NI_NUMERICSERV);
    bool v6 = strchr(host, ':') != NULL;
    snprintf(url, URL_SIZE, v6 ? "http://[%.50s]:%s" : "http://%.50s:%s", numeric, service);
}

int listen_open(const char *host, uint16_t port, char url[URL_SIZE], struct err *err)
{
    struct addrinfo *address = resolve(host, port, err);
    if (!address)
        return -1;
    int one = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
        bind(fd, address->ai_addr, address->ai_addrlen) || listen(fd, BACKLOG)) {
        err_set_errno(err, errno, "cannot listen on '%s', port %u", host, port);
        if (fd >= 0)
            close(fd);
        fd = -1;
    } else {
        write_url(fd, host, url);
    }
    freeaddrinfo(address);
    return fd;
}
