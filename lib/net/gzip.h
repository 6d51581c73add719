/*
 * Compression of what is sent, by zlib: gzip (RFC 1952), and what HTTP calls deflate (RFC 1950).
 */
#ifndef PERFGATE_NET_GZIP_H
#define PERFGATE_NET_GZIP_H

#include "base/buf.h"

/* Appends `from`, compressed. */
void gzip_add(struct buf *out, const struct buf *from);
void gzip_add_deflate(struct buf *out, const struct buf *from);

#endif
