#include "cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/num.h"

enum { RETRY_S = 1, HOST_SIZE = 256 };

struct cache {
    const char *path; /* NULL: host and port */
    char host[HOST_SIZE];
    int64_t port;
    redisContext *context; /* NULL: lost */
    int64_t retry_ns;      /* when it may be tried anew, monotonic */
};

static int parse(const char *address, struct cache *cache, struct err *err)
{
    const char *colon = strrchr(address, ':');
    size_t len = colon ? (size_t)(colon - address) : 0;
    if (!strncmp(address, "unix:", 5)) {
        cache->path = address + 5;
        return 0;
    }
    bool brackets = len > 2 && address[0] == '[' && address[len - 1] == ']';
    if (!len || len >= sizeof cache->host)
        return err_set(err, ERR_USAGE,
                       "'--cache %s': expected unix:PATH or HOST:PORT such as 127.0.0.1:6379",
                       address);
    memcpy(cache->host, address + brackets, len - 2 * brackets);
    return num_parse_int(colon + 1, "--cache", 1, 65535, &cache->port, err);
}

static void drop(struct cache *cache)
{
    if (cache->context)
        redisFree(cache->context);
    cache->context = NULL;
}

static int dial(struct cache *cache, struct err *err)
{
    const struct timeval limit = {.tv_sec = CACHE_WAIT_S};
    cache->context = cache->path ? redisConnectUnixWithTimeout(cache->path, limit)
                                 : redisConnectWithTimeout(cache->host, (int)cache->port, limit);
    if (!cache->context)
        mem_exhausted();
    if (!cache->context->err && redisSetTimeout(cache->context, limit) == REDIS_OK)
        return 0;
    err_set(err, ERR_IO, "cannot reach the cache: %s", cache->context->errstr);
    drop(cache);
    cache->retry_ns = clock_monotonic_ns() + RETRY_S * NS_PER_S;
    return -1;
}

static int prepare(struct cache *cache, struct err *err)
{
    if (cache->context)
        return 0;
    if (clock_monotonic_ns() < cache->retry_ns)
        return err_set(err, ERR_IO, "the cache is lost, and not tried again yet");
    return dial(cache, err);
}

/* Checks a reply; NULL where it is none or an error, with the connection closed where it is lost.
 */
static redisReply *check(struct cache *cache, void *answer, struct err *err)
{
    redisReply *reply = answer;
    if (!reply) {
        err_set(err, ERR_IO, "the cache is lost: %s", cache->context->errstr);
        drop(cache);
        return NULL;
    }
    if (reply->type != REDIS_REPLY_ERROR)
        return reply;
    err_set(err, ERR_IO, "the cache refused: %s", reply->str);
    freeReplyObject(reply);
    return NULL;
}

int cache_open(const char *address, struct cache **out, struct err *err)
{
    struct cache *cache = mem_new(sizeof *cache);
    if (parse(address, cache, err) || dial(cache, err) || cache_ping(cache, err)) {
        cache_close(cache);
        return -1;
    }
    *out = cache;
    return 0;
}

void cache_close(struct cache *cache)
{
    if (!cache)
        return;
    drop(cache);
    free(cache);
}

int cache_ping(struct cache *cache, struct err *err)
{
    if (prepare(cache, err))
        return -1;
    redisReply *reply = check(cache, redisCommand(cache->context, "PING"), err);
    if (!reply)
        return -1;
    freeReplyObject(reply);
    return 0;
}

int cache_get(struct cache *cache, const char *key, struct buf *out, struct err *err)
{
    if (prepare(cache, err))
        return -1;
    redisReply *reply = check(cache, redisCommand(cache->context, "GET %s", key), err);
    if (!reply)
        return -1;
    int found = reply->type == REDIS_REPLY_STRING;
    if (found)
        buf_add(out, reply->str, reply->len);
    freeReplyObject(reply);
    return found;
}

int cache_put(struct cache *cache, const char *key, const char *bytes, size_t len, struct err *err)
{
    if (prepare(cache, err))
        return -1;
    redisReply *reply = check(
        cache, redisCommand(cache->context, "SETEX %s %d %b", key, (int)CACHE_KEEP_S, bytes, len),
        err);
    if (!reply)
        return -1;
    freeReplyObject(reply);
    return 0;
}
