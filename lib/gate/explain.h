/*
 * Explain: a draft as the row of a verdict, with the sentence that says why and the warnings.
 */
#ifndef PERFGATE_GATE_EXPLAIN_H
#define PERFGATE_GATE_EXPLAIN_H

#include "base/arena.h"
#include "base/buf.h"
#include "gate/compare.h"
#include "gate/decide.h"
#include "model/verdict.h"

/* Fills `row` from a used draft; strings are in `arena`, names are copied. */
void explain_row(const struct numbers *numbers, const struct draft *draft, struct arena *arena,
                 struct verdict_row *row);

#endif
