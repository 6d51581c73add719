/*
 * Trial: one row judged with its own figure changed, and all else made equal.
 *
 * The candidate's reports are changed (gate/inject.h) and compared anew, by the path of every other
 * comparison; then the one estimate is put in among those of sides that are equal, and the rows are
 * decided. So a row has to be found alone, which is hardest, and a compare serves all rows of a
 * metric at once. "Equal" is made for each metric of each scope by itself: the latencies whose mean
 * has no change left may still have one at p95.
 *
 * A size says how bad a figure is made: of latencies and throughput how many times worse than the
 * base's, of an error rate the number of the candidate's failures.
 */
#ifndef PERFGATE_GATE_TRIAL_H
#define PERFGATE_GATE_TRIAL_H

#include <stdbool.h>

#include "gate/compare.h"
#include "gate/decide.h"
#include "gate/inject.h"

struct trials {
    struct gate_input in;
    const struct policy *policy;
    bool wanted[METRIC_COUNT];
    struct numbers real;    /* of the reports as they are */
    struct numbers equal;   /* of sides made equal; owns its scopes alone */
    struct inject *changes; /* one for each scope */
};

/* One row that is tried. */
struct trial {
    size_t scope;
    enum metric metric;
    double least;      /* size that is just over the threshold */
    double size, most; /* of the next try; more than this cannot be */
    bool is_done;
    bool is_found;      /* the row regressed at `size` */
    bool is_undecided;  /* it did not even at `most`, but was not passed either */
    const char *reason; /* what was said of it at `most`; NULL where it was found before */
    double figure;      /* the candidate's, when it was found */
};

/* Compares the reports as they are and made equal. `in` has no acceptances and outlives `out`. On
 * failure `out` is released. */
int trials_open(const struct gate_input *in, const struct policy *policy, struct trials *out,
                struct err *err) __attribute__((warn_unused_result));
void trials_close(struct trials *trials);

/* The first size that a draft of `equal` must be found at, and the last that there is. */
struct trial trials_plan(const struct trials *trials, const struct draft *draft);

/* Makes each figure worse and worse, until its row regresses or there is no more. */
int trials_run(struct trials *trials, struct trial *list, size_t n, struct err *err)
    __attribute__((warn_unused_result));

/* Judges `in`, as gate_judge() does, with a candidate whose every figure is far beyond the sizes at
 * which rows were found. */
int trials_judge_worst(struct trials *trials, const struct gate_input *in, const struct trial *list,
                       size_t n, struct verdict *out, struct err *err)
    __attribute__((warn_unused_result));

#endif
