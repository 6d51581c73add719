/*
 * The marks beside the runs of a suite in an environment: acceptances, and the anchor that counts.
 * Described in perfgate-baselines(5).
 *
 * Read from a revision or from a directory, as runs are; a mark that cannot be read is an error,
 * never left out, because an acceptance that is quietly dropped changes a verdict. Only the newest
 * anchor is read: the ones before it say nothing any more.
 */
#ifndef PERFGATE_STORE_MARKS_H
#define PERFGATE_STORE_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/acceptance.h"
#include "model/anchor.h"
#include "store/baseline.h"
#include "store/place.h"

struct marks {
    struct arena arena;
    size_t n_acceptances;
    struct acceptance
        *acceptances; /* in the order of their names: oldest first; their `place` set */
    const char **acceptance_paths; /* of each, from the top */
    bool has_anchor;
    struct anchor anchor;    /* the newest */
    const char *anchor_path; /* from the top; NULL without one */
    size_t n_superseded;
    const char **superseded; /* the paths of the anchors before it */
};

/* All acceptances, and the newest anchor. On failure `out` is released. */
int marks_load(const struct baseline_place *place, const struct baseline_key *key,
               struct marks *out, struct err *err) __attribute__((warn_unused_result));

void marks_release(struct marks *marks);

/* The one mark at `path`, which must be there; an acceptance gets its `place`. */
int marks_read_acceptance(const struct baseline_place *place, const char *path,
                          struct acceptance *out, struct err *err)
    __attribute__((warn_unused_result));
int marks_read_anchor(const struct baseline_place *place, const char *path, struct anchor *out,
                      struct err *err) __attribute__((warn_unused_result));

enum mark_kind { MARK_ACCEPTANCE, MARK_ANCHOR };

/* Appends the path that a new mark gets, from the moment that it names itself and git's hash of its
 * bytes: the same mark made twice is one file, and two writers never want the same name for
 * different marks. */
int marks_add_path(const struct baseline_key *key, enum mark_kind kind, int64_t at_ns,
                   const struct buf *bytes, struct buf *path, struct err *err)
    __attribute__((warn_unused_result));

#endif
