/* The codings gzip and deflate, through zlib. */
#define ZLIB_CONST /* it does not write to its input, and then says so */
#include <zlib.h>

#include "base/mem.h"
#include "load/coding.h"

#define CHUNK ((size_t)32 << 10)

/* What inflateInit2() calls windowBits: the largest window, and of which format. */
enum format { FORMAT_RAW = -15, FORMAT_ZLIB = 15, FORMAT_GZIP = 15 + 16 };

/* One stream; *in moves behind it. */
static enum coding_status inflate_stream(z_stream *stream, size_t limit, struct buf *out)
{
    for (;;) {
        stream->next_out = (Bytef *)buf_reserve(out, CHUNK);
        stream->avail_out = CHUNK;
        int code = inflate(stream, Z_NO_FLUSH);
        out->len += CHUNK - stream->avail_out;
        if (code == Z_MEM_ERROR)
            mem_exhausted();
        if (out->len > limit)
            return CODING_OVER_LIMIT;
        if (code == Z_STREAM_END)
            return CODING_OK;
        if (code == Z_BUF_ERROR || (code == Z_OK && !stream->avail_in && stream->avail_out))
            return CODING_CUT;
        if (code != Z_OK)
            return CODING_BROKEN;
    }
}

/* RFC 1952, 2.2: a gzip file may be several members, one after the other. */
static enum coding_status inflate_all(struct span in, enum format format, size_t limit,
                                      struct buf *out)
{
    z_stream stream = {0};
    if (inflateInit2(&stream, (int)format) != Z_OK)
        mem_exhausted();
    stream.next_in = (const Bytef *)in.at;
    stream.avail_in = (uInt)in.len;
    enum coding_status status = inflate_stream(&stream, limit, out);
    while (status == CODING_OK && stream.avail_in && format == FORMAT_GZIP &&
           inflateReset(&stream) == Z_OK)
        status = inflate_stream(&stream, limit, out);
    if (status == CODING_OK && stream.avail_in)
        status = CODING_BROKEN;
    inflateEnd(&stream);
    buf_add(out, "", 0); /* ends it there */
    return status;
}

enum coding_status coding_gunzip(struct span in, size_t limit, struct buf *out)
{
    return inflate_all(in, FORMAT_GZIP, limit, out);
}

enum coding_status coding_inflate(struct span in, size_t limit, struct buf *out)
{
    size_t before = out->len;
    enum coding_status status = inflate_all(in, FORMAT_ZLIB, limit, out);
    if (status != CODING_BROKEN)
        return status;
    out->len = before;
    return inflate_all(in, FORMAT_RAW, limit, out);
}
