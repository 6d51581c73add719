/*
 * Drift: many small steps pass one by one; their sum since the anchor's run (model/anchor.h) is
 * judged by the same thresholds, in rows of its own of the whole run.
 *
 * The candidate's figures stand against those of one run, under the same workload and on the same
 * kind of machine only. A breach must exceed exp(t * s * sqrt(1/m + 1)), for m runs of the
 * candidate and one of the anchor's, at a level of its own (DECIDE_ANCHOR_ALPHA), so that an anchor
 * takes nothing from what other rows can find. s is from the steps between stored runs in time
 * (gate/runs.h): of five steps of 4 %, one a run or every second one, on a machine that spreads by
 * 1 %, that finds all; with the spread about the mean, which the drift itself makes large, 46 and
 * 16 % were found. On the noise of hosted runners (gate/stored.h) 1.9 % of points fail against the
 * eleventh before them, as they are.
 *
 * With fewer than five stored runs the threshold alone decides, as elsewhere; but not in a paired
 * comparison, whose verdict would no longer be one of its own evidence: there the row is shown.
 */
#ifndef PERFGATE_GATE_DRIFT_H
#define PERFGATE_GATE_DRIFT_H

#include <stdbool.h>

#include "gate/compare.h"
#include "gate/decide.h"
#include "gate/gate.h"
#include "model/policy.h"

/* Fills numbers->anchor, where the input has one; the figures of the whole run are there. */
void drift_estimate(const struct gate_input *in, const struct report *candidate,
                    const bool wanted[METRIC_COUNT], struct numbers *numbers);

/* The drafts of numbers->anchor, opened: for each metric that the policy has a threshold on for the
 * whole run. `error_target` is that of an error rate whose base has none. */
void drift_draft(const struct numbers *numbers, const struct policy *policy, double error_target,
                 struct draft out[METRIC_COUNT]);

#endif
