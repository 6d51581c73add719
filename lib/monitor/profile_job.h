/*
 * One side's profiler from its start to what came of it: who the target's processes are, the
 * scenario's commands with that filled in, and the stacks or the text that they wrote.
 *
 * A thread runs it; what it fills is its owner's once that is joined.
 */
#ifndef PERFGATE_MONITOR_PROFILE_JOB_H
#define PERFGATE_MONITOR_PROFILE_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/report_profile.h"
#include "model/scenario_profile.h"
#include "monitor/listeners.h"

/* What is read of a profiler's output, in bytes. */
#define PROFILE_JOB_OUTPUT ((size_t)8 << 20)

struct profile_job {
    /* Borrowed. */
    const struct scenario_profile *wanted;
    struct listen_place target;
    int side; /* 0 the candidate, 1 the base */
    const char *const *environment;
    const char *directory; /* for {output} */
    int64_t span_ns;       /* that it may run at most */
    /* What came of it. */
    struct arena arena;
    int64_t length_ns;        /* that the profiler was to run; 0 = there is no profile */
    struct profile_tree tree; /* finished */
    char *text;               /* NULL = stacks */
    const char *note;         /* a sentence; NULL = all went well */
};

/* How long a profiler is to run, in whole seconds. */
int64_t profile_job_length_ns(const struct scenario_profile *wanted, int64_t span_ns);

/* Runs it, until `cancel` (a descriptor; -1 = none) is readable. */
void profile_job_run(struct profile_job *job, int cancel);

/* What it saw, for a report's arena; NULL where that is nothing. */
struct report_profile *profile_job_report(const struct profile_job *job, struct arena *arena);

void profile_job_release(struct profile_job *job);

#endif
