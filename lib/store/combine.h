/*
 * Two histories of a ref made into one, file by file, by a commit that has both as parents. Private
 * to lib/store.
 *
 * What one side did since they forked is done to the other's tree: writers only add files, and
 * prune removes some, so there is nothing to conflict; a file that only one side removed stays
 * removed. Both sides may have begun on their own (a clone that did not fetch the ref first):
 * then all files of both are in. A merge rather than a replay of commits, because a commit that is
 * on its way stays the one that it is: whoever is killed half-way, or pushes on from the same
 * commit, finds it in the history again, and a removed file does not come back.
 *
 * A run or a mark that both have under one name is one, though its bytes may differ between
 * versions of perfgate: theirs stands. Any other file that both changed (the policy, or what
 * somebody else keeps on the ref) is refused: which one is meant, is not for a machine to say.
 */
#ifndef PERFGATE_STORE_COMBINE_H
#define PERFGATE_STORE_COMBINE_H

#include "base/err.h"
#include "store/refs.h"
#include "store/repo.h"

struct combine_sides {
    const struct repo *repo; /* has the objects of both */
    const char *ref;         /* for messages */
    const char *base;        /* where they forked; "" = nowhere */
    const char *ours, *theirs;
};

/* `id` is the new commit, or `theirs` where that has all files as they should be. */
int combine(const struct combine_sides *sides, const struct store_identity *who,
            char id[REPO_ID_SIZE], struct err *err) __attribute__((warn_unused_result));

#endif
