/*
 * The monitor: a watch (watch.h) on a thread of its own, once a second of the measured time, and
 * the application's own sources (sources.h), which have threads of theirs.
 *
 * It is off the measured path: the engine tells it of each turn with a call that takes
 * one lock, seldom contended, a few times a second, and everything else happens on the monitor's
 * thread. The first sample begins with the measured time, and the last one ends where it does.
 *
 * monitor_start() starts the thread, monitor_stop() joins it; reports are made after that. The
 * calls are the owner's, but monitor_turn() and monitor_latest(), which any thread may make. What
 * was seen last is a copy with a lock of its own, so that who looks at it holds no turn up.
 */
#ifndef PERFGATE_MONITOR_MONITOR_H
#define PERFGATE_MONITOR_MONITOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/report.h"
#include "monitor/sources.h"
#include "monitor/watch.h"

#define MONITOR_INTERVAL_NS INT64_C(1000000000)

/* The thread's name, for who looks at what it costs. */
#define MONITOR_THREAD "perfgate-watch"

struct monitor;

/* NULL = that is not wanted. */
struct monitor_setup {
    const struct watch_setup *watch;
    const struct sources_setup *sources;
};

/* Finds the processes, runs the probes that are to be run before, and starts to watch; what the
 * setup points at is borrowed until monitor_free(). */
int monitor_start(struct monitor **out, const struct monitor_setup *setup, struct err *err)
    __attribute__((warn_unused_result));

/* From `now_ns` (monotonic) on it is the turn of `arm` (-1: of nobody), and what is after
 * `measured_ns` counts (INT64_MAX: nothing). */
void monitor_turn(struct monitor *monitor, int arm, int64_t now_ns, int64_t measured_ns);

/* Hands what was seen last of each side, by the watch and by each source (NULL = nothing yet), to
 * `use`, which may look at it until it returns. */
void monitor_latest(struct monitor *monitor,
                    void (*use)(const struct report_resources *const sides[2], void *context),
                    void *context);

/* Takes the last sample, joins the threads, and runs the probes that are to be run after. Harmless
 * twice. */
void monitor_stop(struct monitor *monitor);

/* Adds what was seen of a side to its report, in the report's arena. */
void monitor_report(const struct monitor *monitor, size_t side, struct report *report);

/* Stops it, where it runs. NULL is nothing. */
void monitor_free(struct monitor *monitor);

#endif
