/*
 * Runs Locust for perf-run: its processes, their command lines, and what they tell.
 *
 * Locust is the program `locust` in PATH. It is given the bridge (lib/locust), which lies beside
 * the tools in share/perfgate, and the plan through a descriptor, so that no secret of it is in a
 * file or an environment.
 */
#ifndef PERFGATE_CMD_LOCUST_RUN_H
#define PERFGATE_CMD_LOCUST_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "load/locust_plan.h"
#include "load/locust_result.h"
#include "load/run.h"

struct locust_call {
    const struct locust_plan *plan;
    int64_t workers; /* on this machine; 0 = none of ours */
    size_t n_rest;
    const char *const *rest;            /* Locust's own options */
    const volatile sig_atomic_t *stop;  /* non-zero = stop cleanly */
    const struct load_watcher *watcher; /* as of our own engine, of one side; NULL = none */
    void (*progress)(const struct load_progress *progress, void *context); /* NULL = none */
    void *progress_context;
};

/* True where the options make it a worker of a master elsewhere, which has no figures. */
bool locust_is_worker(const struct locust_call *call);
/* True where they make it a master of workers elsewhere. */
bool locust_is_master(const struct locust_call *call);

/* Runs it to its end. 0 with what was measured, or where it was asked to stop; -1 where nothing
 * was. No process is left in either case. */
int locust_run(const struct locust_call *call, struct locust_result *result, struct err *err)
    __attribute__((warn_unused_result));

#endif
