/*
 * bare_pacer PORT RATE SECONDS: sends a request at each multiple of 1/RATE on one connection, and
 * does nothing but look at the clock in between: the most even pace that the machine allows.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int fail(const char *what)
{
    perror(what);
    return 2;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char bytes[4096];
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (argc != 4)
        return fail("usage: bare_pacer PORT RATE SECONDS");
    double rate = atof(argv[2]);
    long n = (long)(rate * atof(argv[3]));
    address.sin_port = htons((uint16_t)atoi(argv[1]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
        return fail("cannot connect");
    double begin = now_s();
    for (long i = 0; i < n; i++) {
        while (now_s() < begin + (double)i / rate)
            continue;
        if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0)
            return fail("the connection broke");
        while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
            continue;
    }
    close(fd);
    return 0;
}
