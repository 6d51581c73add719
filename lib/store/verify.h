/*
 * Whether everything below baselines/ can still be used: each file decodes, and is named as what it
 * holds.
 *
 * All suites and environments are looked at, not only the newest runs. A run must lie in its own
 * suite's directory, its name must have its start and its commit, and the hash in the name must be
 * that of the report that was added. The hash is looked at only where the file is written as this
 * version writes it, so that a run of an older version is not taken for one that was changed by
 * hand; what is in git cannot change unseen anyway. An acceptance or an anchor must have the time
 * in its name, by which the newest is known; its hash is not looked at, because people may edit it.
 * The run of an anchor, of one that is superseded too, must lie beside it. A JSON file or a
 * directory whose name means nothing here is bad as well: whoever put it there expects it to count.
 */
#ifndef PERFGATE_STORE_VERIFY_H
#define PERFGATE_STORE_VERIFY_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/place.h"

struct verify_result {
    struct arena arena;
    size_t n_runs, n_policies, n_acceptances, n_anchors; /* good ones */
    size_t n_bad, capacity;
    const char **bad; /* a sentence for each, which names the file */
};

/* -1 only where the place cannot be looked through; then `out` is released. */
int verify_place(const struct baseline_place *place, struct verify_result *out, struct err *err)
    __attribute__((warn_unused_result));

void verify_release(struct verify_result *result);

#endif
