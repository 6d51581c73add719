/*
 * A recorded trace (ci/bench/traces): both sides of the starts of one paired run.
 *
 * Its directory holds start-K.json and start-K.base.json and is named SERVER.CONDITION.CHANGE.N. A
 * trace owns its reports; a swapped one borrows the texts of the one it was made from.
 */
#ifndef PERFGATE_TESTS_STAT_TRACE_H
#define PERFGATE_TESTS_STAT_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/rng.h"
#include "gate/gate.h"
#include "model/report.h"
#include "tests/stat/relabel.h"

#define TRACE_MAX_STARTS 15
/* Of the swaps; a question's number is the stream. */
#define TRACE_SEED UINT64_C(20261125)

struct trace {
    const char *name; /* the last part of the directory's, borrowed */
    size_t n;
    struct report base[TRACE_MAX_STARTS], candidate[TRACE_MAX_STARTS];
};

/* On failure nothing is there to release. */
int trace_load(const char *dir, struct trace *trace, struct err *err)
    __attribute__((warn_unused_result));
void trace_release(struct trace *trace);

/* What was done to the candidate when it was recorded: the third part of the name, and what follows
 * it; "same" where the name has none. */
const char *trace_change(const struct trace *trace);

/* Whether relabel_can() in all starts. */
bool trace_can_swap(const struct trace *trace);

/* The trace with the labels of its batches swapped by coin, and its sides slowed down then. The
 * caller releases. */
void trace_swap(const struct trace *trace, const struct slower *base,
                const struct slower *candidate, struct rng *rng, struct trace *out);

/* The two sides as the gate takes them; `sides` is memory for it. */
struct trace_sides {
    const struct report *candidates[TRACE_MAX_STARTS], *bases[TRACE_MAX_STARTS];
};
struct gate_input trace_input(const struct trace *trace, const struct policy *policy,
                              struct trace_sides *sides);

#endif
