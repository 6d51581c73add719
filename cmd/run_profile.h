/*
 * The scenario's profiler beside a run: the engine says when (load_watcher), lib/monitor runs it;
 * the two do not know each other.
 *
 * It stands before another watcher, which hears all of it as well.
 */
#ifndef PERFGATE_CMD_RUN_PROFILE_H
#define PERFGATE_CMD_RUN_PROFILE_H

#include "cmd/io.h"
#include "load/run.h"
#include "model/scenario.h"
#include "monitor/profiler.h"

struct run_profile {
    const struct io_log *log;
    const struct load_watcher *next; /* NULL = none */
    struct load_watcher watcher;
    struct profiler_setup setup;
    struct profiler *profiler; /* NULL = none runs */
};

/* -1 where the scenario has a profiler, which the environment does not allow. */
int run_profile_check(const struct scenario *scenario, struct err *err)
    __attribute__((warn_unused_result));

/* Puts itself before load->watcher, where the scenario has a profiler. `profile` has to stay where
 * it is; what it is given is borrowed. */
void run_profile_init(struct run_profile *profile, const struct scenario *scenario,
                      const struct io_log *log, struct load_options *load);

/* Waits for the profilers of a run that is over, but not where it was stopped, and adds what they
 * saw to the reports. */
void run_profile_finish(struct run_profile *profile, bool stopped, struct load_result *result);

void run_profile_release(struct run_profile *profile);

#endif
