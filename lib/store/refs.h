/*
 * A ref, read and moved by compare-and-swap.
 *
 * ref_move() compares under the ref's own lock, for a ref that is to be made as well, so that of
 * two writers one is told that it lost; nothing is ever forced. (git_reference_create_matching()
 * does not compare where a ref is made, so two first writers would overwrite each other.)
 */
#ifndef PERFGATE_STORE_REFS_H
#define PERFGATE_STORE_REFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/repo.h"

#define REF_NAME_SIZE 1024 /* a ref's name and a NUL */

/* A full name below refs/ that git allows ("refs/heads/perf-baselines"). ERR_USAGE otherwise. */
int ref_check_name(const char *name, struct err *err) __attribute__((warn_unused_result));

/* The commit that a ref points at; id is "" where there is no such ref. */
int ref_read(const struct repo *repo, const char *name, char id[REPO_ID_SIZE], struct err *err)
    __attribute__((warn_unused_result));

/* Follows a symbolic ref, if `name` is one, to the ref that is moved in its stead. */
int ref_follow(const struct repo *repo, const char *name, char out[REF_NAME_SIZE], struct err *err)
    __attribute__((warn_unused_result));

/* Whether some work tree of the repository stands on the ref. */
int ref_is_checked_out(const struct repo *repo, const char *name, bool *out, struct err *err)
    __attribute__((warn_unused_result));

/* Who writes, for commits and reflogs. Borrowed. */
struct store_identity {
    const char *name, *email;
    int64_t now_ns; /* wall clock */
};

struct ref_change {
    const char *name;
    const char *from; /* the commit that it must point at still; "" = there must be none */
    const char *to;
    const char *message; /* of the reflog */
};

/* *moved is false, without an error, where the ref is not at `from` any more or another writer
 * holds its lock: read again and retry. */
int ref_move(const struct repo *repo, const struct ref_change *change,
             const struct store_identity *who, bool *moved, struct err *err)
    __attribute__((warn_unused_result));

#endif
