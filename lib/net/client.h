/*
 * HTTP and SMTP for what is sent to others: notifications, metrics. Never on the measured path.
 *
 * One request at a time, with a time limit; no redirect is followed, so that a secret goes nowhere
 * but where it was meant for. Plain http, of what may hold a secret, and SMTP without TLS are taken
 * for loopback addresses alone. An error says what happened and never the URL, a header, a user or
 * a password: any of them may be a secret. libcurl asks the environment for proxies (https_proxy
 * and so on) itself. libcurl is used here and in fetch.c alone.
 */
#ifndef PERFGATE_NET_CLIENT_H
#define PERFGATE_NET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Of a response's body, for messages; the rest is thrown away. */
#define CLIENT_ANSWER_LIMIT ((size_t)64 << 10)

struct client_request {
    const char *method; /* "POST", "PUT" */
    const char *url;
    const char *const *headers; /* "Name: value"; a Content-Type has to be among them */
    size_t n_headers;
    const struct buf *body;
    const char *ca_file; /* of certificates to trust; NULL = the system's */
    bool may_be_clear;   /* nothing in it is a secret: it may go by http to other machines */
    int64_t timeout_ns;
};

/* Zero is no answer. */
struct client_answer {
    long status; /* of HTTP or SMTP; 0 = none came */
    struct buf body;
    int64_t retry_after_s; /* what Retry-After asks for; -1 = nothing */
    bool is_final;         /* the same again would come to the same: a certificate, a login */
};

enum client_tls { CLIENT_STARTTLS, CLIENT_TLS, CLIENT_PLAIN };

struct client_mail {
    const char *server; /* NAME[:PORT] */
    enum client_tls tls;
    const char *user, *password; /* NULL = no login */
    const char *from;            /* addresses alone */
    const char *const *to;
    size_t n_to;
    const struct buf *message; /* RFC 5322, lines end with CR LF */
    const char *ca_file;
    int64_t timeout_ns;
};

/* Sends; 0 where an answer came, whatever it says, else -1 with ERR_IO. ERR_USAGE: a URL that is
 * none, or that would send in the clear. Release the answer either way. */
int client_send(const struct client_request *request, struct client_answer *answer, struct err *err)
    __attribute__((warn_unused_result));

/* Hands a mail to a server. -1 with ERR_IO: it was not taken; `answer` then has the status of the
 * server's refusal, where there was one. */
int client_mail(const struct client_mail *mail, struct client_answer *answer, struct err *err)
    __attribute__((warn_unused_result));

/* True for the loopback: localhost, 127.0.0.0/8, [::1], with or without a port behind it. */
bool client_is_loopback(const char *authority);

void client_answer_release(struct client_answer *answer);

#endif
