/*
 * The endpoints and probes of a scenario, made ready to be asked: whose they are, where they are
 * on each side, and what is sent with a question, with `${NAME}` filled in.
 *
 * Commands get the environment, with PERFGATE_SIDE (candidate or base) and PERFGATE_TARGET (the
 * address of that side) in it.
 */
#ifndef PERFGATE_CMD_RUN_SOURCES_H
#define PERFGATE_CMD_RUN_SOURCES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "load/run.h"
#include "model/scenario.h"
#include "monitor/sources.h"

struct run_sources {
    struct arena arena;
    struct sources_setup setup;
    struct asked_setup items[2 * 2 * SCENARIO_ENDPOINTS];
    const struct scenario *scenario;
    const struct load_options *load;
};

/* Fails where a probe may not be run, a host is not allowed, or a variable has no value. What it is
 * given is borrowed; release it also after a failure. */
int run_sources_init(struct run_sources *sources, const struct scenario *scenario,
                     const struct load_options *load, struct err *err)
    __attribute__((warn_unused_result));

void run_sources_release(struct run_sources *sources);

#endif
