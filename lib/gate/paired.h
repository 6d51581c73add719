/*
 * Noise of a paired run, from its own evidence.
 *
 * Standard errors are jackknifed over batches of pairs, so that whatever both sides share (drift, a
 * noisy neighbour) cancels, and whatever lasts shorter than a batch is within it. To them comes
 * what starts of one program differ by (gate/starts.h): two processes of one binary differ by more
 * than a long run of one of them would show. p is the larger one of Student's tail and the label
 * swap: the first is fooled by a few blocks with outliers, the second by nothing within a start,
 * but it ends at its resolution.
 */
#ifndef PERFGATE_GATE_PAIRED_H
#define PERFGATE_GATE_PAIRED_H

#include <stdbool.h>

#include "gate/compare.h"

/* Fills the noise of the `wanted` metrics of every scope, and starts, pairs and batches. The input
 * has passed evidence_check(), the figures are there. */
void paired_estimate(const struct gate_input *in, const bool wanted[METRIC_COUNT],
                     struct numbers *numbers);

#endif
