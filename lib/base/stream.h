/*
 * Bytes of a file of any size, in pieces of at most STREAM_CHUNK, with a look at the first of them.
 *
 * What is compressed with gzip (RFC 1952; several members may follow each other) is undone on the
 * way, so that nobody above has to know; a file is taken for such by its first two bytes. Memory is
 * two pieces, whatever the size. A zeroed struct may be closed. The only user of zlib in base/.
 */
#ifndef PERFGATE_BASE_STREAM_H
#define PERFGATE_BASE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define STREAM_CHUNK ((size_t)64 << 10)

struct stream {
    const char *name; /* for messages; outlives the stream */
    int fd;           /* -1: `memory` holds all */
    struct span memory;
    char *bytes;              /* STREAM_CHUNK, what was read last */
    size_t n;                 /* of `bytes` */
    bool peeked;              /* `bytes` is yet to be handed out */
    bool begun;               /* its first bytes were looked at */
    bool ended;               /* nothing is left to read */
    struct stream_gzip *gzip; /* NULL unless compressed */
};

/* From an open descriptor, which stays the caller's. */
void stream_open(struct stream *stream, int fd, const char *name);

/* From memory, which outlives the stream. */
void stream_open_memory(struct stream *stream, struct span memory, const char *name);

/* The first bytes, STREAM_CHUNK of them unless there are fewer. Only before the first read, which
 * will bring them again. */
int stream_peek(struct stream *stream, struct span *out, struct err *err)
    __attribute__((warn_unused_result));

/* The next piece, valid until the next call; empty at the end. */
int stream_read(struct stream *stream, struct span *out, struct err *err)
    __attribute__((warn_unused_result));

/* Appends all that is left; more than `limit` bytes are an error. */
int stream_read_all(struct stream *stream, size_t limit, struct buf *out, struct err *err)
    __attribute__((warn_unused_result));

void stream_close(struct stream *stream);

#endif
