/*
 * Noise of a paired run, from its own evidence.
 *
 * Standard errors are jackknifed over batches of pairs, so that whatever both sides share (drift, a
 * noisy neighbour) cancels, and whatever lasts shorter than a batch is within it. To them comes
 * what starts of one program differ by (gate/starts.h): two processes of one binary differ by more
 * than a long run of one of them would show. p is the larger one of Student's tail and the label
 * swap: the first is fooled by a few blocks with outliers, the second by nothing within a start,
 * but it ends at its resolution. A latency has a second chance, its typical batch: the 20 % trimmed
 * mean (Yuen 1974) of the batches' log ratios, of a mean that of their faster halves.
 *
 * Of 64 recorded traces of identical sides, 44 of them beside a neighbour, ten times with other
 * labels each (ci/bench/verdict, VERDICT.md), so many percent of verdicts find +15 % on every
 * request, +50 % on one endpoint, and cry wolf where nothing is slower:
 *     this                                95  97   0
 *     trimmed log ratios of pairs alone   82  97   0
 *     bootstrap of batches, normal error  58  87   0.2
 *     jackknife and Student               56  84   0.2
 *     label swap                          57  86   0
 *     the larger p of these two           52  81   0
 *     Welch, unpaired                     39  81   0
 *     the threshold alone                 97  98  35
 * For the typical batch of a mean its median, the mean of its faster 75 or 90 %, and one with the
 * slowest tenth cut to size were tried as well, on earlier traces that were recorded with both
 * processors busy: +15 % was found in 48, 50, 41 and 43 % of the verdicts, by the faster half in
 * 66 %.
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
