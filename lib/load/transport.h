/*
 * The seam between a connection and what carries its bytes: TCP now, TLS and Unix-domain sockets
 * as one file each beside tcp.c.
 *
 * Every call returns at once. IO_RETRY means that the event loop will tell when to call again
 * (a source is registered for both directions, so nobody asks which). After IO_ERROR `error` holds
 * an errno value, or `reason` a sentence, and only close() may follow.
 */
#ifndef PERFGATE_LOAD_TRANSPORT_H
#define PERFGATE_LOAD_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

struct origin;

enum io_status { IO_OK, IO_ERROR, IO_RETRY };

/* One open stream of bytes. A zeroed struct is closed. */
struct stream {
    int fd; /* 0 = none: descriptor 0 is never a socket of ours */
    int error;
    const char *reason; /* a constant; NULL = `error` says why */
    void *session;      /* of transports that keep more than a descriptor */
    bool http2;         /* after the handshake: what both sides have agreed on */
};

struct transport {
    /* Opens a socket and begins to connect it; stream->fd is valid after IO_OK. */
    enum io_status (*connect)(struct stream *stream, const struct origin *origin);
    /* After the connection's first events, until it is IO_OK. */
    enum io_status (*handshake)(struct stream *stream);
    /* Fills at most `len` bytes; *got is 0 at the end of the stream. */
    enum io_status (*read)(struct stream *stream, char *bytes, size_t len, size_t *got);
    enum io_status (*write)(struct stream *stream, const char *bytes, size_t len, size_t *put);
    void (*close)(struct stream *stream);
};

extern const struct transport transport_tcp;

#endif
