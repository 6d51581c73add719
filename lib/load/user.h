/*
 * A virtual user: runs its class's on-start steps once, then picks weighted tasks for ever, with
 * think time in between, one step after the other.
 *
 * A step is one request, or a group of them that start together; it is over when all of them are,
 * and has failed if one of them has. What a member of a group captures, and the cookies that it
 * gets, are for what is sent behind it: the members were all rendered when the group began.
 * A step that fails ends its sequence: the steps behind it build on it. Failed on-start steps are
 * tried again from the first one. After an error of the connection the user waits at least
 * 100 ms, doubled each time up to 1 s, so that a dead server does not make a busy loop. Within a
 * sequence there is no think time.
 * A redirect that is followed is part of its request, which is recorded once, timed as a whole. It
 * is followed on the origin of the request only, at most USER_REDIRECTS times.
 * In the open model (open.h) a user has one task for each arrival, without think time and without
 * waiting after an error. The first step is timed from the arrival, those behind it from when the
 * one before has ended.
 * A user for whom a feed has no more row ends: it sends nothing any more.
 * Everything random comes from the user's own generator, seeded by its number, so that both arms
 * of a paired run do the same.
 */
#ifndef PERFGATE_LOAD_USER_H
#define PERFGATE_LOAD_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "load/cookie.h"
#include "load/exchange.h"
#include "load/plan.h"
#include "load/pool.h"
#include "load/trace.h"
#include "load/vars.h"

#define USER_REDIRECTS 10

struct lane;

struct user;

/* A request of a user's on its way, borrowed from the lane. */
struct request {
    struct exchange exchange; /* first */
    struct request *next;     /* of those not in use */
    struct user *user;
    const struct plan_step *step;
    struct span path;      /* for cookies and redirects */
    int64_t start_ns;      /* monotonic: its send */
    int64_t since_ns;      /* what it is timed from: the intended start of its step, or its send */
    struct trace_id trace; /* 0: it is not to be recorded */
    uint8_t redirects;
    bool sent; /* it could be rendered, and went on its way */
};

struct user {
    struct pool pool; /* first */
    struct lane *lane;
    const struct plan_class *class;
    const struct plan_sequence *sequence; /* what it is doing */
    struct rng rng;
    struct values values;
    struct cookie_jar jar;
    struct feed_place *places; /* in the plan's feeds; NULL: there are none */
    int64_t since_ns;    /* what its step is timed from: its intended start, or its send; 0 = not
                            known */
    int64_t intended_ns; /* when its step should have been sent; 0 = the schedule does not say */
    uint32_t at;         /* step of the sequence: the first of a group */
    uint32_t left;       /* requests of the step that are not over */
    uint32_t times;      /* that the step is still to be sent, this one included */
    uint32_t number;     /* among the users of the arm, from 0 */
    uint8_t broken;      /* errors of the connection in a row */
    bool failed, hurt;   /* a request of the step has failed; so that the server may be dead */
    bool ready;          /* the on-start steps have passed */
    bool begun;          /* it has sent its first request */

    const struct plan_sequence *task; /* open model: what its arrival is for */
    struct user *next_free;           /* of open_model.free */
};

/* `number` counts the users of an arm, over all workers, from 0. Sets the user's first timer. */
void user_init(struct user *user, struct lane *lane, int64_t number);

/* Its timer, set for the monotonic time `due_ns`, has come. */
void user_wake(struct user *user, int64_t due_ns);

/* Open model: begins a task for an arrival that was due at the monotonic time `due_ns`; `in_line`:
 * it had to wait for a user. The user is free, and may be so again on return. */
void user_arrive(struct user *user, const struct plan_sequence *task, int64_t due_ns, bool in_line);

/* Makes a user that has nothing in flight one of another class, who knows nothing yet. */
void user_become(struct user *user, const struct plan_class *class);

/* wire->done: a request of a user's is over. */
void user_done(struct exchange *exchange, const struct response *response, enum failure failure,
               const char *message);

void user_release(struct user *user);

#endif
