/*
 * An arm's seconds, one after the other, soon after each is over on all threads.
 *
 * Workers publish the intervals that they close (recorder.h), as recent.h shows the last of them. A
 * worker closes one when its next request is over, so a second is taken to be over when some worker
 * has closed the one after it; what another one hands in later is in the second that is shown next,
 * so that nothing is lost. Takes no lock and costs the workers nothing.
 */
#ifndef PERFGATE_LOAD_TIMELINE_H
#define PERFGATE_LOAD_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "load/crew.h"
#include "load/run.h"
#include "stats/histogram.h"

/* Zero is before the first second. */
struct timeline {
    int64_t shown;                   /* how many were */
    int64_t taken[LOAD_MAX_THREADS]; /* by worker: up to which second, counted from 1 */
    struct histogram latencies;      /* of the one that was shown last */
};

/* The next second, which is good until the next call; false where none is over. From one thread,
 * while the crew exists. */
bool timeline_next(struct timeline *timeline, const struct crew *crew, int arm,
                   struct load_second *second);

void timeline_release(struct timeline *timeline);

#endif
