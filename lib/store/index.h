/*
 * The index of the work tree, changed while its lock (index.lock) is held. Private to lib/store.
 *
 * libgit2 reads the index, and takes the lock only to write it: what another writer staged in
 * between would be lost. So the lock is taken first, by the same rule as git's (the file is
 * made, or is there already), the index is written beside and renamed, and the lock is a mutex
 * that is removed in the end. For as long as it is held, index_restore() puts the old index
 * back, exactly.
 *
 * Only the entries of the changes are set. A split or a sparse index, which libgit2 1.5 cannot
 * read, is left as it is.
 */
#ifndef PERFGATE_STORE_INDEX_H
#define PERFGATE_STORE_INDEX_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/write.h"

struct index_lock {
    struct arena arena;
    const char *path;          /* of the index */
    const char *lock;          /* index.lock */
    const char *next, *before; /* index.perfgate, the new one, and index.perfgate-old */
    bool had_index;
};

/* *is_held is false, without an error, where another holds the lock. Release it in either case. */
int index_lock_take(const struct repo *repo, struct index_lock *lock, bool *is_held,
                    struct err *err) __attribute__((warn_unused_result));

/* Sets the entries of the changes as the files are in the work tree. *why is not NULL, and nothing
 * was done, where libgit2 cannot write this index. */
int index_change(struct index_lock *lock, const struct repo *repo,
                 const struct store_changes *changes, const char **why, struct err *err)
    __attribute__((warn_unused_result));

/* Puts back the index from before index_change(). */
void index_restore(const struct index_lock *lock);

void index_lock_release(struct index_lock *lock, bool is_held);

#endif
