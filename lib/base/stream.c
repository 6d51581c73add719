#include "base/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"

#define GZIP_WINDOW (15 + 16) /* zlib: the largest window, in the format of gzip */

struct stream_gzip {
    z_stream z;
    Bytef input[STREAM_CHUNK];
    bool at_end; /* of a member: the file may end here */
};

void stream_open(struct stream *stream, int fd, const char *name)
{
    *stream = (struct stream){.name = name, .fd = fd, .bytes = mem_array(STREAM_CHUNK, 1)};
}

void stream_open_memory(struct stream *stream, struct span memory, const char *name)
{
    stream_open(stream, -1, name);
    stream->memory = memory;
}

/* Up to `size` bytes as they lie in the file; 0 at its end. */
static ssize_t read_some(struct stream *stream, void *out, size_t size, struct err *err)
{
    if (stream->fd < 0) {
        size_t n = stream->memory.len < size ? stream->memory.len : size;
        if (n)
            memcpy(out, stream->memory.at, n);
        stream->memory = (struct span){stream->memory.at + n, stream->memory.len - n};
        return (ssize_t)n;
    }
    for (;;) {
        ssize_t got = read(stream->fd, out, size);
        if (got >= 0)
            return got;
        if (errno != EINTR)
            return err_set_errno(err, errno, "cannot read '%s'", stream->name);
    }
}

static int read_full(struct stream *stream, void *out, size_t size, size_t *n, struct err *err)
{
    char *at = out;
    for (*n = 0; *n < size;) {
        ssize_t got = read_some(stream, at + *n, size - *n, err);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        *n += (size_t)got;
    }
    return 0;
}

/* ---- gzip ---- */

static bool is_gzip(const char *bytes, size_t n)
{
    return n >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0;
}

/* Takes what was read for the compressed bytes that it is. */
static void begin_gzip(struct stream *stream)
{
    struct stream_gzip *gzip = mem_new(sizeof *gzip);
    if (inflateInit2(&gzip->z, GZIP_WINDOW) != Z_OK)
        mem_exhausted();
    memcpy(gzip->input, stream->bytes, stream->n);
    gzip->z.next_in = gzip->input;
    gzip->z.avail_in = (uInt)stream->n;
    stream->gzip = gzip;
}

static int refill(struct stream *stream, struct err *err)
{
    struct stream_gzip *gzip = stream->gzip;
    size_t n;
    if (gzip->z.avail_in)
        return 0;
    if (read_full(stream, gzip->input, STREAM_CHUNK, &n, err) < 0)
        return -1;
    gzip->z.next_in = gzip->input;
    gzip->z.avail_in = (uInt)n;
    if (n || gzip->at_end)
        return 0;
    return err_set(err, ERR_INPUT,
                   "'%s': the compressed data ends too early; expected a whole gzip file, copy it "
                   "again",
                   stream->name);
}

/* Undoes what fits; the end of the file is behind the end of a member. */
static int inflate_some(struct stream *stream, struct err *err)
{
    struct stream_gzip *gzip = stream->gzip;
    if (refill(stream, err) < 0)
        return -1;
    if (!gzip->z.avail_in) {
        stream->ended = true;
        return 0;
    }
    if (gzip->at_end && inflateReset(&gzip->z) != Z_OK)
        mem_exhausted();
    gzip->at_end = false;
    int code = inflate(&gzip->z, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR)
        mem_exhausted();
    gzip->at_end = code == Z_STREAM_END;
    if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR)
        return 0;
    return err_set(err, ERR_INPUT,
                   "'%s': the compressed data is damaged; expected a gzip file, copy it again",
                   stream->name);
}

static int fill_gzip(struct stream *stream, struct err *err)
{
    z_stream *z = &stream->gzip->z;
    z->next_out = (Bytef *)stream->bytes;
    z->avail_out = (uInt)STREAM_CHUNK;
    while (z->avail_out && !stream->ended)
        if (inflate_some(stream, err) < 0)
            return -1;
    stream->n = STREAM_CHUNK - z->avail_out;
    return 0;
}

/* ---- reading ---- */

static int fill(struct stream *stream, struct err *err)
{
    stream->n = 0;
    if (stream->ended)
        return 0;
    if (stream->gzip)
        return fill_gzip(stream, err);
    if (read_full(stream, stream->bytes, STREAM_CHUNK, &stream->n, err) < 0)
        return -1;
    stream->ended = stream->n < STREAM_CHUNK;
    bool first = !stream->begun;
    stream->begun = true;
    if (!first || !is_gzip(stream->bytes, stream->n))
        return 0;
    begin_gzip(stream);
    stream->ended = false;
    return fill_gzip(stream, err);
}

int stream_peek(struct stream *stream, struct span *out, struct err *err)
{
    if (!stream->peeked) {
        if (fill(stream, err) < 0)
            return -1;
        stream->peeked = true;
    }
    *out = (struct span){stream->bytes, stream->n};
    return 0;
}

int stream_read(struct stream *stream, struct span *out, struct err *err)
{
    if (!stream->peeked && fill(stream, err) < 0)
        return -1;
    stream->peeked = false;
    *out = (struct span){stream->bytes, stream->n};
    return 0;
}

int stream_read_all(struct stream *stream, size_t limit, struct buf *out, struct err *err)
{
    struct span piece;
    size_t total = 0;
    do {
        if (stream_read(stream, &piece, err) < 0)
            return -1;
        total += piece.len;
        if (total > limit)
            return err_set(err, ERR_INPUT, "'%s' is larger than %zu bytes, the limit for it",
                           stream->name, limit);
        buf_add(out, piece.at, piece.len);
    } while (piece.len);
    return 0;
}

void stream_close(struct stream *stream)
{
    if (stream->gzip)
        inflateEnd(&stream->gzip->z);
    free(stream->gzip);
    free(stream->bytes);
    *stream = (struct stream){0};
}
