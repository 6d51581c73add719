/* Random reports for the tests of this layer. */
#ifndef PERFGATE_TESTS_MODEL_SAMPLES_H
#define PERFGATE_TESTS_MODEL_SAMPLES_H

#include "base/rng.h"
#include "model/report.h"

/* `count` durations between 1 us and 1 s, log-uniform. */
void sample_histogram(struct rng *rng, int64_t count, struct histogram *out);

/* A valid report; `n_pairs` pairs of blocks and as many endpoints as given. */
void sample_report(struct rng *rng, size_t n_endpoints, int64_t n_pairs, struct report *out);

#endif
