/*
 * A scripted HTTPS server for the tests of the engine: a thread for each connection, blocking, on a
 * free port of 127.0.0.1, with a certificate of its own making that signs itself. What it does
 * depends on the path (see tls_server.c).
 */
#ifndef PERFGATE_TESTS_LOAD_TLS_SERVER_H
#define PERFGATE_TESTS_LOAD_TLS_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* What a connection meets instead of a handshake. */
enum tls_manner { TLS_PROPER, TLS_PLAIN, TLS_GARBAGE, TLS_CLOSE, TLS_SILENT };

/* Zeroed fields have the meaning that is noted. */
struct tls_server_setup {
    const char *names;      /* of the certificate; NULL = localhost and 127.0.0.1 */
    int version;            /* TLS1_2_VERSION or TLS1_3_VERSION alone; 0 = both */
    bool expired;           /* the certificate */
    bool wants_certificate; /* of the client, the same as its own */
    bool speaks_http2;      /* takes it where it is offered */
    enum tls_manner manner; /* of all connections but the first `proper` ones */
    int proper;
};

struct tls_server {
    struct tls_server_setup setup;
    int fd;
    char url[64];         /* https://localhost:PORT */
    char certificate[64]; /* files, in PEM */
    char key[64];
    void *context;
    pthread_t thread;
    atomic_int connections; /* accepted */
    atomic_int handshakes;  /* completed */
    atomic_int resumed;     /* of these */
    atomic_int requests;    /* read */
    atomic_int flooded;     /* floods of tickets that have been sent */
    atomic_int open;        /* connection threads that have not ended */
};

void tls_server_start(struct tls_server *server, const struct tls_server_setup *setup);

/* Takes no connections any more and waits for the end of those that there are: the client must have
 * closed them. */
void tls_server_settle(struct tls_server *server);

/* Settles, and removes the files. */
void tls_server_end(struct tls_server *server);

#endif
