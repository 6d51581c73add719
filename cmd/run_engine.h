/*
 * perf-run --engine: which program sends the requests.
 *
 * The native engine is lib/load. Locust is for those who outgrow one machine, and for locustfiles
 * that are there: its run ends with the same report.
 */
#ifndef PERFGATE_CMD_RUN_ENGINE_H
#define PERFGATE_CMD_RUN_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cmd/io.h"
#include "cmd/run_output.h"
#include "load/run.h"
#include "model/scenario.h"

enum engine { ENGINE_NATIVE, ENGINE_LOCUST };

/* The name of an enum engine, NULL after the last. */
const char *run_engine_name(int engine);

/* True for the name of a Python file. */
bool run_engine_is_locustfile(const char *operand);

/* An option that Locust cannot have, or only with a scenario. */
struct run_engine_option {
    const char *name;
    bool given;
    bool with_scenario; /* fine there */
};

int run_engine_check(const char *operand, const struct run_engine_option *options, size_t n,
                     struct err *err) __attribute__((warn_unused_result));

/* What a run of the scenario would be refused for, where it only is to be checked. */
int run_engine_check_scenario(const struct scenario *scenario, const struct load_options *load,
                              struct err *err) __attribute__((warn_unused_result));

struct run_engine {
    const char *operand;
    const struct scenario *scenario; /* unless the operand is a locustfile */
    const struct load_options *load;
    const struct run_place *place;
    struct io_log *log;
    const char *metrics; /* HOST:PORT of live metrics; NULL = none */
    int64_t workers;     /* 0 = Locust alone */
    size_t n_rest;
    const char *const *rest; /* Locust's own options */
};

/* Runs Locust and writes what it measured. The tool's exit code, or -1. */
int run_engine_locust(const struct run_engine *engine, struct err *err)
    __attribute__((warn_unused_result));

#endif
