/*
 * Which arm runs when: a pure function of the options, a seed and what it is told after each
 * block.
 *
 * A run of one arm is one block: ramp, warm-up, measured time. A paired run is a row of pairs of
 * blocks, one of each arm, their order by a seeded coin. Pairs of the warm-up go on until both
 * arms' clocks have passed the ramp and their half of the warm-up; from their latencies the length
 * of the measured blocks is chosen once, max(250 ms, 5 x the worse arm's p99), so that a block's
 * end, in which nothing new starts, stays a small part of it; down to 2 x where only that lets
 * SCHEDULE_MIN_PAIRS pairs fit. A run that is short of pairs may take up to a quarter longer than
 * its duration; where not even then enough fit, it ends before anything is measured. Pairs are
 * gathered in batches of equal size, 20 to 50 of them as planned.
 *
 * A run that is looked at (load/run.h) says when each look is due: between the first two pairs
 * after a quarter, a half and three quarters of the duration. Time alone decides that, and no
 * result. Its batches are the smaller, 100 and more as planned, so that the first look can have 20
 * of them.
 */
#ifndef PERFGATE_LOAD_SCHEDULE_H
#define PERFGATE_LOAD_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

#define SCHEDULE_MIN_PAIRS   20
#define SCHEDULE_MAX_BATCHES 50
#define SCHEDULE_BLOCK_NS    INT64_C(250000000)
/* Looks at a run, its end being the last. */
#define SCHEDULE_LOOKS 4
/* Batches of a run that is looked at: those that a look needs, and a quarter more. */
#define SCHEDULE_LOOK_BATCHES (SCHEDULE_MIN_PAIRS * SCHEDULE_LOOKS * 5 / 4)

struct schedule_plan {
    bool paired;
    bool looks;                     /* of a paired run: it is looked at */
    int64_t ramp_ns;                /* on each arm's clock */
    int64_t warmup_ns, duration_ns; /* both arms together */
    uint64_t seed;
};

/* What the schedule is told when a block is over. Times in ns. */
struct schedule_facts {
    int64_t now_ns;      /* monotonic */
    int64_t clock_ns[2]; /* the arms' clocks */
    int64_t p99_ns[2];   /* of the warm-up so far; 0 = no request yet */
};

struct block {
    int arm;
    int64_t length_ns;        /* until nothing new starts */
    int64_t measure_after_ns; /* requests count that start this long after its beginning, or later;
                                 INT64_MAX = none */
    size_t pair;              /* of a measured block in a paired run */
    bool ends_batch;          /* the arm's batch was complete before this block */
    int look;                 /* the look that is due before this block, from 1; 0 = none */
};

struct schedule {
    struct schedule_plan plan;
    struct rng coin;
    int stage;        /* private */
    bool second;      /* the pair's second block comes next */
    int first_arm;    /* of the current pair */
    int64_t began_ns; /* when measuring began */
    int64_t block_ns;
    size_t n_pairs;         /* complete and measured */
    size_t pairs_per_batch; /* from the plan */
    int look;               /* the last that was due; 0 = none yet */
    size_t first_capacity;
    uint8_t *first;    /* the arm that ran first in each measured pair */
    int64_t needed_ns; /* > 0: too few pairs fit, and the duration that would do */
};

void schedule_init(struct schedule *schedule, const struct schedule_plan *plan);

/* The next block, or false at the end of the run. `facts` of the time before the first block have
 * clocks of 0. */
bool schedule_next(struct schedule *schedule, const struct schedule_facts *facts,
                   struct block *block);

void schedule_release(struct schedule *schedule);

#endif
