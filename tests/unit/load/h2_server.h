/*
 * A scripted HTTP/2 server for the tests of the engine, with prior knowledge on a free port of
 * 127.0.0.1: a thread for each connection, blocking reads. What it does depends on the path (see
 * h2_server.c), or it plays bytes that no server would send (struct h2_server_raw).
 */
#ifndef PERFGATE_TESTS_LOAD_H2_SERVER_H
#define PERFGATE_TESTS_LOAD_H2_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server.h"

/* Instead of HTTP/2: `first` behind the client's first bytes, then `again` until nobody reads it;
 * without `again` the connection stays open. */
struct h2_server_raw {
    const char *first;
    size_t first_len;
    const char *again;
    size_t again_len;
};

struct h2_server {
    struct h2_server_raw raw;
    uint32_t max_streams; /* of a connection at a time; 0 = as many as come */
    uint32_t window;      /* the streams' initial one; 0 = the default */
    bool no_window;       /* it is 0 and stays so */

    int fd;
    char url[64];
    pthread_t thread;
    atomic_int requests;    /* read completely, refused ones and those above a GOAWAY among them */
    atomic_int responses;   /* begun */
    atomic_int refused;     /* with REFUSED_STREAM */
    atomic_int away;        /* connections that sent a GOAWAY */
    atomic_int connections; /* accepted */
    atomic_int open;        /* connection threads that have not ended */
    atomic_int most;        /* streams at a time on a connection */
    atomic_int pongs;       /* PINGs that were answered */
    atomic_int pushes;      /* that the client would have taken */
    pthread_mutex_t mutex;
    struct server_entry *log; /* of the requests of /wait, in the order of read_ns */
    size_t n_log, log_capacity;
};

/* The settings above must be set, all else zero. */
void h2_server_start(struct h2_server *server);

/* Takes no connections any more, and waits for the end of those that there are: the engine must
 * have closed them. */
void h2_server_end(struct h2_server *server);

/* Frees the log, once the server has ended. */
void h2_server_release(struct h2_server *server);

#endif
