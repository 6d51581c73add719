/*
 * A commit that has a list of changes and nothing else on top of its parent. Private to lib/store.
 *
 * It is made from the parent's trees alone: neither blobs that are not in the clone nor the index
 * are asked for.
 */
#ifndef PERFGATE_STORE_COMMIT_H
#define PERFGATE_STORE_COMMIT_H

#include "base/err.h"
#include "store/write.h"

/* `parent` is "" for a first commit. `id` is "" where the changes change nothing. */
int commit_changes(const struct store_target *target, const char *parent,
                   const struct store_changes *changes, char id[REPO_ID_SIZE], struct err *err)
    __attribute__((warn_unused_result));

#endif
