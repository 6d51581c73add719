/*
 * The reports that perf-compare was given, sorted into candidates and the base sides that belong
 * to them.
 *
 * The base side of a paired run lies beside the candidate (X.base.json beside X.json) unless it was
 * given itself. Owns the reports; what it points at lives until inputs_release().
 */
#ifndef PERFGATE_CMD_INPUTS_H
#define PERFGATE_CMD_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/report.h"

struct inputs {
    struct arena arena;
    size_t n_reports; /* all that were read */
    struct report *reports;
    const char **names; /* of the reports, for messages */
    size_t n_candidates;
    const struct report **candidates;
    const char **candidate_names;
    bool paired;
    const struct report **bases; /* where paired: the other side of each candidate */
    const char **base_names;
};

/* Reads `n` reports. `want_pair`: a paired run is compared with its own base side; otherwise the
 * candidates are taken for themselves. On failure `out` is released. */
int inputs_read(const char *const *paths, size_t n, bool want_pair, struct inputs *out,
                struct err *err) __attribute__((warn_unused_result));

void inputs_release(struct inputs *inputs);

#endif
