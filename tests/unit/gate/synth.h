/*
 * Made-up reports: flat ones, and paired runs with every nuisance that real ones have.
 */
#ifndef PERFGATE_TESTS_GATE_SYNTH_H
#define PERFGATE_TESTS_GATE_SYNTH_H

#include <stdint.h>

#include "model/report.h"

#define SYNTH_ENDPOINTS 4

/* A paired run; zero is a quiet one of equal sides with default sizes. */
struct synth {
    uint64_t seed;
    int64_t pairs;                   /* default 80 */
    int64_t batches;                 /* default 40 */
    double per_block;                /* mean requests per block and endpoint; default 15 */
    double slow[SYNTH_ENDPOINTS];    /* the candidate's latencies times 1 + this */
    double errors, candidate_errors; /* failure rates */
    double burst;        /* chance that a block of either side has half of its requests fail */
    double drift;        /* latencies of both sides grow by this over the run */
    double outliers;     /* chance that a block is ten times slower */
    int64_t stall;       /* in this pair, from 1, the base is ten times slower; 0 = never */
    double start_spread; /* deviation of log latency between starts of a side */
    int pause_every;     /* every so many pairs the candidate stands still for 300 ms; 0 = never */
};

/* Both sides of one start, from 1. Released with report_release(). */
void synth_paired(const struct synth *how, int64_t start, struct report *candidate,
                  struct report *base);

/* A flat report's worth of figures. */
struct report synth_flat(int64_t requests, int64_t failures, double average_ms, double p95_ms);

/* Standard normal. */
struct rng;
double synth_normal(struct rng *rng);

#endif
