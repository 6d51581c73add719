/*
 * The kinds of destinations, for publish.c's table, and what they share.
 */
#ifndef PERFGATE_PUBLISH_KINDS_H
#define PERFGATE_PUBLISH_KINDS_H

#include "base/json.h"
#include "publish/publish.h"

/* Each fills url, headers and body of `out`, into its arena; `to` and `part` are there. */
void email_build(const struct publish_content *content, const char *secret,
                 struct publish_message *out);
void slack_build(const struct publish_content *content, const char *secret,
                 struct publish_message *out);
void pagerduty_build(const struct publish_content *content, const char *secret,
                     struct publish_message *out);
void webhook_build(const struct publish_content *content, const char *secret,
                   struct publish_message *out);

void pushgateway_build(const struct publish_content *content, const char *secret,
                       struct publish_message *out);
void datadog_build(const struct publish_content *content, const char *secret,
                   struct publish_message *out);
void newrelic_build(const struct publish_content *content, const char *secret,
                    struct publish_message *out);
/* How many messages these take. */
size_t datadog_parts(const struct publish_content *content, const struct notify_destination *to);
size_t newrelic_parts(const struct publish_content *content, const struct notify_destination *to);
void redis_build(const struct publish_content *content, const char *secret,
                 struct publish_message *out);

/* Sends the commands of a message for redis. */
int redis_send(const struct publish_message *message, int64_t timeout_ns,
               struct client_answer *answer, struct err *err) __attribute__((warn_unused_result));

/* "fail: demo: average +50 %…": the verdict in a line without control characters, at most `limit`
 * bytes of whole characters. */
void publish_add_title(struct buf *out, const struct publish_content *content, size_t limit);

/* `text` without control characters, cut to whole characters of at most `limit` bytes. */
void publish_add_line(struct buf *out, const char *text, size_t limit);

/* The next alert that fired, or failing row, as a line; false after the last. Begin with 0. */
bool publish_next_finding(const struct verdict *verdict, size_t *i, struct buf *line);

/* The rows that are figures of the candidate, one after the other; NULL after the last. Begin with
 * 0. */
const struct verdict_row *publish_next_figure(const struct verdict *verdict, size_t *i);

/* Metrics in one request: some 250 bytes each, far below what APIs take. */
#define PUBLISH_BATCH ((size_t)1000)

/* How many requests the figures make, and the figures of one of them. */
size_t publish_batches(const struct verdict *verdict);
void publish_batch(const struct publish_content *content, size_t part,
                   void (*put)(struct js_writer *writer, const struct publish_content *content,
                               const struct verdict_row *row),
                   struct js_writer *writer);

/* A URL without slashes at its end. */
void publish_add_base(struct buf *out, const char *url);

void publish_add_header(struct publish_message *out, const char *header);

#endif
