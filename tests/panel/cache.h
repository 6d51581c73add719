/*
 * A cache in Redis: texts by key, each for CACHE_KEEP_S.
 *
 * Each server thread has a connection of its own that no other thread touches, and waits for an
 * answer for CACHE_WAIT_S at most. Where there is none, the connection is closed, and the next call
 * connects anew; where that fails, those of the next second fail at once. Keys carry a name that
 * the caller chose for its process, so that several panels may share a Redis. The only user of
 * hiredis here.
 */
#ifndef PANEL_CACHE_H
#define PANEL_CACHE_H

#include "base/buf.h"
#include "base/err.h"

enum { CACHE_KEEP_S = 60, CACHE_WAIT_S = 1, CACHE_KEY_SIZE = 128 };

struct cache;

/* Connects. `address` is unix:PATH or HOST:PORT, an IPv6 address in brackets; it is borrowed. */
int cache_open(const char *address, struct cache **out, struct err *err)
    __attribute__((warn_unused_result));
void cache_close(struct cache *cache);

/* 1 and the text added to `out`; 0: it is not there; -1: no answer. */
int cache_get(struct cache *cache, const char *key, struct buf *out, struct err *err)
    __attribute__((warn_unused_result));

int cache_put(struct cache *cache, const char *key, const char *bytes, size_t len, struct err *err)
    __attribute__((warn_unused_result));

/* Whether it answers. */
int cache_ping(struct cache *cache, struct err *err) __attribute__((warn_unused_result));

#endif
