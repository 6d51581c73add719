/*
 * The marks beside the runs of a suite in an environment: acceptances, and the anchor that counts.
 * Described in perfgate-baselines(5).
 *
 * Read from a revision or from a directory, as runs are; a mark that cannot be read is an error,
 * never left out, because an acceptance that is quietly dropped changes a verdict.
 */
#ifndef PERFGATE_STORE_MARKS_H
#define PERFGATE_STORE_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
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
    bool has_anchor;
    struct anchor anchor;    /* the newest */
    const char *anchor_path; /* from the top; NULL without one */
};

/* All acceptances, and the newest anchor. On failure `out` is released. */
int marks_load(const struct baseline_place *place, const struct baseline_key *key,
               struct marks *out, struct err *err) __attribute__((warn_unused_result));

void marks_release(struct marks *marks);

#endif
