/*
 * Lines of Prometheus' text exposition format, version 0.0.4, of gauges whose names begin with
 * perfgate_, and their labels: what the forms of verdicts, reports and resources have in common.
 *
 * Label values are names in their visible forms (utf8.h), in which only \ and " are left to escape.
 * Two samples must not have the same labels, or the whole text is refused: of those that look alike
 * the first one counts, and a comment says how many were left out. (prometheus.io, "Exposition
 * formats".)
 */
#ifndef PERFGATE_RENDER_PROMETHEUS_LINES_H
#define PERFGATE_RENDER_PROMETHEUS_LINES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

/* Of a unit, how its families end, and what a figure is divided by to be in base units. */
struct prometheus_unit {
    const char *suffix, *what;
    double divisor;
};

/* Of each sample of a family its labels; NULL for one that is left out. */
struct prometheus_labels {
    struct arena arena;
    size_t n;
    const char **texts;
};

/* Adds NAME="VALUE" to labels, unless there is no value. */
void prometheus_label(struct buf *out, const char *name, const char *value);

void prometheus_family(struct buf *out, const char *name, const char *suffix, const char *help);

/* `labels` may be empty. */
void prometheus_sample(struct buf *out, const char *name, const char *suffix, const char *labels,
                       double value);

/* A family of one sample; nothing where the value is not known. */
void prometheus_single(struct buf *out, const char *name, const char *help, const char *labels,
                       double value);

/* Leaves out all but the first of those that are equal, and says how many. */
void prometheus_keep_different(struct prometheus_labels *labels, struct buf *out);

/* A copy in the arena; `text` is empty then. */
const char *prometheus_keep(struct prometheus_labels *labels, struct buf *text);

#endif
