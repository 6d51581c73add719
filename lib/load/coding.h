/*
 * Content codings (RFC 9110, 8.4): a body as it was before the server compressed it, for captures
 * and expectations.
 *
 * gzip, deflate and br are undone, also several on top of each other. What comes out is bounded by
 * CODING_LIMIT, however little went in, and by the memory of the decoders. One file for each
 * foreign library: inflate.c for zlib, brotli.c for brotli; coding.c reads the header field.
 */
#ifndef PERFGATE_LOAD_CODING_H
#define PERFGATE_LOAD_CODING_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "load/http1.h"

#define CODING_LIMIT HTTP1_BODY_LIMIT /* bytes of a decoded body */
#define CODING_DEPTH 4                /* codings of one body */

enum coding_status {
    CODING_OK,
    CODING_BROKEN,    /* it is no such data */
    CODING_CUT,       /* it ends too early */
    CODING_OVER_LIMIT /* more than `limit` bytes came out */
};

/* Each appends what `in` decodes to; `out` may hold a part after a failure. */
enum coding_status coding_gunzip(struct span in, size_t limit, struct buf *out);
/* zlib's format (RFC 1950), which is what "deflate" means, or bare deflate, which some send. */
enum coding_status coding_inflate(struct span in, size_t limit, struct buf *out);
enum coding_status coding_unbrotli(struct span in, size_t limit, struct buf *out);

/* Memory that is used again; a zeroed struct is empty. */
struct coding_space {
    struct buf out[2];
};

/* Undoes what the head says was done to *body, which is then in `space` until the next call. -1:
 * why it cannot be read. */
int coding_undo(struct span head, struct coding_space *space, struct span *body, struct err *why)
    __attribute__((warn_unused_result));

void coding_space_release(struct coding_space *space);

#endif
