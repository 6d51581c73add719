/*
 * What the threads of the monitor share: when measuring begins and ends, and whose turn it was.
 *
 * The engine tells it of each turn, with one lock that is held for a moment; whoever watches waits
 * on it. Any thread may call; it stays where it is between init and release.
 */
#ifndef PERFGATE_MONITOR_PULSE_H
#define PERFGATE_MONITOR_PULSE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "monitor/turns.h"

struct pulse {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Below the lock. */
    struct turns turns;
    double active_s[2]; /* measured so far, of each arm */
    int64_t begin_ns;   /* when measuring begins; INT64_MAX = not known yet */
    int64_t end_ns;     /* when it ended; INT64_MAX = not yet */
    bool stop;
};

void pulse_init(struct pulse *pulse);

/* As monitor_turn(). */
void pulse_turn(struct pulse *pulse, int arm, int64_t now_ns, int64_t measured_ns);

/* Nobody is to wait any longer. */
void pulse_stop(struct pulse *pulse);

/* Until measuring begins; false: it was stopped before. */
bool pulse_wait_for_begin(struct pulse *pulse);

/* Whether measuring began, ever. */
bool pulse_has_begun(struct pulse *pulse);

/* Until a time (monotonic); false: measuring has ended, or was stopped. */
bool pulse_wait(struct pulse *pulse, int64_t until_ns);

/* The measured time of both arms until now, in seconds. */
void pulse_active(struct pulse *pulse, int64_t now_ns, double active_s[2]);

/* Starts a thread that gets no signals: they are for others. `what` names it in the message. */
int pulse_start_thread(pthread_t *thread, void *(*work)(void *), void *argument, const char *what,
                       struct err *err) __attribute__((warn_unused_result));

void pulse_release(struct pulse *pulse);

#endif
