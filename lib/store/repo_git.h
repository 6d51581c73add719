/*
 * What repo.c and tree.c share: the open repository, and libgit2's errors put into ours.
 * Private to lib/store.
 */
#ifndef PERFGATE_STORE_REPO_GIT_H
#define PERFGATE_STORE_REPO_GIT_H

#include <stdbool.h>

#include "base/err.h"
#include "store/repo.h"

struct git_repository;

struct repo {
    struct git_repository *git;
    char *top; /* NULL = bare */
};

/* err_set() with ": " and what libgit2 said last behind it. */
int repo_fail(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* True where a call failed because an object is not in this clone, not because a name names
 * nothing. `status` is the call's; the last error was cleared before it, because libgit2's walks
 * return a plain -1 here. */
bool repo_lacks_object(int status);

#endif
