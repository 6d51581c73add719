/*
 * Stored runs side by side: a row's figures over all of them, how far they spread, and what the
 * rows' spreads say together. Shared by gate/stored.c and gate/drift.c.
 *
 * Where the runs may drift, their spread is taken from the steps between neighbours in time, which
 * a slow drift hardly changes: the mean square successive difference, halved, with the equivalent
 * degrees of freedom 2 (n - 1)^2 / (3 n - 4) (von Neumann, Kent, Bellinson and Hart 1941).
 */
#ifndef PERFGATE_GATE_RUNS_H
#define PERFGATE_GATE_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gate/compare.h"
#include "stats/moderate.h"

/* Noise is estimated from so many runs on. */
#define RUNS_MIN 5
/* Fewer rows than these do not tell what rows have in common. */
#define RUNS_MIN_ROWS 6
/* Then: what 406 windows of ten runs of ci_runner_noise.txt tell by moderate_fit() (4.5 % with 1.4
 * degrees of freedom), rounded. */
#define RUNS_PRIOR_SPREAD 0.05
#define RUNS_PRIOR_DF     2.0

/* Why a stored run does not count for a candidate. */
enum runs_apart {
    RUN_COUNTS,
    RUN_ITSELF, /* it was stored from one of the candidate's own reports */
    RUN_INVALID,
    RUN_OTHER_WORKLOAD,
    RUN_OTHER_MACHINE,
    RUNS_APART
};

enum runs_apart runs_tell(const struct gate_input *in, const struct report *run,
                          const struct report *candidate);

/* What is looked at, and room for one number per run. */
struct runs {
    const struct report *const *reports; /* in the order of time, either way */
    size_t n;
    size_t replicates; /* runs behind the candidate's figures */
    bool any_start;    /* no acceptance puts an end to them */
    bool by_steps;     /* they may drift */
    double *values;
};

/* The runs that have a figure for a scope, and the requests behind it. */
struct runs_sample {
    size_t n;
    int64_t requests, failures;
};

/* Their figures are then in runs->values. */
struct runs_sample runs_collect(const struct runs *runs, const struct scope *scope,
                                enum metric metric);

/* The logs of a row's figures, in runs->values; returns their number, 0 where there are too few
 * runs or a figure is not positive. */
size_t runs_collect_logs(const struct runs *runs, const struct scope *scope, enum metric metric);

/* What is known of the noise of all rows. */
struct runs_pool {
    struct moderate_prior prior;
    double rows; /* independent ones behind the prior; 0: it is from elsewhere */
};

/* The prior of the `wanted` rows themselves, or where they are too few to tell, that of public
 * data. */
struct runs_pool runs_pool(const struct runs *runs, const bool wanted[METRIC_COUNT],
                           const struct numbers *numbers);

/* The moderated deviation of the n logs in runs->values, at least a histogram's resolution, and its
 * degrees of freedom. */
struct runs_spread {
    double deviation, df;
};
struct runs_spread runs_spread(const struct runs *runs, size_t n, const struct runs_pool *pool);

/* Fills error, df and p of an estimate whose figures are there: `variance` is that of log(candidate
 * / base) in units of one run's. Nothing where a figure is not positive. */
void runs_estimate(const struct runs_spread *spread, double variance, enum metric metric,
                   struct estimate *estimate);

/* Fills p of an error rate, whose counts are there, from the binomial's variance, widened by what
 * the runs differ by. */
void runs_estimate_rate(const struct runs *runs, const struct scope *scope,
                        struct estimate *estimate);

#endif
