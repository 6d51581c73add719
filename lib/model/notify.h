/*
 * Who is told (`baselines/notify.json`, schema perfgate.notify/1): destinations by name, and which
 * of them hear of what severity.
 *
 * No secret is in it: a destination names the variable of the environment that has its own, which
 * cmd/ looks up. Described in perfgate-notify(5). A document owns its arena.
 */
#ifndef PERFGATE_MODEL_NOTIFY_H
#define PERFGATE_MODEL_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define NOTIFY_SCHEMA "perfgate.notify/1"
#define NOTIFY_LIMIT  ((size_t)256 << 10)

enum notify_kind {
    NOTIFY_EMAIL,
    NOTIFY_SLACK,
    NOTIFY_PAGERDUTY,
    NOTIFY_WEBHOOK,
    NOTIFY_PUSHGATEWAY,
    NOTIFY_REDIS,
    NOTIFY_DATADOG,
    NOTIFY_NEWRELIC,
    NOTIFY_KINDS
};
enum notify_tls { NOTIFY_STARTTLS, NOTIFY_TLS, NOTIFY_PLAIN };

/* How bad a verdict is. "ok" is one that passed and whose alerts are silent. */
enum notify_severity {
    NOTIFY_OK,
    NOTIFY_WARNING,
    NOTIFY_ERROR,
    NOTIFY_CRITICAL,
    NOTIFY_SEVERITIES
};

struct notify_destination {
    const char *name;
    int kind;           /* enum notify_kind */
    const char *secret; /* the variable that has it; NULL = it has none */
    const char *url;    /* not of Slack, whose URL is the secret, and of email */
    const char *server; /* email, here and below: NAME[:PORT] */
    int tls;            /* enum notify_tls */
    const char *user;   /* NULL = no login */
    const char *from;   /* an address alone */
    size_t n_to;
    const char **to;
    const char *ca_file;       /* of certificates to trust; NULL = the system's */
    const char *dedup_key;     /* pagerduty; NULL = made of the suite */
    int64_t account;           /* newrelic; 0 = no events are sent */
    const char *events_url;    /* … and where to; set where there is an account */
    const char *marker_secret; /* newrelic: the variable that has a user key; always set */
    const char *marker_url;    /* … and where markers go */
};

struct notify {
    struct arena arena;
    size_t n_destinations;
    struct notify_destination *destinations;
    bool *routes; /* NOTIFY_SEVERITIES rows of n_destinations: who hears of it */
};

int notify_decode(const char *bytes, size_t len, const char *source, struct notify *out,
                  struct err *err) __attribute__((warn_unused_result));
int notify_read(const char *path, struct notify *out, struct err *err)
    __attribute__((warn_unused_result));
void notify_release(struct notify *notify);

/* The number of a destination; n_destinations where there is none of the name. */
size_t notify_find(const struct notify *notify, const char *name);

bool notify_hears(const struct notify *notify, enum notify_severity severity, size_t destination);

/* "email", "slack", …; "ok", "warning", … */
const char *notify_kind_name(enum notify_kind kind);
const char *notify_severity_name(enum notify_severity severity);

#endif
