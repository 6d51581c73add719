/*
 * Commits copied from one repository on this machine into another. Private to lib/store.
 *
 * From the bottom up: a commit is written when all that it refers to is there, so that one that is
 * there is whole, and a copy that is killed leaves nothing but objects that nobody refers to. A few
 * commits become loose objects, as git unpacks a small push (a pack for each of a thousand pushes
 * would make every look-up slow); many become one pack. Blobs that are not in `from` because it
 * is a partial clone are not missed where the other has them.
 */
#ifndef PERFGATE_STORE_COPY_H
#define PERFGATE_STORE_COPY_H

#include "base/err.h"
#include "store/repo.h"

/* Copies the commit `tip` and what `to` lacks of its history. */
int copy_commits(const struct repo *from, const char *tip, const struct repo *to, struct err *err)
    __attribute__((warn_unused_result));

#endif
