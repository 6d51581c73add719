/*
 * Files at a revision: a blob's bytes, and the names in a directory.
 *
 * The revision may come from anyone who can open a pull request, so nothing is followed: a
 * symbolic link, a submodule, a directory where a file should be, or a file where a directory
 * should be is ERR_INPUT, and so is a blob over the limit, before it is read. What the path names
 * but the clone does not have (--filter=blob:none) is ERR_UNDECIDED with the command to type. Bytes
 * are the blob's: no line endings are converted, no filter is run.
 */
#ifndef PERFGATE_STORE_TREE_H
#define PERFGATE_STORE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "store/repo.h"

/* A place in a revision. `path` is from the top of the tree, with slashes, without one in front. */
struct tree_path {
    const struct repo *repo;
    const char *commit; /* 40 digits */
    const char *path;
};

/* Appends the file's bytes to `out`. *found is false where the path names nothing. */
int tree_read(const struct tree_path *at, size_t limit, struct buf *out, bool *found,
              struct err *err) __attribute__((warn_unused_result));

/* The names in a directory, in no certain order, directories with a slash behind; none where the
 * path names nothing. Names and the array are in `arena`. */
int tree_list(const struct tree_path *at, struct arena *arena, const char ***names, size_t *n,
              struct err *err) __attribute__((warn_unused_result));

#endif
