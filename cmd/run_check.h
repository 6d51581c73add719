/*
 * perf-run --check: what the run would do, on stdout, and what is wrong with it, on stderr.
 */
#ifndef PERFGATE_CMD_RUN_CHECK_H
#define PERFGATE_CMD_RUN_CHECK_H

#include "base/err.h"
#include "load/run.h"

/* Sends nothing. Returns the exit code, or -1 where the plan cannot be printed. */
int run_check(const struct scenario *scenario, const struct load_options *load, const char *tool,
              struct err *err);

#endif
