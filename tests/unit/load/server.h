/*
 * A scripted HTTP/1.1 server for the tests of the engine: a thread for each connection, blocking
 * reads, on a free port of 127.0.0.1. What it does depends on the path (see server.c); it logs
 * every request that it has read completely.
 */
#ifndef PERFGATE_TESTS_LOAD_SERVER_H
#define PERFGATE_TESTS_LOAD_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* A line of the log. Times are monotonic: the client began to send before `read_ns`, and could not
 * have the response before `answered_ns`. */
struct server_entry {
    int connection; /* from 1 */
    char path[24];
    int64_t read_ns;
    int64_t answered_ns; /* 0 = never */
};

struct server {
    int fd;
    char url[64]; /* http://127.0.0.1:PORT */
    pthread_t thread;
    atomic_int requests;    /* read */
    atomic_int responses;   /* written completely */
    atomic_int connections; /* accepted */
    atomic_int open;        /* connection threads that have not ended */
    atomic_int delay_us;    /* before each response */
    atomic_bool frozen;     /* while it is set, nothing is read and nothing answered */
    pthread_mutex_t mutex;
    pthread_cond_t met;
    int n_meeting, n_met;     /* requests of /meet that wait; times that enough of them did */
    struct server_entry *log; /* in the order of read_ns; read it after server_settle() */
    size_t n_log, log_capacity;
};

void server_start(struct server *server);

/* Closes the listening socket: new connections are refused from now on. */
void server_stop_listening(struct server *server);

/* Takes no connections any more and waits for the end of those that there are: the engine must have
 * closed them. */
void server_settle(struct server *server);

/* Settles, and frees the log. */
void server_end(struct server *server);

#endif
