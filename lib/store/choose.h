/*
 * Which revision is the base: the one that policy and baselines are read from.
 *
 * In this order: the revision that the user names; the first parent where HEAD is a pull request's
 * merge commit, which works in a clone of depth 2; origin/$GITHUB_BASE_REF; a merge group's
 * base_sha; a push's `before`, and where that is all zeros or absent the fork point with the
 * default branch; locally the fork point with origin's default branch, else HEAD. What the rule
 * names but the clone lacks is ERR_UNDECIDED with the command to type: another revision is never
 * taken in its stead, because a gate that quietly compares with something else decides nothing.
 *
 * The environment comes in as a struct: lib/ reads none.
 */
#ifndef PERFGATE_STORE_CHOOSE_H
#define PERFGATE_STORE_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/repo.h"

#define CHOOSE_EVENT_LIMIT ((size_t)32 << 20) /* bytes of the event's file */

/* What is known from outside the repository; NULL = not known. An empty string is as NULL. */
struct choose_inputs {
    const char *rev;            /* named by the user */
    const char *event;          /* GITHUB_EVENT_NAME */
    const char *base_ref;       /* GITHUB_BASE_REF: the branch that a pull request goes to */
    const char *sha;            /* GITHUB_SHA: what the event asks to be checked out */
    const char *before;         /* a push: what the branch was before */
    const char *base_sha;       /* a merge group's base */
    const char *default_branch; /* the repository's, from the event */
    bool from_fork; /* a pull request of another repository, or of one that is not known */
};

struct base_choice {
    char commit[REPO_ID_SIZE]; /* "" where the repository has no commit yet */
    char reason[320];          /* "HEAD^1 = origin/main 1a2b3c4" */
};

/* Fills `before`, `base_sha`, `default_branch` and `from_fork` from the JSON of the file at
 * GITHUB_EVENT_PATH. Strings are in the arena; `source` names the file in messages. */
int choose_read_event(const char *bytes, size_t len, const char *source, struct arena *arena,
                      struct choose_inputs *inputs, struct err *err)
    __attribute__((warn_unused_result));

int choose_base(const struct repo *repo, const struct choose_inputs *inputs,
                struct base_choice *out, struct err *err) __attribute__((warn_unused_result));

#endif
