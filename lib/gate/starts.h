/*
 * How far two starts of one program differ, learnt from the starts of a paired run.
 *
 * Each start k of a scope has a typical log ratio of means r_k, the 20 % trimmed mean of its pairs.
 * Their variance less what Yuen's error says that they differ by anyway is what starts add; with a
 * few starts it is known badly, so that it is pooled over the rows, weighted by how well each knows
 * it, and with a prior: (d0 s0^2 + (K - 1) e) / (d0 + K - 1), which has d0 + K - 1 degrees of
 * freedom (the posterior mean under a scaled inverse chi-square prior; Smyth 2004, section 3). A
 * row whose own starts differ by more than the pool says has its own, from the same prior. A single
 * start says nothing, and has the stated spread, taken as known.
 */
#ifndef PERFGATE_GATE_STARTS_H
#define PERFGATE_GATE_STARTS_H

#include <stddef.h>

#include "gate/evidence.h"

/* The deviation of r_k that a single start has. Node on a quiet machine: 1.6 %. */
#define STARTS_SPREAD 0.015
/* The prior of several. The quiet traces of ci/bench/VERDICT.md, three starts each, differ beyond
 * their noise by 0.1 % (panel, waiting), 1.7 % (nginx), 3.0 % (panel, computing; nearly all of it
 * in one of five) and by nothing that shows (Node). Ten degrees of freedom leave three starts that
 * do not differ the power to find +5 % at a threshold of 1.02. */
#define STARTS_PRIOR_SPREAD 0.01
#define STARTS_PRIOR_DF     10.0

/* What is known of one scope: the variance of log(candidate / base) over all starts. */
struct starts_spread {
    double variance, df; /* df INFINITY: taken as known */
};

/* For each of n > 0 scopes of one paired run, in `out`. */
void starts_estimate(const struct evidence *scopes, size_t n, struct starts_spread *out);

#endif
