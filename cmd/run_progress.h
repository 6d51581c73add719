/*
 * perf-run's progress: one line on a terminal, redrawn in place.
 */
#ifndef PERFGATE_CMD_RUN_PROGRESS_H
#define PERFGATE_CMD_RUN_PROGRESS_H

#include "cmd/io.h"
#include "load/run.h"

/* Draws the line on stderr; the callback of load_run(). `context` is not used. */
void run_progress(const struct load_progress *progress, void *context);

/* Takes the line away again, where progress is drawn. */
void run_progress_clear(const struct io_log *log);

#endif
