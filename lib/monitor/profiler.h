/*
 * A profiler that runs on each side's target in the last seconds of the measured time, at the same
 * time on both, and what it wrote as the report's `profile`.
 *
 * Each side has a thread of its own, which waits for its time, looks for the target's processes,
 * runs the scenario's commands (command.h) and folds what they wrote (fold.h). Nothing of it is on
 * the path of a request; what the profiler itself costs the target it costs both sides. Whatever
 * goes wrong is a note in the report and never makes a run fail.
 *
 * profiler_start() starts the threads, profiler_stop() joins them, profiler_report() comes after
 * that. The calls are the owner's, but profiler_turn(), which any thread may make.
 */
#ifndef PERFGATE_MONITOR_PROFILER_H
#define PERFGATE_MONITOR_PROFILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/report.h"
#include "model/scenario_profile.h"
#include "monitor/listeners.h"

/* Borrowed until profiler_free(). */
struct profiler_setup {
    const struct scenario_profile *wanted;
    size_t sides;                   /* 1, or 2 of a paired run */
    struct listen_place targets[2]; /* the candidate's and the base's */
    const char *const *environment; /* of the commands */
    const char *directory;          /* where {output} may be */
    int64_t span_ns;                /* from the beginning of the measured time to where the
                                       profiler is to end */
};

struct profiler;

int profiler_start(struct profiler **out, const struct profiler_setup *setup, struct err *err)
    __attribute__((warn_unused_result));

/* As monitor_turn(). */
void profiler_turn(struct profiler *profiler, int arm, int64_t now_ns, int64_t measured_ns);

/* Waits for profilers that run, or ends them where `at_once`, and joins the threads. Harmless
 * twice. */
void profiler_stop(struct profiler *profiler, bool at_once);

/* Adds what a side's profiler saw to its report, in the report's arena. */
void profiler_report(const struct profiler *profiler, size_t side, struct report *report);

/* Stops it at once, where it runs. NULL is nothing. */
void profiler_free(struct profiler *profiler);

#endif
