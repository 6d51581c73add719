/*
 * Sends a message's commands to Redis: redis://HOST[:PORT][/DATABASE]. hiredis makes the connection
 * and reads the replies; it would send a password in the clear, so one goes to the loopback alone.
 * The only user of hiredis.
 */
#include <string.h>
#include <sys/time.h>

#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/num.h"
#include "publish/kinds.h"

#define SCHEME       "redis://"
#define DEFAULT_PORT 6379

struct place {
    char host[256];
    int64_t port, database;
};

static int refuse_url(struct err *err)
{
    return err_set(err, ERR_USAGE, "expected redis://HOST, with :PORT and /DATABASE where needed");
}

/* What stands between two characters, as a number. */
static int take_number(const char *text, size_t len, int64_t high, int64_t *out)
{
    char digits[16] = "";
    struct err ignored = {0};
    if (!len || len >= sizeof digits)
        return -1;
    memcpy(digits, text, len);
    return num_parse_int(digits, "", 0, high, out, &ignored);
}

static int parse(const char *url, struct place *place, struct err *err)
{
    const char *host = url + strlen(SCHEME);
    *place = (struct place){.port = DEFAULT_PORT};
    if (strncmp(url, SCHEME, strlen(SCHEME)) != 0)
        return refuse_url(err);
    size_t authority = strcspn(host, "/"), len = strcspn(host, ":/");
    if (!len || len >= sizeof place->host)
        return refuse_url(err);
    memcpy(place->host, host, len);
    if (len < authority &&
        take_number(host + len + 1, authority - len - 1, 65535, &place->port) < 0)
        return refuse_url(err);
    const char *database = host + authority;
    if (database[0] && database[1] &&
        take_number(database + 1, strlen(database + 1), 1 << 20, &place->database) < 0)
        return refuse_url(err);
    return 0;
}

/* An error among the replies, also among those of a transaction; NULL where there is none. */
static const char *find_fault(const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ERROR)
        return reply->str;
    if (reply->type == REDIS_REPLY_NIL)
        return "the transaction was not done";
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++) {
        const char *fault = find_fault(reply->element[i]);
        if (fault)
            return fault;
    }
    return NULL;
}

/* A reply of Redis' own that refuses will be the same the next time. */
static int check_reply(redisContext *context, struct client_answer *answer, struct err *err)
{
    void *reply = NULL;
    if (redisGetReply(context, &reply) != REDIS_OK)
        return err_set(err, ERR_IO, "%s", context->errstr);
    const char *fault = find_fault(reply);
    answer->is_final = fault != NULL;
    int status = fault ? err_set(err, ERR_IO, "redis said: %s", fault) : 0;
    freeReplyObject(reply);
    return status;
}

/* Logs in, and chooses the database. */
static int begin(redisContext *context, const struct publish_message *message,
                 const struct place *place, struct client_answer *answer, struct err *err)
{
    int status = 0;
    if (message->password) {
        redisAppendCommand(context, "AUTH %s", message->password);
        status = check_reply(context, answer, err);
    }
    if (status == 0 && place->database) {
        redisAppendCommand(context, "SELECT %lld", (long long)place->database);
        status = check_reply(context, answer, err);
    }
    return status;
}

static int run(redisContext *context, const struct publish_message *message,
               const struct place *place, struct client_answer *answer, struct err *err)
{
    if (begin(context, message, place, answer, err) < 0)
        return -1;
    redisAppendFormattedCommand(context, buf_text(&message->body), message->body.len);
    for (size_t i = 0; i < message->n_commands; i++)
        if (check_reply(context, answer, err) < 0)
            return -1;
    return 0;
}

int redis_send(const struct publish_message *message, int64_t timeout_ns,
               struct client_answer *answer, struct err *err)
{
    struct place place;
    struct timeval limit = {.tv_sec = timeout_ns / NS_PER_S,
                            .tv_usec = timeout_ns % NS_PER_S / NS_PER_US};
    *answer = (struct client_answer){.retry_after_s = -1, .is_final = true};
    if (parse(message->url, &place, err) < 0)
        return -1;
    if (message->password && !client_is_loopback(place.host))
        return err_set(err, ERR_USAGE,
                       "a password goes to a Redis on the same machine alone: it would be in the "
                       "clear");
    answer->is_final = false;
    redisContext *context = redisConnectWithTimeout(place.host, (int)place.port, limit);
    if (!context)
        mem_exhausted();
    int status = context->err ? err_set(err, ERR_IO, "%s", context->errstr) : 0;
    if (status == 0) {
        redisSetTimeout(context, limit);
        status = run(context, message, &place, answer, err);
    }
    redisFree(context);
    return status;
}
