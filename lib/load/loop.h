/*
 * One thread's event loop: epoll, and an eventfd through which other threads wake it.
 *
 * Sources are registered once, edge-triggered for reading and writing, and leave with their
 * descriptor: closing it is enough. A handler must therefore read until it has seen the end of
 * what is there. One source gives at most one event in a turn, and a handler may close its own
 * descriptor but no other's, so an event never finds a source that is gone.
 * Sleeps are exact to the kernel's timer (epoll_pwait2, Linux 5.11). io_uring was measured and
 * costs the same.
 */
#ifndef PERFGATE_LOAD_LOOP_H
#define PERFGATE_LOAD_LOOP_H

#include <stdint.h>

#include "base/err.h"

enum loop_event {
    LOOP_IN = 1,  /* readable */
    LOOP_OUT = 2, /* writable */
    LOOP_END = 4, /* the peer closed its side, or an error waits */
};

/* Embedded as the first member by whoever owns a descriptor. */
struct loop_source {
    void (*ready)(struct loop_source *source, unsigned events);
};

struct loop {
    int epoll_fd, wake_fd;
    int64_t idle_ns; /* when it last woke up from a sleep: before that it had nothing to do */
};

int loop_init(struct loop *loop, struct err *err) __attribute__((warn_unused_result));

/* Returns 0, or the errno value. */
int loop_add(struct loop *loop, int fd, struct loop_source *source);

/* Has the next loop_wait() report what is still to be read of `fd`, for a handler that leaves some
 * for later. Returns 0, or the errno value. */
int loop_again(struct loop *loop, int fd, struct loop_source *source);

/* Waits until something happens, at most until `until_ns` (monotonic; INT64_MAX: for ever), and
 * runs the handlers of what happened. `now_ns` is the caller's last look at the clock. */
void loop_wait(struct loop *loop, int64_t now_ns, int64_t until_ns);

/* From any thread: makes a loop_wait() that runs, or the next one, return. */
void loop_wake(struct loop *loop);

void loop_release(struct loop *loop);

#endif
