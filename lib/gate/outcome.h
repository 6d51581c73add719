/*
 * Outcome: what the rows add up to, as an exit code and one sentence.
 */
#ifndef PERFGATE_GATE_OUTCOME_H
#define PERFGATE_GATE_OUTCOME_H

#include "gate/compare.h"
#include "gate/decide.h"
#include "gate/gate.h"
#include "model/verdict.h"

/* Fills rows (worst first), regressions, warnings, status, exit code and summary of `out`, into its
 * arena. */
void outcome_fill(const struct gate_input *in, const struct numbers *numbers,
                  const struct drafts *drafts, struct verdict *out);

#endif
