/*
 * A comparison with stored runs in the making, and its outcome.
 */
#ifndef PERFGATE_TESTS_GATE_SHELF_H
#define PERFGATE_TESTS_GATE_SHELF_H

#include <stddef.h>
#include <stdint.h>

#include "gate/gate.h"

#define SHELF_RUNS 12

/* Averages of ten runs of one code; their logs have a deviation of 4.99 %. */
extern const double shelf_averages[10];

struct shelf {
    struct report runs[SHELF_RUNS], candidates[3];
    size_t n_runs, n_candidates;
    struct policy policy;
    struct gate_input in; /* what shelf_judge() does not set: an anchor, acceptances */
    struct verdict verdict;
};

/* 10,000 requests on one kind of machine, p95 twice the average. */
struct report shelf_run(int64_t failures, double average);

/* The first n_runs of the averages, and a candidate, 50 failures each. */
void shelf_open(struct shelf *shelf, size_t n_runs, double average);
void shelf_close(struct shelf *shelf);

/* As stored runs, unless shelf->in has another comparison. */
void shelf_judge(struct shelf *shelf);

/* The row of the whole run against the base, which must be there. */
const struct verdict_row *shelf_row(const struct shelf *shelf, enum metric metric);

#endif
