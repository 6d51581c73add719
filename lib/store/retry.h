/*
 * Tries again after a lost race: how long to wait, and when to give up. Private to lib/store.
 *
 * The pause is random, some times as long as the shortest try took (a network's takes long). It
 * doubles with each try, so that many writers come apart, and is the shorter the longer one has
 * waited: with doubling alone who has just come, and pauses little, wins time after time over those
 * who have waited long (Ethernet's capture effect).
 *
 * It goes on for as long as others make progress: what ends it is a lock file that stays the same
 * one for RETRY_STALE_S, or the limit in all. A lock of git's does not say who holds it, so one
 * that was left behind cannot be told from one that is in use: the message names the file, and
 * removing it is the user's decision, as with git itself.
 *
 * While a lock is held, signals that a user sends (SIGINT, SIGTERM, SIGHUP) wait, so that only what
 * cannot wait (SIGKILL, power loss) leaves a lock behind.
 */
#ifndef PERFGATE_STORE_RETRY_H
#define PERFGATE_STORE_RETRY_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"
#include "base/rng.h"

#define RETRY_STALE_S 5
#define RETRY_LIMIT_S 60 /* unless the caller sets another */

struct retry {
    struct rng rng;
    unsigned n; /* doublings of the pause so far */
    int64_t limit_s;
    int64_t start_ns, try_start_ns;
    int64_t shortest_ns; /* of the tries so far */
    ino_t inode;         /* of the lock file when it was first seen as it is; 0: there was none */
    struct timespec changed;
    int64_t seen_ns;
};

void retry_start(struct retry *retry, uint64_t seed);

/* Waits before the next try. ERR_IO where there should be none; `lock` is the lock file that stood
 * in the way, if one did. */
int retry_wait(struct retry *retry, const char *lock, struct err *err)
    __attribute__((warn_unused_result));

void retry_hold_signals(sigset_t *before);
void retry_let_signals(const sigset_t *before);

#endif
