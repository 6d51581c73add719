/*
 * Whether a scenario's commands may be run: its probes and its profiler.
 *
 * A scenario may come from the change under test, and a command of it is code that runs here, so
 * that somebody else than the scenario has to allow it: the environment.
 */
#ifndef PERFGATE_CMD_RUN_COMMANDS_H
#define PERFGATE_CMD_RUN_COMMANDS_H

#include "base/err.h"

/* `what` wants to be run, as in "the probe 'redis'". -1 where LOAD_TEST_COMMANDS does not allow it:
 * a usage error that names both. */
int run_commands_allowed(const char *what, struct err *err) __attribute__((warn_unused_result));

/* What commands are given of the environment, NULL-terminated. */
const char *const *run_commands_environment(void);

#endif
