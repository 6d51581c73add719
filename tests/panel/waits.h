/*
 * Requests that wait for their time: a binary heap by deadline.
 *
 * Each worker has its own and is the only thread that touches it, so there is no lock, and resuming
 * a request needs no other thread to be scheduled first. A zeroed struct is empty.
 */
#ifndef PANEL_WAITS_H
#define PANEL_WAITS_H

#include <stddef.h>
#include <stdint.h>

struct wait {
    int64_t due_ns; /* monotonic */
    void *what;
};

struct waits {
    struct wait *heap;
    size_t count, capacity;
};

void waits_add(struct waits *waits, int64_t due_ns, void *what);

/* When the earliest is due; INT64_MAX where there is none. */
int64_t waits_next_ns(const struct waits *waits);

/* Removes and returns the earliest; there must be one. */
void *waits_pop(struct waits *waits);

void waits_release(struct waits *waits);

#endif
