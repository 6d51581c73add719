/*
 * The two ways to a remote: a path (push_path.c) and a network (push_net.c). Private to lib/store.
 *
 * The driver (push.c) looks at the remote's ref, combines, and publishes; a way knows how. Both
 * take care that what they look at is in the local object database.
 */
#ifndef PERFGATE_STORE_PUSH_WAY_H
#define PERFGATE_STORE_PUSH_WAY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/push.h"
#include "store/push_address.h"
#include "store/push_view.h"

/* A push on its way. */
struct pushing {
    const struct push_query *query;
    struct arena arena;
    struct push_address address;
    struct push_view view;
    char local[REPO_ID_SIZE];  /* our ref's commit, as read last */
    char remote[REPO_ID_SIZE]; /* the remote's; "" = it has no such ref */
    const char *own_lock;      /* the lock file of our ref */
    const char *in_the_way;    /* the lock file that stopped the last try, if one did; or "" */
    void *state;               /* the way's */
};

struct push_way {
    /* Before the first look; `state` is the way's from then on, and given back by close(). */
    int (*open)(struct pushing *pushing, struct err *err);
    /* Fills `remote`, and gets its commit and history into the local object database. */
    int (*look)(struct pushing *pushing, struct err *err);
    /* Moves the remote's ref from `remote` to the commit `to`. *moved is false, without an error,
     * where another writer was faster: look again. */
    int (*publish)(struct pushing *pushing, const char *to, bool *moved, struct err *err);
    void (*close)(struct pushing *pushing);
};

extern const struct push_way push_way_path, push_way_net;

#endif
