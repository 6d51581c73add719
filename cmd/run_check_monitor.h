/*
 * What a run would watch, poll and run beside its requests, for perf-run --check.
 */
#ifndef PERFGATE_CMD_RUN_CHECK_MONITOR_H
#define PERFGATE_CMD_RUN_CHECK_MONITOR_H

#include "base/buf.h"
#include "cmd/io.h"
#include "load/run.h"
#include "model/scenario.h"

/* Appends a line for each, behind a word of the head's width. */
void run_check_add_monitor(struct buf *out, const struct scenario *scenario, bool paired);

/* -1: something cannot be polled, which is said. Nothing is asked or run, and nothing refused that
 * would be run. */
int run_check_polls(const struct scenario *scenario, const struct load_options *load,
                    const struct io_log *log) __attribute__((warn_unused_result));

#endif
