/*
 * Methods side by side that say whether a latency's breach is more than noise: what gate/paired.h
 * ships, and what it was chosen from. All see the same evidence; the unit is the batch.
 */
#ifndef PERFGATE_TESTS_STAT_METHOD_H
#define PERFGATE_TESTS_STAT_METHOD_H

#include "gate/compare.h"
#include "gate/evidence.h"

enum method {
    METHOD_PLAIN,     /* the threshold alone */
    METHOD_WELCH,     /* unpaired: Welch 1947, of the logs of the batches' figures */
    METHOD_STUDENT,   /* Student's tail of log R over the jackknife's error (stats/spread.h) */
    METHOD_SWAP,      /* the label swap alone (stats/tests.h) */
    METHOD_LARGER,    /* the larger one of these two */
    METHOD_STARTS,    /* … with what starts differ by: the first chance of gate/paired.h */
    METHOD_TRIMMED,   /* Yuen 1974, of the batches' log ratios (stats/spread.h) */
    METHOD_BOOTSTRAP, /* log R over its error by METHOD_RESAMPLES of the batches, the normal tail
                         (Efron 1979; Efron and Tibshirani 1993, 6.2 and 13.2) */
    METHOD_SHIPS,     /* STARTS and, as gate/decide.c gives it, the typical pair's chance */
    METHODS
};

/* More are seldom needed for a standard error (Efron and Tibshirani 1993, 6.4). */
#define METHOD_RESAMPLES 200

const char *method_name(enum method method);

/* What is asked of all methods: a mean or a quantile of one scope. */
struct row {
    const struct evidence *evidence;
    enum metric metric;
    const struct estimate *estimate; /* gate/paired.h's */
    double threshold;
};

/* p of each method that the candidate is slower by chance alone; 1 where one has nothing to say. */
void method_ask(const struct row *row, double p[METHODS]);

#endif
