/*
 * A list of changes, applied to the files of the work tree. Private to lib/store.
 *
 * Files come and go as a whole. A file that is there with other bytes is somebody's work and never
 * written over or removed; line endings that git itself converts (core.autocrlf) are no
 * difference. No symbolic link is followed below the top.
 */
#ifndef PERFGATE_STORE_FILES_H
#define PERFGATE_STORE_FILES_H

#include <stdbool.h>

#include "base/err.h"
#include "store/write.h"

/* Writes the files that are added. added[i] says which of them were not there before; on failure
 * those are gone again. */
int files_add(const struct repo *repo, const struct store_changes *changes, bool *added,
              struct err *err) __attribute__((warn_unused_result));

/* Takes back what files_add() did. */
void files_take_back(const struct repo *repo, const struct store_changes *changes,
                     const bool *added);

/* Refuses where a file that is to be removed is not as it is in `commit` ("" where there is none):
 * what git does not have would be lost. */
int files_check_removals(const struct repo *repo, const char *commit,
                         const struct store_changes *changes, struct err *err)
    __attribute__((warn_unused_result));

/* Removes the files that are removed, and directories that get empty. One that is not there is no
 * error. */
int files_remove(const struct repo *repo, const struct store_changes *changes, struct err *err)
    __attribute__((warn_unused_result));

#endif
