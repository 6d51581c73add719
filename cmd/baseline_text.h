/*
 * What perf-baseline prints of runs: tables in plain text, for people. Names that come from files
 * are made safe for a terminal (render/utf8.h).
 */
#ifndef PERFGATE_CMD_BASELINE_TEXT_H
#define PERFGATE_CMD_BASELINE_TEXT_H

#include <stddef.h>

#include "base/buf.h"
#include "model/metric.h"
#include "model/report.h"
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

/* A row of what differs between two sides, for `diff`. */
struct baseline_change {
    const char *scope; /* "overall", or an endpoint */
    enum metric metric;
    double before, after; /* NAN = not known */
    double change;        /* percent; NAN or infinite: none that could be shown */
};

void baseline_text_changes(struct buf *out, const char *before, const char *after,
                           const struct baseline_change *changes, size_t n);

/* A run that is on one side alone. */
struct baseline_moved {
    const char *what; /* "added" */
    const struct report *report;
};

void baseline_text_moved(struct buf *out, const struct baseline_moved *runs, size_t n);

/* A change point of a metric, for `trend`. */
struct baseline_step {
    enum metric metric;
    const struct baseline_name *last, *first; /* the runs before and after it */
    double before, after;                     /* medians */
    double p;
};

void baseline_text_steps(struct buf *out, const struct baseline_step *steps, size_t n);

#endif
