/*
 * Time-outs that all have the same length: a queue in the order of their ends.
 *
 * Entering and leaving cost two pointer writes, nothing is ever sorted, and a request that is
 * answered in time costs no timer. Members are embedded in what they guard. A zeroed struct with
 * its length set is an empty queue; times are monotonic.
 */
#ifndef PERFGATE_LOAD_DEADLINES_H
#define PERFGATE_LOAD_DEADLINES_H

#include <stdint.h>

struct deadline {
    struct deadline *previous, *next;
    struct deadlines *queue; /* NULL = in none */
    int64_t at_ns;
};

struct deadlines {
    struct deadline *first, *last;
    int64_t length_ns;
};

/* Moves `deadline` from the queue that it is in, if any, to the end of `deadlines`. */
void deadlines_add(struct deadlines *deadlines, struct deadline *deadline, int64_t now_ns);

/* Harmless where it is in no queue. */
void deadline_cancel(struct deadline *deadline);

/* INT64_MAX while empty. */
int64_t deadlines_next(const struct deadlines *deadlines);

#endif
