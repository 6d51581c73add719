/*
 * The way through a sequence of steps: which are taken, and how often each. A parallel group is
 * taken as its first step is.
 *
 * Only steps that are optional or repeated a varying number of times draw a random number, so that
 * a scenario without them makes the same choices as it did before there were any.
 */
#ifndef PERFGATE_LOAD_WALK_H
#define PERFGATE_LOAD_WALK_H

#include <stdint.h>

#include "base/rng.h"
#include "load/plan.h"

/* The first step from number `from` on that is taken; sequence->n where none is. */
uint32_t walk_next(const struct plan_sequence *sequence, uint32_t from, struct rng *rng);

/* How often a step that is taken is sent, at least once. */
uint32_t walk_times(const struct plan_step *step, struct rng *rng);

#endif
