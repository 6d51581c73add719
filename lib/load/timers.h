/*
 * When each waiting user goes on: a binary heap of due times.
 *
 * A heap and not a wheel: it is exact, its cost (some 12 steps at 5,000 users) vanishes beside a
 * system call, and nothing is ever cancelled, because a user either waits or has a request in
 * flight. A zeroed struct is empty; memory grows to the largest number of waiting users. Times are
 * of the arm's clock. Not thread-safe: one per worker and arm.
 */
#ifndef PERFGATE_LOAD_TIMERS_H
#define PERFGATE_LOAD_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct timer {
    int64_t due_ns;
    void *owner; /* borrowed */
};

struct timers {
    struct timer *heap; /* the earliest first; heap[i] is due no later than 2i+1 and 2i+2 */
    size_t n, capacity;
};

void timers_add(struct timers *timers, int64_t due_ns, void *owner);

/* The earliest due time; INT64_MAX while empty. */
int64_t timers_next(const struct timers *timers);

/* Removes the earliest timer, which must exist, and returns it. */
struct timer timers_take(struct timers *timers);

void timers_release(struct timers *timers);

#endif
