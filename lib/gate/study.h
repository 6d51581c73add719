/*
 * Study: what several runs of unchanged code say of the noise, and of a policy's thresholds.
 *
 * The runs are judged against each other by each rule that the gate has, and as the code is the
 * same, every row that regresses is a false alarm:
 *   STUDY_ONE     each run against each other one, by the threshold alone
 *   STUDY_STORED  each run against all others, as if they were stored
 *   STUDY_PAIRED  each paired run by its own evidence
 * The comparisons of STUDY_ONE share runs, so their number says less than it seems to: n runs are n
 * runs.
 *
 * The threshold proposed is the smallest, rounded up to 2 digits, that a run of unchanged code is
 * over by chance in less than STUDY_ALPHA of all comparisons, all rows together (Bonferroni): the
 * prediction bound exp(t * s * sqrt(v)) for logs of figures, v = 2 against one run and 1 + pi/2N
 * against the median of N (gate/stored.h), with s and v of a pair its standard error. As there, s
 * is at least the median over the rows and the resolution of a histogram (of an error rate, what
 * failures that come one by one spread by), and t is Student's with n - 1 degrees of freedom, so
 * that few runs give wide bounds. Only numbers; no sentences.
 */
#ifndef PERFGATE_GATE_STUDY_H
#define PERFGATE_GATE_STUDY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/metric.h"
#include "model/policy.h"
#include "model/report.h"

#define STUDY_MIN_RUNS 3
#define STUDY_MAX_RUNS 100
/* Comparisons of unchanged code that may be over a proposed threshold. */
#define STUDY_ALPHA 0.01

enum study_rule { STUDY_ONE, STUDY_STORED, STUDY_PAIRED, STUDY_RULES };

struct study_input {
    const struct report *const *runs;
    const char *const *names; /* of their files, for messages */
    size_t n;
    const struct report *const *bases; /* the other sides where all are paired runs, else NULL */
    const char *const *base_names;
    const struct policy *policy;
};

struct study_tally {
    size_t n, alarms; /* comparisons that were judged, and those that regressed */
};

/* What a rule makes of a row. */
struct study_finding {
    struct study_tally tally;
    double noise; /* standard deviation of log(figure), or of log(candidate / base) in a pair */
    double detectable; /* change (ratio - 1) that is found 9 times in 10; NAN = not known */
    double proposed;   /* threshold; NAN = not known */
};

struct study_row {
    const char *endpoint, *method; /* NULL = overall */
    enum metric metric;
    double median, threshold;
    struct study_finding findings[STUDY_RULES];
};

struct study {
    struct arena arena;
    size_t n_runs, n_rows;
    struct study_row *rows; /* the whole run first, then by name; those that a rule has judged */
    struct study_tally tallies[STUDY_RULES]; /* of whole comparisons: any row; n = 0: not judged */
};

/* Fewer than STUDY_MIN_RUNS, one run twice, or runs that do not belong together (workload, kind of
 * machine): -1 with ERR_USAGE or ERR_INPUT; a run that cannot be trusted: ERR_UNDECIDED. The caller
 * releases `out`; on failure it is empty. */
int study_run(const struct study_input *in, struct study *out, struct err *err)
    __attribute__((warn_unused_result));

void study_release(struct study *study);

#endif
