/*
 * What a scenario says of a profiler, which runs on the target in the last seconds of the measured
 * time. It changes nothing of what is sent, and is no part of the workload's hash.
 */
#ifndef PERFGATE_MODEL_SCENARIO_PROFILE_H
#define PERFGATE_MODEL_SCENARIO_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#define SCENARIO_ARGUMENTS 200

enum profile_format { PROFILE_FOLDED, PROFILE_PERF_SCRIPT, PROFILE_GDB, PROFILE_PLAIN };

/* Arguments may hold {pid}, {main}, {seconds}, {output} and {side}. */
struct scenario_profile {
    size_t n_command; /* 0 = there is no profiler */
    const char **command;
    size_t n_then; /* 0 = nothing is run after it */
    const char **then;
    int64_t last_ns;    /* how long it runs, at least a second; 10 s by default */
    int64_t timeout_ns; /* how much longer each command may take; 30 s by default */
    int format;         /* enum profile_format, of the output of the last command */
};

#endif
