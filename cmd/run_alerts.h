/*
 * The policy's alerts while perf-run runs: says each as it fires, and ends the run where the alert
 * wants that. What has fired by the end is perf-compare's to judge, from the report.
 */
#ifndef PERFGATE_CMD_RUN_ALERTS_H
#define PERFGATE_CMD_RUN_ALERTS_H

#include "base/err.h"
#include "cmd/run_monitor.h"
#include "cmd/run_progress.h"
#include "gate/alert.h"
#include "load/run.h"
#include "model/policy.h"
#include "stats/histogram.h"

struct run_alerts {
    struct policy policy;
    struct run_progress progress; /* what is drawn on the terminal, and where to say it */
    struct alert_watch watch;
    struct load_seconds seconds;       /* for load_run() */
    const struct run_monitor *monitor; /* what is watched meanwhile; NULL = nothing. Borrowed */
    struct histogram so_far;           /* all seconds */
    int64_t failures;
    bool *said;                /* by alert */
    const struct alert *ended; /* that ended the run; NULL = none did */
};

/* Reads the policy's file, NULL being the built-in one. `progress` is the caller's to begin before
 * the run. Stays where it is from then on: seconds.context is the struct itself. */
int run_alerts_init(struct run_alerts *alerts, const char *policy, struct err *err)
    __attribute__((warn_unused_result));

/* Looks at the whole candidate, now that it is over, and leaves a note in the reports of a run that
 * an alert ended. */
void run_alerts_finish(struct run_alerts *alerts, struct load_result *result);

void run_alerts_release(struct run_alerts *alerts);

#endif
