/*
 * perf-run's progress on stderr: a block that is redrawn in place on a terminal that can, a plain
 * line every ten seconds elsewhere, nothing where --quiet asks for it.
 *
 * Colour follows NO_COLOR and TERM; the block's characters follow LC_ALL, LC_CTYPE and LANG.
 */
#ifndef PERFGATE_CMD_RUN_PROGRESS_H
#define PERFGATE_CMD_RUN_PROGRESS_H

#include "cmd/io.h"
#include "cmd/run_display.h"
#include "load/run.h"

struct run_progress {
    struct io_log log;
    bool block;      /* redrawn in place */
    int64_t said_ns; /* of the run's time: the last plain line */
    struct run_display display;
};

void run_progress_init(struct run_progress *progress, const struct io_log *log);

/* The callback of load_run(); `context` is the struct. */
void run_progress(const struct load_progress *now, void *context);

/* Takes the block away, where there is one. */
void run_progress_clear(struct run_progress *progress);

#endif
