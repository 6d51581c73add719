/*
 * The workers of a run, a thread with an event loop each, and the border between blocks where
 * they meet.
 *
 * Between two blocks workers share nothing. At a border each arrives by one atomic decrement; the
 * last one asks the schedule for the next block, publishes it and wakes the others, so that a run
 * with one thread never waits for anybody. Whoever waits does so in its event loop: idle
 * connections that a server closes are seen.
 */
#ifndef PERFGATE_LOAD_CREW_H
#define PERFGATE_LOAD_CREW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "load/lane.h"
#include "load/loop.h"
#include "load/plan.h"
#include "load/run.h"
#include "load/schedule.h"
#include "model/report.h"

struct crew;

/* Looks at a run under way, see load/run.h: asked by the last to arrive at a border where one is
 * due, while the others wait, so that what they left in their lanes can be read. */
struct crew_looks {
    enum look_reason (*ask)(const struct crew *crew, void *context); /* NULL = none */
    void *context;
};

struct worker {
    pthread_t thread;
    struct crew *crew;
    struct loop loop;
    char *in;
    struct extract *extracts;
    struct lane lanes[2]; /* by arm */
    int64_t cpu_ns;       /* of the thread, when it is over */
};

struct crew {
    const struct plan *plan;
    struct schedule schedule; /* only the last to arrive at a border uses it */
    int n;                    /* workers */
    struct worker *workers;
    int64_t began_ns;        /* monotonic */
    int64_t wall_ns;         /* the whole run's time, when it is over */
    atomic_bool interrupted; /* it was stopped, */
    bool alerted;            /* by who watches it (run.h) and not by a signal */
    struct crew_looks looks;
    int look; /* the number of the one that is made, or that ended the run; 0 = none */
    enum look_reason ended;             /* why a look ended the run; LOOK_END = none did */
    const struct load_watcher *watcher; /* set before crew_start(); NULL = none */

    /* The border. `block` and `over` belong to the last to arrive until it raises `border`. */
    atomic_int missing; /* workers that have not arrived */
    atomic_uint border; /* borders passed */
    struct block block;
    bool over;

    atomic_bool stop;
    atomic_int running; /* workers that have not ended */
    int over_fd;        /* eventfd: signalled at the end */

    /* For the progress line. */
    atomic_bool warming_up;
    atomic_int arm;
    _Atomic int64_t pairs;
};

/* Makes the workers with their users; nothing runs yet. Release also after a failure. */
int crew_init(struct crew *crew, const struct plan *plan, const struct crew_looks *looks,
              struct err *err) __attribute__((warn_unused_result));

/* Starts the threads. */
int crew_start(struct crew *crew, struct err *err) __attribute__((warn_unused_result));

/* Waits until all is over or `timeout_ms` have passed or a signal has come; true: it is over. */
bool crew_wait(struct crew *crew, int timeout_ms);

/* Ends the run early: no request begins any more, those in flight are waited for. */
void crew_stop(struct crew *crew);

/* Joins the threads; after crew_start(), once crew_wait() said that it is over. */
void crew_join(struct crew *crew);

void crew_release(struct crew *crew);

#endif
