/*
 * When the tasks of an open model begin: the arrivals at one worker, one after the other. Pure.
 *
 * Constant: arrival k of the whole run, from 0, comes when the integral of the rate is k, at
 * k / rate where the rate does not change. It is computed from k each time and not from the arrival
 * before, so that nothing adds up to a drift. Worker i of n takes k = i, i + n, i + 2n, ..., so
 * that all of them together are evenly spaced, and share nothing.
 *
 * Poisson: each worker has a process of its own, of 1/n of the rate; processes that are added up
 * make one. A process whose rate changes is one of rate 1 in the time that the integral of the rate
 * tells (Cinlar 1975, Introduction to Stochastic Processes, chapter 4; Devroye 1986, Non-Uniform
 * Random Variate Generation, chapter VI), so that the same inversion serves both.
 */
#ifndef PERFGATE_LOAD_ARRIVALS_H
#define PERFGATE_LOAD_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "load/curve.h"

struct arrivals_plan {
    const struct curve *rate; /* borrowed */
    bool poisson;
    int worker, n_workers;
    uint64_t seed; /* equal seeds give equal arrivals */
};

struct arrivals {
    struct arrivals_plan plan;
    struct rng rng;
    int64_t number;  /* of the next one: among the whole run's where they are constant */
    double integral; /* of the rate, up to the next one */
    size_t stage;
    int64_t due_ns; /* when the next one comes, from the beginning; INT64_MAX = none does */
};

/* To the first one. */
void arrivals_init(struct arrivals *arrivals, const struct arrivals_plan *plan);

/* To the one after. */
void arrivals_next(struct arrivals *arrivals);

#endif
