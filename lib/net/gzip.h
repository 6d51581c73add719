/*
 * Compression of what is sent (RFC 1952), by zlib.
 */
#ifndef PERFGATE_NET_GZIP_H
#define PERFGATE_NET_GZIP_H

#include "base/buf.h"

/* Appends `from`, compressed. */
void gzip_add(struct buf *out, const struct buf *from);

#endif
