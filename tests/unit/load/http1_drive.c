#include "http1_drive.h"

#include <stdlib.h>

#include "base/mem.h"
#include "load/http1.h"

struct drive {
    struct http1 http1;
    struct buf body, *out;
    const char *bytes;
    size_t at; /* the first byte not used */
};

/* Feeds what lies between drive->at and `end` until more is needed. Each piece is a copy of its
 * own, so that the sanitizer sees a read beyond it. */
static enum http1_event feed(struct drive *drive, size_t end)
{
    size_t len = end - drive->at, used = 0, from = 0;
    char *piece = mem_array(len ? len : 1, 1);
    enum http1_event event = HTTP1_HEAD;
    for (size_t i = 0; i < len; i++)
        piece[i] = drive->bytes[drive->at + i];
    while (event == HTTP1_HEAD) {
        event = http1_feed(&drive->http1, piece + from, len - from, &drive->body, &used);
        from += used;
        if (event == HTTP1_HEAD)
            buf_addf(drive->out, "%d %s seen=%d head=%.*s ", drive->http1.status,
                     drive->http1.keep_alive ? "keep" : "close", drive->http1.seen,
                     (int)drive->http1.head.len, drive->http1.head.at);
    }
    drive->at += from;
    free(piece);
    return event;
}

void http1_drive(const char *bytes, size_t len, bool is_head_request, const size_t *cuts,
                 size_t n_cuts, struct buf *out)
{
    struct drive drive = {.bytes = bytes, .out = out};
    enum http1_event event = HTTP1_MORE;
    http1_begin(&drive.http1, is_head_request);
    for (size_t i = 0; i <= n_cuts && event == HTTP1_MORE; i++)
        event = feed(&drive, i < n_cuts ? cuts[i] : len);
    if (event == HTTP1_MORE)
        event = http1_eof(&drive.http1);
    buf_addf(out, "body(%d)=%s ", (int)drive.http1.body_bytes, buf_text(&drive.body));
    if (event == HTTP1_FAILED)
        buf_addf(out, "failed: %s", drive.http1.reason);
    else
        buf_addf(out, "left over %zu", len - drive.at);
    buf_release(&drive.body);
}

void http1_drive_bytewise(const char *bytes, size_t len, bool is_head_request, struct buf *out)
{
    size_t *cuts = mem_array(len ? len : 1, sizeof(*cuts));
    for (size_t i = 0; i < len; i++)
        cuts[i] = i;
    http1_drive(bytes, len, is_head_request, cuts, len, out);
    free(cuts);
}
