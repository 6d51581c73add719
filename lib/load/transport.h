/*
 * The seam between a connection and what carries its bytes: a socket as it is (TCP or
 * Unix-domain, tcp.c), or TLS over one (tls.c).
 *
 * Every call returns at once. IO_RETRY means that the event loop will tell when to call again
 * (a source is registered for both directions, so nobody asks which), unless `more` is set. After
 * IO_ERROR `error` holds an errno value, or `reason` a sentence, and only close() may follow.
 */
#ifndef PERFGATE_LOAD_TRANSPORT_H
#define PERFGATE_LOAD_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

struct origin;

enum io_status { IO_OK, IO_ERROR, IO_RETRY };

/* One open stream of bytes. A zeroed struct is closed. */
struct stream {
    int fd;   /* 0 = none: descriptor 0 is never a socket of ours */
    int left; /* the transport's own, as `full` is: receives that a read() may still make */
    int error;
    const char *reason; /* a constant; NULL = `error` says why */
    void *session;      /* of transports that keep more than a descriptor */
    void *resume;       /* what the next connection to this origin can build on, or NULL; stays
                           through close(), until forget() */
    bool more;    /* after handshake() and read(): there may be bytes left that the event loop does
                     not know of, so that it will not tell: call read() again */
    bool full;    /* no receive of this call has found the socket empty */
    bool http2;   /* after handshake(): what both sides have agreed on */
    bool resumed; /* after handshake(): it was built on `resume` */
};

struct transport {
    /* Opens a socket and begins to connect it; stream->fd is valid after IO_OK. The stream stays
     * where it is until close(). */
    enum io_status (*connect)(struct stream *stream, const struct origin *origin);
    /* After the connection's first events, until it is IO_OK. */
    enum io_status (*handshake)(struct stream *stream);
    /* Fills at most `len` bytes; *got is 0 at the end of the stream. */
    enum io_status (*read)(struct stream *stream, char *bytes, size_t len, size_t *got);
    enum io_status (*write)(struct stream *stream, const char *bytes, size_t len, size_t *put);
    void (*close)(struct stream *stream);
    /* Frees stream->resume. NULL for a transport that never sets it. */
    void (*forget)(struct stream *stream);
};

extern const struct transport transport_tcp; /* also for Unix-domain sockets */
extern const struct transport transport_tls;

#endif
