/*
 * Reproducible random numbers: xoshiro256** 1.0, seeded through SplitMix64
 * (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021).
 *
 * The state is the caller's, one per user of randomness, so that a seed repeats a run whatever
 * else draws numbers. Not for secrets.
 */
#ifndef PERFGATE_BASE_RNG_H
#define PERFGATE_BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state[4];
};

/* `stream` separates users of one seed: equal seed and stream give equal numbers. */
void rng_init(struct rng *rng, uint64_t seed, uint64_t stream);

uint64_t rng_u64(struct rng *rng);

/* Uniform in [0, bound), without bias; 0 for a bound of 0 or 1. */
uint64_t rng_below(struct rng *rng, uint64_t bound);

/* Uniform in [0, 1), 53 bits. */
double rng_unit(struct rng *rng);

/* Uniform integer in [low, high]; low where high < low. */
int64_t rng_between(struct rng *rng, int64_t low, int64_t high);

#endif
