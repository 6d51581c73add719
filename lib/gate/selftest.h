/*
 * Self-test: whether the gate could fail this change's own reports under its own policy.
 *
 * A gate whose pattern never matched, or whose threshold nothing can reach, is green for years. So
 * the reports at hand are judged again: with both sides made equal, where each judged row must
 * pass, and then, row by row, with the candidate's figure made worse (gate/trial.h), where the row
 * must regress. The evidence stays the run's own, with all its noise.
 *
 * How much worse: just over 1 + the detectable change that the verdict claims, or just over the
 * threshold where there is none; "just over" is 0.01 %, more than rounding to whole ns takes off a
 * figure, and 1/63 for quantiles, which are read off a histogram (gate/trial.c). Where the
 * sides are equal log R is 0, so what is injected is beyond its level by the t-tail, with what the
 * claim keeps for its power to spare. That is not enough for every row to be found at its first
 * try, as p is the largest of several: the label swap of few batches is coarser than the t-tail; a
 * block that stood still takes the figure and the typical batch apart; and failures that come one
 * by one are never surer than the binomial, which the detectable change of a rate leaves out. Then
 * the figure is made worse still, until the row is found, and both sizes are told.
 *
 * A fault is a pattern or tag that matches nothing, a threshold that no figure can be over, a row
 * that regresses although nothing changed, and a row that must be decided (the whole run's, a
 * required endpoint's), or all rows of a threshold that the policy sets on one, where nothing can
 * be found. Noise that the verdict admits is none: it ends in 3 by itself. No rule that fires is
 * one.
 *
 * One policy is tested: the one that will be in force after the change. Otherwise no change could
 * mend a broken rule. Acceptances are left out. Limits are not tested: they are plain figures.
 */
#ifndef PERFGATE_GATE_SELFTEST_H
#define PERFGATE_GATE_SELFTEST_H

#include <stddef.h>

#include "gate/gate.h"

enum selftest_state {
    SELFTEST_FIRES,
    SELFTEST_NEVER,     /* however bad the figure is made, the row is passed */
    SELFTEST_BEYOND,    /* no candidate can have a figure over the threshold */
    SELFTEST_ALWAYS,    /* the row regresses although the sides are equal */
    SELFTEST_UNJUDGED,  /* the row decides nothing on these reports */
    SELFTEST_UNDECIDED, /* nor is it passed: noise would hide any change, and the verdict says so */
    SELFTEST_NOT_HERE,  /* nothing to be tried on: one side lacks it, or the change mends it */
    SELFTEST_STATES
};

/* A rule: one metric of one scope. */
struct selftest_row {
    const char *endpoint, *method; /* NULL = overall */
    enum metric metric;
    enum selftest_state state;
    double base, threshold;
    double detectable;  /* as a verdict would claim it, ratio - 1; NAN = it does not */
    double found;       /* the candidate's figure that was found; NAN = none was */
    const char *reason; /* a sentence unless it fires; else NULL */
};

struct selftest {
    struct arena arena;
    size_t n_rows;
    struct selftest_row *rows;
    size_t counts[SELFTEST_STATES];
    size_t n_faults; /* sentences: what cannot fire, or always does */
    const char **faults;
};

/* `in` as for gate_judge(). -1 with ERR_INPUT as there, and with ERR_UNDECIDED where there is
 * nothing to be tried on: no base, or a run that cannot be trusted. The caller releases `out`; on
 * failure it is empty. */
int selftest_run(const struct gate_input *in, struct selftest *out, struct err *err)
    __attribute__((warn_unused_result));

/* "fires", "never", … */
const char *selftest_state_name(enum selftest_state state);

void selftest_release(struct selftest *selftest);

#endif
