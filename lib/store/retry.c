#include "store/retry.h"

#include <sys/stat.h>

#include "base/clock.h"

#define SHORTEST_NS (4 * NS_PER_MS)
/* The pauses are up to so many tries long: at first, at most, and half of that after WAIT tries. */
#define FIRST     8
#define DOUBLINGS 4
#define WAIT      16

void retry_start(struct retry *retry, uint64_t seed)
{
    int64_t now_ns = clock_monotonic_ns();
    *retry = (struct retry){.limit_s = RETRY_LIMIT_S, .start_ns = now_ns, .try_start_ns = now_ns};
    rng_init(&retry->rng, seed, 0);
}

/* How long the lock file has been the same one. */
static int64_t lock_age_ns(struct retry *retry, const char *lock, int64_t now_ns)
{
    struct stat info;
    if (stat(lock, &info) < 0) {
        retry->inode = 0;
        return 0;
    }
    if (retry->inode != info.st_ino || retry->changed.tv_sec != info.st_ctim.tv_sec ||
        retry->changed.tv_nsec != info.st_ctim.tv_nsec) {
        retry->inode = info.st_ino;
        retry->changed = info.st_ctim;
        retry->seen_ns = now_ns;
    }
    return now_ns - retry->seen_ns;
}

static void pause_for(int64_t ns)
{
    struct timespec left = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};
    nanosleep(&left, NULL);
}

static int64_t longest_pause(const struct retry *retry, int64_t waited_ns)
{
    int64_t try_ns = retry->shortest_ns;
    double half_ns = WAIT * (double)try_ns;
    double grown_ns = (double)((int64_t)FIRST << retry->n) * (double)try_ns;
    double shrunk_ns = (double)((int64_t)FIRST << DOUBLINGS) * (double)try_ns * half_ns /
                       (half_ns + (double)waited_ns);
    int64_t longest_ns = (int64_t)(grown_ns < shrunk_ns ? grown_ns : shrunk_ns);
    return longest_ns > try_ns ? longest_ns : try_ns;
}

int retry_wait(struct retry *retry, const char *lock, struct err *err)
{
    int64_t now_ns = clock_monotonic_ns();
    if (lock_age_ns(retry, lock, now_ns) > RETRY_STALE_S * NS_PER_S)
        return err_set(err, ERR_IO,
                       "'%s' has been there for over %d seconds; wait for the git that holds it, "
                       "or, where none runs, type `rm '%s'`",
                       lock, RETRY_STALE_S, lock);
    if (now_ns - retry->start_ns > retry->limit_s * NS_PER_S)
        return err_set(err, ERR_IO, "other writers were faster for %d seconds; try again",
                       (int)retry->limit_s);
    int64_t took_ns = now_ns - retry->try_start_ns;
    if (!retry->shortest_ns || took_ns < retry->shortest_ns)
        retry->shortest_ns = took_ns > SHORTEST_NS ? took_ns : SHORTEST_NS;
    pause_for(rng_between(&retry->rng, 0, longest_pause(retry, now_ns - retry->start_ns)));
    if (retry->n < DOUBLINGS)
        retry->n++;
    retry->try_start_ns = clock_monotonic_ns();
    return 0;
}

void retry_hold_signals(sigset_t *before)
{
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &held, before);
}

void retry_let_signals(const sigset_t *before)
{
    pthread_sigmask(SIG_SETMASK, before, NULL);
}
