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

/* "GET /forum", or "overall". */
void explain_scope(struct buf *out, const struct verdict_row *row);

/* How many more than three digits show two figures, their change and their threshold on the right
 * side of each other; 0 mostly. */
int explain_digits(const struct draft *draft);

#endif
