/*
 * Notifications: a verdict as what a destination takes, and its delivery.
 *
 * A kind of destination is a file that builds its message, and a row of the table in publish.c.
 * What a message is made of is decided already: the verdict, its texts as render/ has them, and a
 * severity. Secrets come in as texts, are in nothing but the message, and never in an error. When a
 * kind is added: a row in publish.c, its name and keys in model/notify.c, its page.
 */
#ifndef PERFGATE_PUBLISH_PUBLISH_H
#define PERFGATE_PUBLISH_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/notify.h"
#include "model/report.h"
#include "model/verdict.h"
#include "net/client.h"

/* What is told; all borrowed. */
struct publish_content {
    const struct verdict *verdict;
    const struct report *report; /* the candidate's, all its starts together; NULL = not at hand */
    enum notify_severity severity;
    const char *text, *html; /* the verdict for people, for mail */
    const char *prometheus;  /* its figures in Prometheus' text format, and the report's */
    const char *link;        /* where there is more; NULL = nowhere */
    const char *commit;      /* that was judged; NULL = not known */
    const char *app;         /* newrelic: the application that was measured; NULL = not known */
    const char *user_key;    /* newrelic: for the marker, a secret; NULL = no marker is made */
    int64_t now_ns;          /* wall clock */
};

enum { PUBLISH_MAX_HEADERS = 4 };

enum publish_coding { CODING_NONE, CODING_GZIP, CODING_DEFLATE };

/* What goes out. Owns its arena and its body. */
struct publish_message {
    struct arena arena;
    const struct notify_destination *to; /* borrowed */
    size_t part;                         /* of how many publish_parts() says, from 0 */
    const char *url;                     /* of HTTP */
    enum publish_coding coding;          /* in which the body goes out */
    bool lists_errors;                   /* an array `errors` in the answer: it was rejected */
    size_t n_headers;
    const char *headers[PUBLISH_MAX_HEADERS]; /* "Name: value" */
    const char *password;                     /* of mail and redis; NULL = none */
    const char *method;                       /* of HTTP */
    size_t n_commands;                        /* of redis */
    struct buf body;                          /* JSON, text, the mail, the commands */
};

/* The severity of a verdict, the worst of: that of each alert that fired; critical where a row
 * failed and is over its critical limit, an error where one failed; a warning where nothing could
 * be decided. */
enum notify_severity publish_severity(const struct verdict *verdict);

/* How many messages a destination takes: metrics go in batches, and the verdict as an event. */
size_t publish_parts(const struct publish_content *content, const struct notify_destination *to);

/* Builds one message for a destination; `secret` is the value of its variable (or what stands for
 * it where it is only shown), or NULL where it has none. */
void publish_build(const struct publish_content *content, const struct notify_destination *to,
                   const char *secret, size_t part, struct publish_message *out);
void publish_message_release(struct publish_message *message);

/* How one is delivered. */
struct publish_way {
    int64_t timeout_ns; /* of one attempt */
    int attempts;
    /* Waits before the next attempt; true: give up. */
    bool (*wait)(int64_t ns, void *context);
    void *context;
};

/* Sends it, again after a while where that may help: no answer, 429, and 5xx of HTTP, or 4yz of
 * mail. -1: it was not delivered. */
int publish_deliver(const struct publish_message *message, const struct publish_way *way,
                    struct err *err) __attribute__((warn_unused_result));

/* How long to wait after attempt number `attempt`, from 1, which had this answer; -1 = do not try
 * again. Twice as long each time, from a second on; Retry-After goes before, up to a minute. */
int64_t publish_wait_ns(bool is_mail, int attempt, const struct client_answer *answer);

/* The message as it would go out, for people. */
void publish_show(const struct publish_message *message, struct buf *out);

#endif
