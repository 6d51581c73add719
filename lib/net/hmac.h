/*
 * HMAC-SHA256 (RFC 2104, FIPS 180-4), by OpenSSL.
 */
#ifndef PERFGATE_NET_HMAC_H
#define PERFGATE_NET_HMAC_H

#include <stddef.h>

#include "base/buf.h"

/* Appends the code of `len` bytes under `key`, as 64 hexadecimal digits. */
void hmac_add_sha256(struct buf *out, const char *key, const char *bytes, size_t len);

#endif
