/*
 * bare_loop PORT CONNECTIONS SECONDS: the least that a load generator over epoll can do: sends one
 * fixed request on each connection, and the next one as soon as anything has come back. It neither
 * parses nor times. Prints the number of answers, taking each read for one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bare\r\n"
                              "Accept: */*\r\n\r\n";

static int fail(const char *what)
{
    perror(what);
    return 2;
}

static int open_connection(int epoll_fd, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.fd = fd};
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ||
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        return -1;
    return send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0 ? 0 : -1;
}

static int answer(int fd, long *answers)
{
    char bytes[4096];
    ssize_t got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got <= 0)
        return -1;
    ++*answers;
    return send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return fail("usage: bare_loop PORT CONNECTIONS SECONDS");
    uint16_t port = (uint16_t)atoi(argv[1]);
    int epoll_fd = epoll_create1(0);
    for (int i = 0; i < atoi(argv[2]); i++)
        if (open_connection(epoll_fd, port) < 0)
            return fail("cannot connect");
    time_t end = time(NULL) + atoi(argv[3]);
    long answers = 0;
    while (time(NULL) < end) {
        struct epoll_event events[64];
        int n = epoll_wait(epoll_fd, events, 64, 1000);
        for (int i = 0; i < n; i++)
            if (answer(events[i].data.fd, &answers) < 0)
                return fail("the connection broke");
    }
    printf("%ld\n", answers);
    return 0;
}
