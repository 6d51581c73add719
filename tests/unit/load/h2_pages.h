/* What the paths of the HTTP/2 server do (h2_server.h). */
#ifndef PERFGATE_TESTS_LOAD_H2_PAGES_H
#define PERFGATE_TESTS_LOAD_H2_PAGES_H

#include "h2_server.h"

struct nghttp2_session;

struct h2_stream {
    int32_t id;
    char method[8], path[48], cookie[48];
    size_t received;  /* bytes of the request's body */
    size_t left;      /* bytes of the response's body */
    bool endless;     /* it has no end */
    bool trailers;    /* come behind the body */
    bool is_complete; /* the request */
    struct h2_stream *next;
};

struct h2_client {
    struct h2_server *server;
    struct nghttp2_session *session;
    int fd;
    int number; /* from 1 */
    struct h2_stream *streams;
    int n_streams;
    bool dies; /* the connection is closed behind what has been handled */
};

/* The request is complete; that of /early is when its head is. */
void h2_pages_act(struct h2_client *client, struct h2_stream *stream);

#endif
