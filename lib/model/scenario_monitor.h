/*
 * What a scenario says of monitoring: what is watched beside the requests. It changes nothing of
 * what is sent, and is no part of the workload's hash.
 */
#ifndef PERFGATE_MODEL_SCENARIO_MONITOR_H
#define PERFGATE_MODEL_SCENARIO_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCENARIO_PROCESSES 16

/* Whose, in a paired run. */
enum scenario_side { SCENARIO_BOTH, SCENARIO_CANDIDATE, SCENARIO_BASE };

/* Processes on this machine: one of process, pid and port says which. */
struct scenario_process {
    const char *name;    /* of the source in the report */
    const char *process; /* a program's name; NULL = not given */
    int64_t pid, port;   /* 0 = not given */
    int side;            /* enum scenario_side */
};

struct scenario_monitor {
    bool machine, target; /* true by default */
    size_t n_processes;
    struct scenario_process *processes;
};

#endif
