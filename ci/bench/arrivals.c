/*
 * arrivals RATE: a server that takes down when requests arrive. Prints its port, answers until it
 * gets SIGTERM, and then prints how far the times between arrivals were from 1/RATE (percentiles of
 * the absolute error, in us) and how far the last arrival was from where the first one puts it.
 */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 10000000 };

static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
static volatile sig_atomic_t stop;
static double at_us[MOST];

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void summarize(size_t n, double rate)
{
    if (n < 2) {
        puts("0 arrivals");
        return;
    }
    double drift_us = at_us[n - 1] - at_us[0] - (double)(n - 1) * 1e6 / rate;
    for (size_t i = 0; i + 1 < n; i++)
        at_us[i] = fabs(at_us[i + 1] - at_us[i] - 1e6 / rate);
    qsort(at_us, n - 1, sizeof *at_us, compare);
    printf("%zu arrivals p50 %.1f p99 %.1f p99.9 %.1f max %.1f drift %.1f\n", n, at_us[(n - 1) / 2],
           at_us[(size_t)((double)(n - 1) * 0.99)], at_us[(size_t)((double)(n - 1) * 0.999)],
           at_us[n - 2], drift_us);
}

static int listen_somewhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
        listen(fd, 1024) < 0 || getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        return -1;
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void watch(int epoll_fd, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* The requests that came; each is taken to arrive in one piece, perhaps with others. */
static size_t receive(int fd)
{
    char bytes[4096];
    size_t n = 0;
    ssize_t got = recv(fd, bytes, sizeof bytes - 1, 0);
    if (got <= 0) {
        close(fd);
        return 0;
    }
    bytes[got] = '\0';
    for (const char *at = bytes; (at = strstr(at, "\r\n\r\n")); at += 4)
        n += send(fd, response, sizeof response - 1, MSG_NOSIGNAL) > 0;
    return n;
}

static void accept_one(int listen_fd, int epoll_fd)
{
    int on = 1, fd = accept(listen_fd, NULL, NULL);
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(epoll_fd, fd);
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_signal};
    double rate = argc == 2 ? atof(argv[1]) : 0;
    int epoll_fd = epoll_create1(0), listen_fd = rate > 0 ? listen_somewhere() : -1;
    size_t n = 0;
    if (listen_fd < 0) {
        fputs("usage: arrivals RATE\n", stderr);
        return 2;
    }
    sigaction(SIGTERM, &action, NULL);
    watch(epoll_fd, listen_fd);
    while (!stop) {
        struct epoll_event events[64];
        int ready = epoll_wait(epoll_fd, events, 64, 1000);
        double us = now_us();
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listen_fd)
                accept_one(listen_fd, epoll_fd);
            else
                for (size_t k = receive(events[i].data.fd); k && n < MOST; k--)
                    at_us[n++] = us;
        }
    }
    summarize(n, rate);
    return 0;
}
