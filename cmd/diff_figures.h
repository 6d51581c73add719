/*
 * What moved between two sets of runs: the medians of the whole run, and of each endpoint the
 * figure that moved most.
 *
 * The figures are shown to people and decide nothing; the gate has its own rule. An endpoint that
 * got worse comes before one that got better, and those that moved by less than a percent are left
 * out.
 */
#ifndef PERFGATE_CMD_DIFF_FIGURES_H
#define PERFGATE_CMD_DIFF_FIGURES_H

#include <stddef.h>

#include "base/arena.h"
#include "cmd/baseline_text.h"
#include "store/baseline.h"

struct diff_figures {
    struct arena arena;
    size_t n;
    struct baseline_change *rows; /* overall first, then endpoints, the worst first */
    size_t n_left_out;            /* endpoints that moved, and have no row because there are many */
    size_t n_added, n_gone;       /* endpoints that only one side has */
    const char **added, **gone;   /* as "GET /forum" */
};

/* Both sides have runs. What `out` points at is in its arena. */
void diff_figures_fill(const struct baseline *before, const struct baseline *after,
                       struct diff_figures *out);

void diff_figures_release(struct diff_figures *figures);

#endif
