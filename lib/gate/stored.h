/*
 * Comparison with stored runs: which of them count, their medians, and from STORED_MIN_RUNS on a
 * bound for what the next run of unchanged code may show.
 *
 * The bound is a prediction bound on logs: median * exp(t * s * sqrt(1/m + pi/2N)) for the mean of
 * m new runs, pi/2N being the variance of a median of N (Laplace; Kenney and Keeping 1962, 5.11).
 * s is the row's own deviation, yet at least the median of all rows' and the resolution of a
 * histogram: five runs of one row may agree by luck. For error rates the pooled counts are tested,
 * their variance widened by what the runs differ by (Pearson's chi-square over its degrees of
 * freedom; McCullagh and Nelder 1989, 4.5).
 */
#ifndef PERFGATE_GATE_STORED_H
#define PERFGATE_GATE_STORED_H

#include <stdbool.h>

#include "gate/compare.h"

#define STORED_MIN_RUNS 5

/* The runs among in->bases that may be compared with `candidate`; fills counting[in->n_bases] from
 * the front and returns how many. Where there are none, says why in numbers->base_state. */
size_t stored_select(const struct gate_input *in, const struct report *candidate,
                     struct numbers *numbers, const struct report **counting);

/* Fills the base figures of every scope (medians), and the noise of the `wanted` metrics where
 * n >= STORED_MIN_RUNS. `replicates` is how many runs are behind the candidate's figures. */
void stored_estimate(const struct report *const *reports, size_t n, size_t replicates,
                     const bool wanted[METRIC_COUNT], struct numbers *numbers);

/* Figures of the candidate that a merge of its repeats cannot have, as they keep no histograms:
 * their medians. */
void stored_fill_repeats(const struct report *const *repeats, size_t n, struct numbers *numbers);

#endif
