/*
 * A page over HTTP: one text at /metrics, which its owner replaces as often as it likes.
 *
 * A thread of libmicrohttpd's answers; a few connections at a time, each for a few seconds at most.
 * It reads nothing but the text, under a lock that is held for a copy. The only user of
 * libmicrohttpd in lib/.
 */
#ifndef PERFGATE_NET_SERVE_H
#define PERFGATE_NET_SERVE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct serve;

/* Listens at HOST:PORT: an address, [ADDRESS] of IPv6, or localhost; port 0 is a free one. -1:
 * ERR_USAGE where it is none, ERR_IO where it cannot be listened at. */
int serve_start(const char *at, const char *content_type, struct serve **out, struct err *err)
    __attribute__((warn_unused_result));

/* What is answered from now on; an empty text before the first. From any thread. */
void serve_set(struct serve *serve, const struct buf *text);

/* Ends it; NULL is nothing. */
void serve_stop(struct serve *serve);

#endif
