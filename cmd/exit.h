/*
 * How a tool ends: the one table from kinds of error to exit codes, and the message on stderr.
 *
 * The codes are the same for every tool (a verdict brings its own, from the policy):
 *   0 done or passed, 1 regressed, over a limit, or refused, 2 trouble, 3 cannot decide.
 */
#ifndef PERFGATE_CMD_EXIT_H
#define PERFGATE_CMD_EXIT_H

#include "base/err.h"

#define EXIT_PASS      0
#define EXIT_REGRESSED 1
#define EXIT_TROUBLE   2
#define EXIT_UNDECIDED 3

/* What the four codes mean, for the end of each tool's -h. */
extern const char exit_codes_text[];

/* The exit code of an error; EXIT_PASS for ERR_NONE. */
int exit_code(enum err_code code);

/* Prints "tool: message" on stderr where `err` holds an error; returns its exit code. */
int exit_with(const char *tool, const struct err *err);

#endif
