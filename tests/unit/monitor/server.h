/*
 * An HTTP server for tests, on a thread: each connection gets answers from a list, in turn, and the
 * last one for ever.
 */
#ifndef PERFGATE_TESTS_MONITOR_SERVER_H
#define PERFGATE_TESTS_MONITOR_SERVER_H

#include <pthread.h>
#include <stddef.h>

/* An answer as it goes over the wire; NULL: the connection is closed without one, "": none comes.
 */
struct server {
    const char *const *answers;
    size_t n;
    int listener, wake[2];
    size_t given;    /* answers so far; read it after server_stop() */
    char head[4096]; /* of the last request */
    char url[64];
    pthread_t thread;
};

void server_start(struct server *server, const char *const *answers, size_t n);
void server_stop(struct server *server);

#endif
