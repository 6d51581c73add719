/*
 * A git repository, opened for reading through libgit2; no git command is ever run.
 *
 * A struct repo is borrowed by everything else in store/ and outlives it; repo_free() closes it
 * and gives libgit2 back. Commits are named by their 40 hexadecimal digits, so that no type of
 * libgit2's leaves this directory. libgit2 finds the user's configuration itself, and its check of
 * the owner stays on. SHA-256 repositories are refused: libgit2 1.5 cannot read them.
 * One thread at a time.
 */
#ifndef PERFGATE_STORE_REPO_H
#define PERFGATE_STORE_REPO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define REPO_ID_SIZE   41 /* a commit's digits and a NUL */
#define REPO_SHORT_LEN 7  /* digits of a commit in messages: "%.7s" */

struct repo;

/* Opens the repository that contains the directory `dir`, or the one at `git_dir` (the value of
 * GIT_DIR) where that is not NULL. *out is NULL, without an error, where `dir` is in none. */
int repo_open(const char *dir, const char *git_dir, struct repo **out, struct err *err)
    __attribute__((warn_unused_result));

/* Opens the repository at exactly that path: the top of a work tree, a .git, a bare repository. */
int repo_open_at(const char *path, struct repo **out, struct err *err)
    __attribute__((warn_unused_result));

/* NULL is allowed. */
void repo_free(struct repo *repo);

/* The top of the work tree, without a slash at the end; NULL for a bare repository. */
const char *repo_top(const struct repo *repo);

/* A clone of limited depth, whose oldest commits lack their parents. */
bool repo_is_shallow(const struct repo *repo);

/* Resolves a revision as git rev-parse does, down to a commit that is there. ERR_INPUT where it
 * names none, ERR_UNDECIDED with the fetch to type where the clone does not have it. */
int repo_resolve(const struct repo *repo, const char *rev, char id[REPO_ID_SIZE], struct err *err)
    __attribute__((warn_unused_result));

/* As repo_resolve(), for what need not be there: *found says whether it is. */
int repo_lookup(const struct repo *repo, const char *rev, char id[REPO_ID_SIZE], bool *found,
                struct err *err) __attribute__((warn_unused_result));

/* The name that a symbolic reference points at, such as refs/remotes/origin/HEAD, into `out`. */
bool repo_symbolic_target(const struct repo *repo, const char *ref, char *out, size_t size);

/* The parents that the commit object names, whether or not they are there. */
int repo_count_parents(const struct repo *repo, const char *id, size_t *out, struct err *err)
    __attribute__((warn_unused_result));

/* The best common ancestor of two commits. *found is false where they have none; history that the
 * clone lacks is ERR_UNDECIDED. */
int repo_fork_point(const struct repo *repo, const char *a, const char *b, char id[REPO_ID_SIZE],
                    bool *found, struct err *err) __attribute__((warn_unused_result));

/* Whether `commit`, the first digits of one or all, is `of` or an ancestor of it. One that a whole
 * clone lacks is none; ERR_UNDECIDED, with the fetch to type, where the clone is too shallow to
 * tell. */
int repo_is_ancestor(const struct repo *repo, const char *commit, const char *of, bool *is,
                     struct err *err) __attribute__((warn_unused_result));

/* The string that git's configuration has for `key` ("user.name"), in `arena`; NULL where it has
 * none, or an empty one. */
const char *repo_config(const struct repo *repo, const char *key, struct arena *arena);

/* git's hash of `len` bytes as a blob. */
int repo_hash(const void *bytes, size_t len, char id[REPO_ID_SIZE], struct err *err)
    __attribute__((warn_unused_result));

#endif
