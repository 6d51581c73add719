#include "net/gzip.h"

#include <limits.h>
#include <string.h>

#include <zlib.h>

#include "base/mem.h"

#define WINDOW      15
#define GZIP_HEADER 16 /* more than the window: not zlib's header but gzip's */
#define MEMORY      8  /* zlib's default */

static void add(struct buf *out, const struct buf *from, int window)
{
    z_stream stream;
    struct buf copy = {0}; /* zlib's input has no const */
    memset(&stream, 0, sizeof stream);
    if (from->len > UINT_MAX / 2 || deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window,
                                                 MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        mem_exhausted();
    buf_add(&copy, buf_text(from), from->len);
    size_t room = deflateBound(&stream, (uLong)from->len);
    stream.next_in = (Bytef *)copy.data;
    stream.avail_in = (uInt)copy.len;
    stream.next_out = (Bytef *)buf_reserve(out, room);
    stream.avail_out = (uInt)room;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        mem_exhausted();
    out->len += room - stream.avail_out;
    deflateEnd(&stream);
    buf_release(&copy);
}

void gzip_add(struct buf *out, const struct buf *from)
{
    add(out, from, WINDOW + GZIP_HEADER);
}

void gzip_add_deflate(struct buf *out, const struct buf *from)
{
    add(out, from, WINDOW);
}
