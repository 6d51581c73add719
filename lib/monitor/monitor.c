#include "monitor/monitor.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "monitor/latest.h"
#include "monitor/pulse.h"

/* What is left at the end makes a sample of its own from this length on. */
#define LEAST_LAST_NS (MONITOR_INTERVAL_NS / 4)

struct monitor {
    struct tree tree;
    struct pulse pulse;
    struct latest latest; /* the watch's part is the first one */
    size_t n_sides;
    struct watch *watch; /* the thread's, until it is joined */
    struct sources *sources;
    pthread_t thread;
    bool started, joined;
};

/* ---- the thread ---- */

/* What is known of the time so far. */
struct clock_reading {
    int64_t ns;
    double active_s[2];
};

static struct clock_reading read_clock(struct monitor *monitor)
{
    struct clock_reading now = {.ns = clock_monotonic_ns()};
    pulse_active(&monitor->pulse, now.ns, now.active_s);
    return now;
}

static void keep_latest(struct monitor *monitor)
{
    struct latest_part part = {0};
    for (size_t side = 0; side < monitor->n_sides; side++)
        part.sides[side] = watch_latest(monitor->watch, side, &part.arena);
    latest_set(&monitor->latest, 0, &part);
}

/* One sample, up to now. */
static void sample(struct monitor *monitor, struct clock_reading *since)
{
    struct clock_reading now = read_clock(monitor);
    struct watch_time time = {.wall_s = (double)(now.ns - since->ns) / (double)NS_PER_S};
    for (int arm = 0; arm < 2; arm++)
        time.active_s[arm] = now.active_s[arm] - since->active_s[arm];
    watch_sample(monitor->watch, &time);
    keep_latest(monitor);
    *since = now;
}

static void watch_on(struct monitor *monitor)
{
    struct clock_reading since = read_clock(monitor);
    int64_t due_ns = since.ns;
    watch_begin(monitor->watch);
    for (;;) {
        due_ns += MONITOR_INTERVAL_NS;
        if (due_ns < clock_monotonic_ns()) /* a machine that stood still has no time to make up */
            due_ns = clock_monotonic_ns() + MONITOR_INTERVAL_NS;
        bool goes_on = pulse_wait(&monitor->pulse, due_ns);
        if (goes_on || clock_monotonic_ns() - since.ns >= LEAST_LAST_NS)
            sample(monitor, &since);
        if (!goes_on)
            return;
    }
}

static void *work(void *argument)
{
    struct monitor *monitor = argument;
    pthread_setname_np(pthread_self(), MONITOR_THREAD);
    if (pulse_wait_for_begin(&monitor->pulse))
        watch_on(monitor);
    return NULL;
}

/* ---- its owner ---- */

int monitor_start(struct monitor **out, const struct monitor_setup *setup, struct err *err)
{
    struct monitor *monitor = mem_new(sizeof *monitor);
    *out = monitor;
    pulse_init(&monitor->pulse);
    latest_init(&monitor->latest, 1 + (setup->sources ? setup->sources->n : 0));
    if (setup->watch) {
        monitor->n_sides = setup->watch->sides;
        tree_init(&monitor->tree, "/proc", "/sys/fs/cgroup");
        monitor->watch = watch_new(&monitor->tree, setup->watch);
        if (pulse_start_thread(&monitor->thread, work, monitor, "the monitor's thread", err) < 0)
            return -1;
        monitor->started = true;
    }
    if (!setup->sources)
        return 0;
    monitor->sources = sources_new(setup->sources, &monitor->pulse, &monitor->latest, 1);
    return sources_start(monitor->sources, err);
}

void monitor_turn(struct monitor *monitor, int arm, int64_t now_ns, int64_t measured_ns)
{
    pulse_turn(&monitor->pulse, arm, now_ns, measured_ns);
}

void monitor_latest(struct monitor *monitor,
                    void (*use)(const struct report_resources *const sides[2], void *context),
                    void *context)
{
    latest_use(&monitor->latest, use, context);
}

void monitor_stop(struct monitor *monitor)
{
    pulse_stop(&monitor->pulse);
    if (monitor->started && !monitor->joined)
        pthread_join(monitor->thread, NULL);
    monitor->joined = true;
    if (monitor->sources)
        sources_stop(monitor->sources);
}

void monitor_report(const struct monitor *monitor, size_t side, struct report *report)
{
    struct report_health *health = &report->health;
    if (monitor->watch) {
        report->resources = watch_report(monitor->watch, side, &report->arena);
        watch_notes(monitor->watch, side, &report->arena, &health->notes, &health->n_notes);
    }
    if (monitor->sources)
        sources_report(monitor->sources, side, report);
}

void monitor_free(struct monitor *monitor)
{
    if (!monitor)
        return;
    monitor_stop(monitor);
    sources_free(monitor->sources);
    watch_free(monitor->watch);
    if (monitor->watch)
        tree_release(&monitor->tree);
    latest_release(&monitor->latest);
    pulse_release(&monitor->pulse);
    free(monitor);
}
