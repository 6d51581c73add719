/*
 * Where runs and the policy lie: at a revision, or in a directory on disk. One pair of functions
 * reads from either.
 *
 * On disk as in a revision no symbolic link is followed below the top, so that what a change adds
 * cannot lead outside of it.
 */
#ifndef PERFGATE_STORE_PLACE_H
#define PERFGATE_STORE_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "store/repo.h"

struct baseline_place {
    const struct repo *repo; /* of the revision */
    const char *commit;      /* NULL: on disk */
    const char *top;         /* on disk: the directory that holds baselines/; NULL as well: an
                                empty place, such as a ref that is yet to be made */
};

/* Appends the file at `path`, relative to the top. *found is false where nothing is there. */
int place_read(const struct baseline_place *place, const char *path, size_t limit, struct buf *out,
               bool *found, struct err *err) __attribute__((warn_unused_result));

/* The names in the directory at `path` in byte order, directories with a slash behind; none where
 * nothing is there. */
int place_list(const struct baseline_place *place, const char *path, struct arena *arena,
               const char ***names, size_t *n, struct err *err) __attribute__((warn_unused_result));

/* How a path is named in messages: "1a2b3c4:baselines/policy.json", or the path on disk. */
const char *place_name(const struct baseline_place *place, const char *path, struct arena *arena);

#endif
