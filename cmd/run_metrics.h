/*
 * Live metrics: what the display shows of a run under way, and what the monitor saw last, in
 * Prometheus' text format over HTTP.
 */
#ifndef PERFGATE_CMD_RUN_METRICS_H
#define PERFGATE_CMD_RUN_METRICS_H

#include "base/err.h"
#include "cmd/run_monitor.h"
#include "load/run.h"
#include "net/serve.h"

struct run_metrics {
    struct serve *serve; /* NULL = nobody asked */
    /* What is watched meanwhile; NULL = nothing. Borrowed. */
    const struct run_monitor *monitor;
    /* Who sees the progress as well; NULL = nobody. */
    void (*also)(const struct load_progress *progress, void *context);
    void *context;
};

/* Listens at HOST:PORT; NULL = does not. */
int run_metrics_start(struct run_metrics *metrics, const char *at, struct err *err)
    __attribute__((warn_unused_result));

/* For load_run(); `context` is the struct. */
void run_metrics_progress(const struct load_progress *progress, void *context);

void run_metrics_stop(struct run_metrics *metrics);

#endif
