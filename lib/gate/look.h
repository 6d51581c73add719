/*
 * Look: whether a paired run that is under way has seen enough (`perf-run --until W`), and what its
 * looks leave of alpha to the verdict.
 *
 * A look ends the run for one of two reasons.
 * Sure: a judged row is a breach with p (Holm-adjusted, gate/decide.h) at most what the look may
 * spend of alpha, by O'Brien and Fleming's spending function (stats/spending.h): of 0.001 at a
 * quarter, a half and three quarters 5e-11, 3e-6 and 1.4e-4, and the end has 8.6e-4. A verdict on
 * that run is made at the same level, and by Bonferroni's inequality over the looks all of them
 * together are wrong no more often than alpha.
 * Width: of every row judged by its latencies or its throughput, half the width of the 95 %
 * interval is at most W. That depends on the standard error and not on the effect, so it chooses no
 * result and costs no alpha. Besides, no judged row may be a breach or undecided: such a run goes
 * on, for more may decide it. So what ends by width is no alarm under the policy that was looked
 * with, and the sum above holds even where the error and the effect of skewed latencies go
 * together. The verdict has what earlier looks left, alpha less alpha*(t) of the look before.
 *
 * The width is that of the run's own standard error, without the spread between starts: a longer
 * run does not lessen that (three starts do), and with its 1.5 % no run of one start would ever be
 * known to 2 %. Rows that are not judged hold nothing up: an endpoint with few requests decides
 * nothing, unless the policy requires it. Neither does the width of an error rate: a thousand
 * failures tell their ratio to 12 % at best. One that is over its threshold holds the run up as
 * every breach does, and one with too few failures to be tested only where it is over its target
 * and has to be decided.
 *
 * Several starts (LOAD_TEST_PAIR) have one verdict together, made once, with the whole of alpha:
 * each of them ends by width alone.
 */
#ifndef PERFGATE_GATE_LOOK_H
#define PERFGATE_GATE_LOOK_H

#include <stdbool.h>

#include "base/err.h"
#include "gate/compare.h"
#include "gate/gate.h"
#include "model/policy.h"
#include "model/report.h"

struct look_question {
    const struct report *candidate, *base; /* as they are so far, with pair->look */
    const struct policy *policy;
    double width;    /* 0.02 = 2 % */
    bool width_only; /* one of several starts */
};

/* Fills why the run ends, or LOOK_END where it goes on: also where it has too few batches yet, or
 * would not be valid. -1: reports that do not belong together. */
int look_ask(const struct look_question *ask, enum look_reason *reason, struct err *err)
    __attribute__((warn_unused_result));

/* That the two sides, and the starts, say the same of their looks, as far as they must; part of
 * evidence_check(). Start `i` of `in`. */
int look_check(const struct gate_input *in, size_t i, struct err *err)
    __attribute__((warn_unused_result));

/* Fills numbers->look, of a single start, and notes which starts ended early. The input has passed
 * evidence_check(). */
void look_read(const struct gate_input *in, struct numbers *numbers);

#endif
