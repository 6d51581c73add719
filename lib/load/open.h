/*
 * The open model: one worker's arrivals on one arm, and the users that are free for them.
 *
 * An arrival (arrivals.h) begins a task, chosen by weight together with its class, on a user that
 * is free: one of that class that became free last, or else one that has done nothing yet, or else
 * one of another class, which forgets what it was. So there are no more connections and log-ins
 * than the load needs. A user's on-start steps are part of its first task. There is no think time,
 * and nobody waits after an error: arrivals come in their time. Choices are made as arrivals begin,
 * in their order, by a generator of their own, so that both arms of a paired run do the same.
 *
 * An arrival that finds nobody free waits in line, first come first served; the moment that it was
 * meant for stands, and its first request is timed from it. The line needs no memory: it is what is
 * due and has not begun. Arrivals have a time of their own, which is that of the blocks without
 * their ends. What is due before a block's end belongs to the block, and what is in line then may
 * begin for another OPEN_LINE_NS. What is left in line has missed, and is counted.
 */
#ifndef PERFGATE_LOAD_OPEN_H
#define PERFGATE_LOAD_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/rng.h"
#include "load/arrivals.h"
#include "load/plan.h"

#define OPEN_LINE_NS NS_PER_S

struct lane;
struct user;

struct open_model {
    bool on; /* false: the closed model, and nothing else here is used */
    struct arrivals arrivals;
    struct rng rng;          /* of classes and tasks */
    struct user **free;      /* by class, those that are free, as lists; the last one first */
    size_t n_begun;          /* users from 0 on that have had a task */
    bool has_line;           /* an arrival found nobody free, and those behind it wait as well */
    int64_t clock_ns;        /* time of arrivals at the block's beginning */
    int64_t offset_ns;       /* monotonic time - time of arrivals, in this block */
    int64_t end_ns;          /* time of arrivals at the block's end */
    int64_t started, missed; /* of the measured time */
};

void open_init(struct lane *lane, int worker);

/* A block of `length_ns` begins at the monotonic time `now_ns`. */
void open_begin(struct lane *lane, int64_t length_ns, int64_t now_ns);

/* Begins what is due, for as long as users are free. */
void open_admit(struct lane *lane, int64_t now_ns);

/* When the block closes (monotonic): at its end, or later for what is in line. */
int64_t open_end(const struct lane *lane);

/* The monotonic time at which open_admit() has something to do, unless a user becomes free before;
 * INT64_MAX: none. */
int64_t open_next(const struct lane *lane);

/* Nothing begins any more in this block: what is in line has missed. */
void open_close(struct lane *lane, int64_t now_ns);

/* The task of a user is over. */
void open_free(struct user *user);

void open_release(struct open_model *model);

#endif
