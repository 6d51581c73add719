/*
 * Pushing a ref of runs to a remote: a path, HTTP(S) or SSH.
 *
 * Nothing is ever forced. The remote's ref is read, what others added there is combined with ours
 * (combine.h), and the ref is moved from what was read, which the remote compares: over a network
 * the server does, and says so in a status that is always read; on a path it is done under the
 * ref's own lock, because libgit2's own push to a path does not compare. Whoever comes second
 * begins again, after a random pause. When the remote has everything, the local ref is moved to the
 * same commit, by compare-and-swap as well. A push that is killed has moved the remote's ref or has
 * not; the next one goes on from there.
 *
 * A path is a repository that is written to as --ref writes to this one: no hook is run, so one
 * with a hook that could refuse a push is refused. Over a network the server runs its hooks.
 */
#ifndef PERFGATE_STORE_PUSH_H
#define PERFGATE_STORE_PUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/refs.h"
#include "store/repo.h"

/* Who we are, to a server; push_login.h says what is used when. NULL = not known. No message ever
 * has a token in it. */
struct push_access {
    const char *token;        /* PERFGATE_TOKEN */
    const char *github_token; /* GITHUB_TOKEN, for `github_url` alone */
    const char *github_url;   /* GITHUB_SERVER_URL, "https://github.com" */
};

struct push_query {
    const struct repo *repo;
    const char *remote; /* the name of a remote, a URL or a path */
    const char *ref;    /* its full name, here and there */
    struct push_access access;
    struct store_identity who; /* of the commit that combines, and of reflogs */
    uint64_t seed;             /* of the pauses */
};

struct push_result {
    struct arena arena;
    const char *remote;        /* for messages: without user and password */
    char commit[REPO_ID_SIZE]; /* where the ref is now, on both sides */
    size_t n_pushed;           /* commits that the remote did not have; 0: nothing was pushed */
    size_t n_taken;            /* commits that only the remote had */
};

/* Refuses (ERR_USAGE): a ref that is not there, or that is checked out in some work tree, here or
 * at a path. ERR_UNDECIDED, naming the fetch to type, where the clone lacks history that is
 * needed. On failure `out` is released. */
int push_ref(const struct push_query *query, struct push_result *out, struct err *err)
    __attribute__((warn_unused_result));

void push_result_release(struct push_result *result);

#endif
