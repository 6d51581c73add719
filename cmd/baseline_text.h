/*
 * What perf-baseline prints of runs: tables in plain text, for people. Names that come from files
 * are shown with their control bytes as \xNN.
 */
#ifndef PERFGATE_CMD_BASELINE_TEXT_H
#define PERFGATE_CMD_BASELINE_TEXT_H

#include <stddef.h>

#include "base/buf.h"
#include "store/baseline.h"

/* A suite's runs in short, for `list`. */
struct baseline_line {
    const char *suite, *environment;
    size_t n_runs;
    const char *newest; /* "20261123T161100Z"; "-" where there is none */
};

void baseline_text_list(struct buf *out, const struct baseline_line *lines, size_t n);

/* A row for each run, newest first, and the endpoints of the newest. */
void baseline_text_runs(struct buf *out, const struct baseline *baseline);

#endif
