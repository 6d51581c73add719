/*
 * One worker's part of one arm: its users and connections, its clock, its recorder.
 *
 * The clock stands still while the lane does not run. While it runs it is the monotonic clock less
 * `offset_ns`; timers are in its time, deadlines of requests in monotonic time, because a lane
 * never pauses with a request in flight: after its block's end nothing new starts (`closing`), and
 * the clock goes on until the last response.
 */
#ifndef PERFGATE_LOAD_LANE_H
#define PERFGATE_LOAD_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "load/conn.h"
#include "load/extract.h"
#include "load/open.h"
#include "load/plan.h"
#include "load/recorder.h"
#include "load/schedule.h"
#include "load/timers.h"

struct request;
struct user;

/* What the lanes of a worker share; borrowed. */
struct lane_setup {
    const struct plan *plan;
    int arm;
    int worker; /* which of plan->settings.threads */
    struct loop *loop;
    char *in;
    size_t in_size;
    const struct extract *extracts;
};

struct lane {
    struct wire wire; /* first */
    const struct plan *plan;
    int arm, worker;
    const struct extract *extracts;
    size_t n_users, n_ended; /* those that found a feed at its end */
    struct user *users;
    uint32_t spent; /* these feeds, a bit each */
    struct timers timers;
    struct open_model open;
    struct recorder recorder;
    struct tracer tracer;
    struct request *requests; /* not in use; all of them are the arena's */
    struct arena arena;
    struct buf spare;          /* for building a request out of the one before it */
    struct coding_space space; /* for compressed bodies */
    bool closing;
    bool piloting;           /* the second half of the warm-up: its latencies are kept */
    int64_t clock_ns;        /* the arm's clock when it last stood still */
    int64_t offset_ns;       /* monotonic time - the arm's clock, while it runs */
    int64_t resumed_ns;      /* monotonic, of the current block */
    int64_t end_ns;          /* monotonic, when the current block closes */
    int64_t measure_from_ns; /* monotonic: requests count that start at this time or later */
    int64_t epoch_ns;        /* the arm's clock when measuring began; -1 = not yet */
    int64_t wall_offset_ns;  /* wall time - monotonic time */
};

void lane_init(struct lane *lane, const struct lane_setup *setup);

/* Lets the clock run and begins `block` at the monotonic time `now_ns`. */
void lane_begin(struct lane *lane, const struct block *block, int64_t now_ns);

/* One turn: starts what is due, ends what is overdue, and waits for what comes next. False once
 * the block is over; the clock then stands. `stop`: the block closes now. */
bool lane_turn(struct lane *lane, bool stop);

/* The time of the arm's clock at a monotonic time, while it runs. */
int64_t lane_clock(const struct lane *lane, int64_t monotonic_ns);

/* Whether a user may not begin a task now, because stages of users have it rest; it then has a
 * timer for when it may again. */
bool lane_holds(struct lane *lane, struct user *user);

/* Measured time on the arm's clock until it last stood still. */
int64_t lane_measured(const struct lane *lane);

/* At the end of the run: closes what the recorder has open. */
void lane_finish(struct lane *lane);

/* For a user: a request, with what the last one has left in it. It goes back with its box. */
struct request *lane_borrow_request(struct lane *lane) __attribute__((returns_nonnull));
void lane_return_request(struct lane *lane, struct request *request);

void lane_release(struct lane *lane);

#endif
