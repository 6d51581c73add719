/*
 * A virtual user: runs its class's on-start steps once, then picks weighted tasks for ever, with
 * think time in between, one request at a time.
 *
 * A step that fails ends its sequence: the steps behind it build on it. Failed on-start steps are
 * tried again from the first one. After an error of the connection the user waits at least
 * 100 ms, doubled each time up to 1 s, so that a dead server does not make a busy loop. Within a
 * sequence there is no think time.
 * A redirect that is followed is part of its request, which is recorded once, timed as a whole. It
 * is followed on the origin of the request only, at most USER_REDIRECTS times.
 * A user for whom a feed has no more row ends: it sends nothing any more.
 * Everything random comes from the user's own generator, seeded by its number, so that both arms
 * of a paired run do the same.
 */
#ifndef PERFGATE_LOAD_USER_H
#define PERFGATE_LOAD_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "load/conn.h"
#include "load/cookie.h"
#include "load/plan.h"
#include "load/vars.h"

#define USER_REDIRECTS 10

struct lane;

struct user {
    struct conn conn; /* first */
    struct lane *lane;
    const struct plan_class *class;
    const struct plan_sequence *sequence; /* what it is doing */
    struct rng rng;
    struct values values;
    struct cookie_jar jar;
    struct feed_place *places; /* in the plan's feeds; NULL: there are none */
    struct span path;          /* of the request in flight, for cookies and redirects */
    int64_t start_ns;          /* monotonic, of the request in flight */
    int64_t intended_ns;       /* when it should have been sent; 0 = the schedule does not say */
    uint32_t at;               /* step of the sequence */
    uint32_t times;            /* that it is still to be sent, this one included */
    uint8_t redirects;         /* of the request in flight */
    uint8_t broken;            /* errors of the connection in a row */
    bool ready;                /* the on-start steps have passed */
    bool begun;                /* it has sent its first request */
    bool sent;                 /* the request could be rendered, and went on its way */
    uint32_t number;           /* among the users of the arm, from 0 */
};

/* `number` counts the users of an arm, over all workers, from 0. Sets the user's first timer. */
void user_init(struct user *user, struct lane *lane, int64_t number);

/* Its timer, set for the monotonic time `due_ns`, has come. */
void user_wake(struct user *user, int64_t due_ns);

/* wire->done: the request of a user's connection is over. */
void user_done(struct conn *conn, const struct response *response, enum failure failure,
               const char *message);

void user_release(struct user *user);

#endif
