/*
 * The engine against servers that mean harm or have gone mad: each request is an error of the right
 * kind, the run goes on, and memory stays bounded. Redirect loops, garbage and early ends are in
 * test_run.c; what the parser refuses, at every split, in test_http1.c.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "run_scene.h"

#define GIGABYTE (INT64_C(1) << 30)

/* ---- the peer: one connection after the other, each request answered by `attack` ---- */

struct peer {
    int fd;
    char url[64];
    pthread_t thread;
    void (*attack)(int fd);
};

/* False once the client has gone. */
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

static bool say(int fd, const char *text)
{
    return put(fd, text, strlen(text));
}

static bool read_request(int fd)
{
    char bytes[4096];
    size_t len = 0;
    while (len < sizeof bytes - 1) {
        ssize_t n = recv(fd, bytes + len, sizeof bytes - 1 - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        bytes[len] = '\0';
        if (strstr(bytes, "\r\n\r\n"))
            return true;
    }
    return false;
}

static void *serve(void *argument)
{
    const struct peer *peer = argument;
    int fd;
    while ((fd = accept(peer->fd, NULL, NULL)) >= 0) {
        if (read_request(fd))
            peer->attack(fd);
        close(fd);
    }
    return NULL;
}

static void peer_start(struct peer *peer, void (*attack)(int fd))
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    *peer = (struct peer){.fd = socket(AF_INET, SOCK_STREAM, 0), .attack = attack};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(peer->fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(peer->fd, 64), 0);
    assert_int_equal(getsockname(peer->fd, (struct sockaddr *)&address, &len), 0);
    snprintf(peer->url, sizeof peer->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&peer->thread, NULL, serve, peer), 0);
}

static void peer_end(struct peer *peer)
{
    shutdown(peer->fd, SHUT_RDWR);
    pthread_join(peer->thread, NULL);
    close(peer->fd);
}

/* ---- the attacks ---- */

/* A byte now and then, for ever: each comes soon enough, the whole never. */
static void slow_body(int fd)
{
    struct timespec pause = {.tv_nsec = 5 * NS_PER_MS};
    bool going = say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (going) {
        nanosleep(&pause, NULL);
        going = say(fd, "x");
    }
}

static void slow_head(int fd)
{
    struct timespec pause = {.tv_nsec = 5 * NS_PER_MS};
    bool going = say(fd, "HTTP/1.1 200 OK\r\nX: ");
    while (going) {
        nanosleep(&pause, NULL);
        going = say(fd, "x");
    }
}

/* `first`, and then `again` without end. */
static void for_ever(int fd, const char *first, const char *again)
{
    static const size_t block = 1 << 16;
    char *many = malloc(block);
    size_t piece = strlen(again), len = block - block % piece;
    assert_non_null(many);
    for (size_t at = 0; at < len; at++)
        many[at] = again[at % piece];
    bool going = say(fd, first);
    while (going)
        going = put(fd, many, len);
    free(many);
}

static void endless_headers(int fd)
{
    for_ever(fd, "HTTP/1.1 200 OK\r\n", "X-More: of the same\r\n");
}

static void endless_line(int fd)
{
    for_ever(fd, "HTTP/1.1 200 OK\r\nX-Long: ", "x");
}

static void endless_trailers(int fd)
{
    for_ever(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X-More: of it\r\n");
}

static void endless_interim(int fd)
{
    for_ever(fd, "", "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n");
}

static void endless_extension(int fd)
{
    for_ever(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x");
}

static void bad_chunk(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n");
}

static void huge_chunk(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello");
}

static void long_chunk(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n");
}

static void two_lengths(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello");
}

static void negative_length(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello");
}

static void both_framings(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

static void nul_in_head(int fd)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n";
    put(fd, head, sizeof head - 1);
}

static void end_in_head(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\nContent-Le");
}

static void end_in_chunk(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhello");
}

static void big_body(int fd)
{
    static const size_t block = 1 << 16;
    char *zeros = calloc(1, block);
    char head[64];
    assert_non_null(zeros);
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\n\r\n",
             (long long)GIGABYTE);
    bool going = say(fd, head);
    for (int64_t left = GIGABYTE; left && going; left -= (int64_t)block)
        going = put(fd, zeros, block);
    free(zeros);
}

/* ---- the tests ---- */

static const struct report *run_against(struct scene *scene, struct peer *peer,
                                        void (*attack)(int fd))
{
    peer_start(peer, attack);
    scene->options.host = peer->url;
    scene->options.users = 1;
    return scene_run(scene);
}

static void test_hostile__each_is_an_error_of_its_kind(void **state)
{
    (void)state;
    static const struct {
        void (*attack)(int fd);
        const char *kind, *message;
    } rows[] = {
        {slow_body, "timeout", "request timeout"},
        {slow_head, "timeout", "request timeout"},
        {endless_interim, "timeout", "request timeout"},
        {endless_headers, "protocol", "more than 256 header lines"},
        {endless_line, "protocol", "a line of more than 16 KiB"},
        {endless_trailers, "protocol", "more than 256 trailers"},
        {endless_extension, "protocol", "a line of more than 16 KiB"},
        {bad_chunk, "protocol", "a malformed chunk size"},
        {huge_chunk, "protocol", "a chunk size out of range"},
        {long_chunk, "protocol", "a chunk longer than its size"},
        {two_lengths, "protocol", "two different Content-Lengths"},
        {negative_length, "protocol", "a Content-Length that is no number"},
        {both_framings, "protocol", "both Transfer-Encoding and Content-Length"},
        {nul_in_head, "protocol", "a control character in a line"},
        {end_in_head, "reset", "closed before the response was complete"},
        {end_in_chunk, "reset", "closed before the response was complete"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene scene;
        struct peer peer;
        scene_set_up(&scene, "\"request_timeout\": \"50ms\",",
                     "\"tasks\": [{\"get\": \"/\", \"expect\": {\"body_contains\": \"x\"}}]");
        scene.options.duration_ns = 500 * NS_PER_MS;
        const struct report *report = run_against(&scene, &peer, rows[i].attack);
        int64_t n = report->metrics.total_requests;
        assert_true(n > 1); /* it goes on */
        assert_int_equal(report->metrics.total_failures, n);
        assert_int_equal(report->n_errors, 1);
        assert_string_equal(report->errors[0].kind, rows[i].kind);
        if (!strstr(report->errors[0].message, rows[i].message))
            fail_msg("'%s' is not '%s'", report->errors[0].message, rows[i].message);
        scene_tear_down(&scene);
        peer_end(&peer);
    }
}

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* With sanitisers as well, a gigabyte that is kept is seen. */
static void test_hostile__a_gigabyte_is_read_and_not_kept(void **state)
{
    (void)state;
    static const char *const classes[] = {
        "\"tasks\": [{\"get\": \"/\"}]",
        "\"tasks\": [{\"get\": \"/\", \"expect\": {\"body_contains\": \"x\"}}]",
    };
    for (size_t i = 0; i < 2; i++) {
        struct scene scene;
        struct peer peer;
        long before_kib = peak_kib();
        scene_set_up(&scene, "\"request_timeout\": \"10m\",", classes[i]);
        scene.options.duration_ns = NS_PER_MS;
        const struct report *report = run_against(&scene, &peer, big_body);
        assert_int_equal(report->metrics.total_requests, 1);
        assert_int_equal(report->endpoints[0].content_bytes, GIGABYTE);
        assert_in_range(peak_kib() - before_kib, 0, 200 << 10);
        assert_int_equal(report->metrics.total_failures, i);
        if (i)
            assert_string_equal(report->errors[0].message,
                                "the body is over 8 MiB and is not looked into");
        scene_tear_down(&scene);
        peer_end(&peer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile__each_is_an_error_of_its_kind),
        cmocka_unit_test(test_hostile__a_gigabyte_is_read_and_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
