/*
 * The evidence of one scope of a paired run: its starts' columns and batches, one after the other.
 */
#ifndef PERFGATE_GATE_EVIDENCE_H
#define PERFGATE_GATE_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "gate/compare.h"
#include "stats/histogram.h"

enum column { COLUMN_COUNT, COLUMN_SUM_NS, COLUMN_FAILURES, COLUMN_ONES, COLUMNS };

struct evidence {
    struct arena arena; /* owns everything here */
    size_t n_pairs, n_batches, n_starts;
    size_t *batch_end;                /* pairs up to and including each batch */
    size_t *start_end;                /* pairs up to and including each start */
    int64_t *columns[SIDES][COLUMNS]; /* a number per pair */
    struct histogram_sparse *batches[SIDES];
};

/* That the reports are the two sides of the starts of one paired run, with columns of one shape. */
int evidence_check(const struct gate_input *in, struct err *err)
    __attribute__((warn_unused_result));

/* Evidence of an endpoint, or of the whole run where `name` and `method` are NULL. The caller
 * releases. The input has passed evidence_check(). */
void evidence_load(const struct gate_input *in, const struct scope *scope, struct evidence *out);
void evidence_release(struct evidence *evidence);

#endif
