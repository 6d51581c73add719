/*
 * Base64 with padding (RFC 4648, 4).
 */
#ifndef PERFGATE_BASE_BASE64_H
#define PERFGATE_BASE_BASE64_H

#include <stddef.h>

#include "base/buf.h"

void base64_add(struct buf *out, const char *bytes, size_t len);

#endif
