/*
 * A program of somebody else's that is run beside the load: a probe, a profiler.
 *
 * No shell: argv[0] is looked for in PATH. It gets /dev/null to read, the environment that is
 * passed in, default signals, no descriptor of ours but its output's, and a process group of its
 * own. What it writes is kept up to a limit. It ends by itself, or is ended: with SIGTERM shortly
 * before its deadline and SIGKILL at it, at the end of the run, or where it writes more than the
 * limit. Whatever it started in its group ends with it, also where it ended by itself, and nothing
 * is left unreaped.
 *
 * posix_spawn() and not fork(): fork() copies the page tables of a process that holds the whole
 * run, and each worker then faults on its pages while it measures. What that costs: a child does
 * not hear of it where we are killed, and then ends by itself, or when it writes.
 *
 * start and finish are one thread's. A child that has filled its pipe waits for command_finish().
 */
#ifndef PERFGATE_MONITOR_COMMAND_H
#define PERFGATE_MONITOR_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Borrowed until command_finish(). */
struct command {
    const char *const *argv;        /* NULL-terminated, at least one */
    const char *const *environment; /* NULL-terminated, of NAME=VALUE */
    size_t limit_bytes;             /* of its output, and as many of its errors */
    int64_t timeout_ns;             /* > 0, from its start */
};

/* Zeroed it is empty. */
struct command_result {
    int exit_code;  /* -1: it was ended by a signal, or never began */
    int end_signal; /* 0 = none */
    bool timed_out, cancelled, cut;
    struct buf output, errors;
};

/* One that runs. */
struct command_job {
    struct command command;
    pid_t pid;                 /* and its group */
    int ended, output, errors; /* descriptors; `ended` becomes readable when it ends */
    int64_t term_ns, kill_ns;  /* monotonic; term_ns is INT64_MAX once that was sent */
};

/* Returns 0 with a job that has to be finished; -1 where it cannot be run. */
int command_start(struct command_job *job, const struct command *command, struct err *err)
    __attribute__((warn_unused_result));

/* Waits until it is over, but no longer than its deadline, or until `cancel` (a descriptor; -1 =
 * none) is readable. Returns 0 where it ended with exit code 0 within all limits; else -1 with a
 * sentence that has its name, and its own last line where it wrote one. `result` has what it wrote
 * in either case. */
int command_finish(struct command_job *job, int cancel, struct command_result *result,
                   struct err *err) __attribute__((warn_unused_result));

/* Both. */
int command_run(const struct command *command, int cancel, struct command_result *result,
                struct err *err) __attribute__((warn_unused_result));

void command_result_release(struct command_result *result);

#endif
