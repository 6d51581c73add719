/*
 * The login of a push, and what of it must never be seen. Private to lib/store.
 *
 * HTTP: PERFGATE_TOKEN, else the login that git's configuration adds (push_header.h), else
 * GITHUB_TOKEN, which only GITHUB_SERVER_URL's host is sent. A user and a password in the URL are
 * tried first, by libgit2. A token is sent over https alone (http on a loopback host); libgit2 is
 * told to follow no redirect to another host, so that none of this gets there. SSH: the keys of the
 * ssh-agent; a host must be in ~/.ssh/known_hosts, which libgit2 1.5 itself looks at.
 *
 * A login is tried once. libgit2 asks again for as long as a server refuses, so the second time is
 * the end; push_login_explain() then says why, in words that name what to set.
 */
#ifndef PERFGATE_STORE_PUSH_LOGIN_H
#define PERFGATE_STORE_PUSH_LOGIN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "store/push.h"
#include "store/push_address.h"
#include "store/push_header.h"

struct git_remote_callbacks;

struct push_login {
    const struct push_address *address; /* borrowed */
    const struct push_access *access;   /* borrowed */
    struct push_headers headers;        /* to be sent with each request */
    bool has_login_header;
    const char *token;      /* the one to send; NULL = none */
    const char *token_name; /* of its variable */
    size_t n_secrets;
    const char **secrets; /* what is never shown */
    /* what came of it */
    bool is_tried, is_refused, has_no_user, is_unknown_host;
};

/* Texts are in the arena. */
int push_login_start(const struct repo *repo, const struct push_address *address,
                     const struct push_access *access, struct arena *arena, struct push_login *out,
                     struct err *err) __attribute__((warn_unused_result));

/* Sets the callbacks for credentials and certificates; the payload must be the login. */
void push_login_set(struct git_remote_callbacks *callbacks);

/* Before each connection: a login may be tried again. */
void push_login_renew(struct push_login *login);

/* Why libgit2 failed, where the login is the reason: fills `err` and returns true. `said` is
 * libgit2's message. */
bool push_login_explain(const struct push_login *login, const char *said, struct err *err);

/* Appends a text that came from outside, with *** for each secret in it. */
void push_login_hide(const struct push_login *login, const char *text, struct buf *out);

#endif
