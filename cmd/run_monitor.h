/*
 * What perf-run watches while it loads: the machine, the target's own processes where the target is
 * on this machine, and what else the scenario names, its endpoints and probes among them. The
 * engine says when (load_watcher), lib/monitor watches; the two do not know each other.
 */
#ifndef PERFGATE_CMD_RUN_MONITOR_H
#define PERFGATE_CMD_RUN_MONITOR_H

#include <stdbool.h>

#include "cmd/io.h"
#include "cmd/run_sources.h"
#include "load/run.h"
#include "model/scenario.h"
#include "monitor/monitor.h"

struct run_monitor {
    const struct scenario_monitor *wanted;
    const struct io_log *log;
    struct load_watcher watcher;
    struct watch_process processes[SCENARIO_PROCESSES + 2];
    bool is_local[2];
    struct watch_setup setup;
    struct run_sources sources;
    bool watches;            /* the machine or a process */
    struct monitor *monitor; /* NULL = nothing is watched */
};

/* Sets load->watcher, unless the scenario wants nothing to be watched. `monitor` has to stay where
 * it is; what it is given is borrowed. Fails as run_sources_init(); release it also then. */
int run_monitor_init(struct run_monitor *monitor, const struct scenario *scenario,
                     const struct io_log *log, struct load_options *load, struct err *err)
    __attribute__((warn_unused_result));

/* Adds what was seen to the reports of a run that is over. */
void run_monitor_finish(struct run_monitor *monitor, struct load_result *result);

void run_monitor_release(struct run_monitor *monitor);

#endif
