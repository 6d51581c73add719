/*
 * Where a shallow clone ends: the commits that git treats as if they had no parents. Private to
 * lib/store.
 *
 * libgit2 1.5 does not know of them, and every walk that comes past one fails: so no push, because
 * it walks from all that the remote has as well. shallow_graft() makes an object database show
 * these commits without parents, as git's own grafts do. They do not have their hash then, which
 * libgit2 checks as it reads; that check is off for as long as the graft is there. A grafted commit
 * can never get into another repository: it would be another object there.
 */
#ifndef PERFGATE_STORE_SHALLOW_H
#define PERFGATE_STORE_SHALLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/repo.h"

struct git_odb;
struct git_oid;

struct shallow {
    size_t n;
    struct git_oid *ids;
};

/* None where the clone has its whole history. */
int shallow_read(const struct repo *repo, struct shallow *out, struct err *err)
    __attribute__((warn_unused_result));

bool shallow_has(const struct shallow *shallow, const struct git_oid *id);

/* `odb` then shows the commits of the shallow clone `repo` without parents; it borrows `shallow`
 * and `repo` for as long as it lives. A no-op where there are none. */
int shallow_graft(const struct shallow *shallow, const struct repo *repo, struct git_odb *odb,
                  struct err *err) __attribute__((warn_unused_result));

/* After the grafted database is gone. */
void shallow_release(struct shallow *shallow);

#endif
