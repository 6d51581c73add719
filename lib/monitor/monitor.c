#include "monitor/monitor.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "monitor/turns.h"

/* What is left at the end makes a sample of its own from this length on. */
#define LEAST_LAST_NS (MONITOR_INTERVAL_NS / 4)

/* What the last sample saw of each side. */
struct latest {
    struct arena arena;
    const struct report_resources *sides[2];
};

struct monitor {
    size_t n_sides;
    struct tree tree;
    struct watch *watch; /* the thread's, until it is joined */
    pthread_t thread;
    bool joined;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Below the lock. */
    struct turns turns;
    int64_t begin_ns; /* when measuring begins; INT64_MAX = not known yet */
    int64_t end_ns;   /* when it ended; INT64_MAX = not yet */
    bool stop;
    pthread_mutex_t latest_lock;
    struct latest latest; /* below it */
};

/* ---- the thread ---- */

static struct timespec at(int64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

/* Waits for a time, or until measuring has ended; below the lock. False: it has, or was stopped. */
static bool wait_until(struct monitor *monitor, int64_t until_ns)
{
    struct timespec until = at(until_ns);
    while (!monitor->stop && monitor->end_ns == INT64_MAX && clock_monotonic_ns() < until_ns)
        pthread_cond_timedwait(&monitor->changed, &monitor->lock, &until);
    return !monitor->stop && monitor->end_ns == INT64_MAX;
}

/* Until measuring begins. */
static bool wait_for_begin(struct monitor *monitor)
{
    while (!monitor->stop && monitor->begin_ns == INT64_MAX)
        pthread_cond_wait(&monitor->changed, &monitor->lock);
    return !monitor->stop && wait_until(monitor, monitor->begin_ns);
}

static void keep_latest(struct monitor *monitor)
{
    struct latest latest = {0};
    for (size_t side = 0; side < monitor->n_sides; side++)
        latest.sides[side] = watch_latest(monitor->watch, side, &latest.arena);
    pthread_mutex_lock(&monitor->latest_lock);
    struct latest before = monitor->latest;
    monitor->latest = latest;
    pthread_mutex_unlock(&monitor->latest_lock);
    arena_release(&before.arena);
}

/* One sample, up to now; the lock is held before and after. */
static void sample(struct monitor *monitor, int64_t *since_ns)
{
    struct watch_time time;
    int64_t now_ns = clock_monotonic_ns();
    turns_take(&monitor->turns, now_ns, time.active_s);
    pthread_mutex_unlock(&monitor->lock);
    time.wall_s = (double)(now_ns - *since_ns) / (double)NS_PER_S;
    watch_sample(monitor->watch, &time);
    keep_latest(monitor);
    *since_ns = now_ns;
    pthread_mutex_lock(&monitor->lock);
}

static void watch_on(struct monitor *monitor)
{
    double before[2];
    int64_t since_ns = clock_monotonic_ns(), due_ns = since_ns;
    turns_take(&monitor->turns, since_ns, before);
    pthread_mutex_unlock(&monitor->lock);
    watch_begin(monitor->watch);
    pthread_mutex_lock(&monitor->lock);
    for (;;) {
        due_ns += MONITOR_INTERVAL_NS;
        if (due_ns < clock_monotonic_ns()) /* a machine that stood still has no time to make up */
            due_ns = clock_monotonic_ns() + MONITOR_INTERVAL_NS;
        bool goes_on = wait_until(monitor, due_ns);
        if (goes_on || clock_monotonic_ns() - since_ns >= LEAST_LAST_NS)
            sample(monitor, &since_ns);
        if (!goes_on)
            return;
    }
}

static void *work(void *argument)
{
    struct monitor *monitor = argument;
    pthread_setname_np(pthread_self(), MONITOR_THREAD);
    pthread_mutex_lock(&monitor->lock);
    if (wait_for_begin(monitor))
        watch_on(monitor);
    pthread_mutex_unlock(&monitor->lock);
    return NULL;
}

/* ---- its owner ---- */

/* Signals are the owner's. */
static int start_thread(struct monitor *monitor)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&monitor->thread, NULL, work, monitor);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

int monitor_start(struct monitor **out, const struct watch_setup *setup, struct err *err)
{
    struct monitor *monitor = mem_new(sizeof *monitor);
    pthread_condattr_t monotonic;
    *out = monitor;
    tree_init(&monitor->tree, "/proc", "/sys/fs/cgroup");
    monitor->watch = watch_new(&monitor->tree, setup);
    monitor->n_sides = setup->sides;
    monitor->begin_ns = monitor->end_ns = INT64_MAX;
    turns_init(&monitor->turns);
    pthread_mutex_init(&monitor->lock, NULL);
    pthread_mutex_init(&monitor->latest_lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&monitor->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int error = start_thread(monitor);
    if (!error)
        return 0;
    monitor->joined = true;
    return err_set_errno(err, error, "the monitor's thread cannot be started");
}

void monitor_turn(struct monitor *monitor, int arm, int64_t now_ns, int64_t measured_ns)
{
    pthread_mutex_lock(&monitor->lock);
    turns_next(&monitor->turns, arm, now_ns, measured_ns);
    bool begins = monitor->begin_ns == INT64_MAX && arm >= 0 && measured_ns < INT64_MAX;
    if (begins)
        monitor->begin_ns = measured_ns;
    if (arm < 0)
        monitor->end_ns = now_ns;
    if (begins || arm < 0)
        pthread_cond_signal(&monitor->changed);
    pthread_mutex_unlock(&monitor->lock);
}

void monitor_latest(struct monitor *monitor,
                    void (*use)(const struct report_resources *const sides[2], void *context),
                    void *context)
{
    pthread_mutex_lock(&monitor->latest_lock);
    use(monitor->latest.sides, context);
    pthread_mutex_unlock(&monitor->latest_lock);
}

void monitor_stop(struct monitor *monitor)
{
    if (monitor->joined)
        return;
    pthread_mutex_lock(&monitor->lock);
    monitor->stop = true;
    pthread_cond_signal(&monitor->changed);
    pthread_mutex_unlock(&monitor->lock);
    pthread_join(monitor->thread, NULL);
    monitor->joined = true;
}

void monitor_report(const struct monitor *monitor, size_t side, struct report *report)
{
    struct report_health *health = &report->health;
    report->resources = watch_report(monitor->watch, side, &report->arena);
    watch_notes(monitor->watch, side, &report->arena, &health->notes, &health->n_notes);
}

void monitor_free(struct monitor *monitor)
{
    if (!monitor)
        return;
    monitor_stop(monitor);
    pthread_cond_destroy(&monitor->changed);
    pthread_mutex_destroy(&monitor->lock);
    pthread_mutex_destroy(&monitor->latest_lock);
    arena_release(&monitor->latest.arena);
    watch_free(monitor->watch);
    tree_release(&monitor->tree);
    free(monitor);
}
