/*
 * Where a push goes: the name of a remote, a URL or a path, as the user typed it, made into an
 * address. Private to lib/store.
 *
 * Taken apart here rather than by net/url.h, because git's addresses are more than URLs
 * (host:path) and hold what must not be printed: `name` is what messages call the remote, without
 * the user and the password that the URL may have.
 */
#ifndef PERFGATE_STORE_PUSH_ADDRESS_H
#define PERFGATE_STORE_PUSH_ADDRESS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/repo.h"

enum push_scheme { PUSH_PATH, PUSH_HTTP, PUSH_HTTPS, PUSH_SSH };

/* Texts are in the arena; "" where the address does not have the part. */
struct push_address {
    enum push_scheme scheme;
    const char *name;     /* "origin", or the URL or path without user and password */
    const char *url;      /* of PUSH_PATH the path */
    const char *userinfo; /* USER or USER:PASSWORD, as written */
    const char *host;     /* lower case; IPv6 in its brackets */
    const char *port;     /* the scheme's own where none is written */
    const char *path;     /* behind the host, with its slash */
};

/* What `remote` names: a remote of the repository, where it has one of that name (its pushurl, else
 * its url), else an address; url.*.insteadOf counts in both cases. */
int push_address_find(const struct repo *repo, const char *remote, struct arena *arena,
                      struct push_address *out, struct err *err)
    __attribute__((warn_unused_result));

/* Takes a URL or path apart; its `name` is the text without user and password. */
int push_address_parse(const char *text, struct arena *arena, struct push_address *out,
                       struct err *err) __attribute__((warn_unused_result));

/* 127.0.0.0/8, ::1 or localhost: what is sent there does not leave the machine. */
bool push_address_is_loopback(const struct push_address *address);

#endif
