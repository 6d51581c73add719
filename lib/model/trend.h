/*
 * A trend (schema perfgate.trend/1): the figures of a suite's runs in the order of time, where they
 * changed, and which runs are marked.
 *
 * Filled by `perf-baseline trend`, shown by render/, never read back. Described in
 * perfgate-trend(5). All that it points at is its maker's.
 */
#ifndef PERFGATE_MODEL_TREND_H
#define PERFGATE_MODEL_TREND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/metric.h"

#define TREND_SCHEMA "perfgate.trend/1"

struct trend_run {
    const char *file;   /* from the top of the repository */
    const char *commit; /* 12 digits; NULL = not known */
    int64_t started_ns;
};

/* A change point: this run and those behind it are of another level than those before it. */
struct trend_change {
    int64_t run;          /* index of the first run after it */
    int64_t last;         /* and of the last one before it that has a figure; < run */
    double before, after; /* the medians of the runs on either side, up to the next change */
    double change;        /* percent, (after / before - 1) * 100; NAN where `before` is 0 */
    double p;             /* that it is chance */
};

struct trend_series {
    int metric;       /* enum metric, by name in the document */
    double threshold; /* the policy's, for a step from one run to the next; a ratio */
    size_t n_values;  /* = the number of runs */
    double *values;   /* in the metric's unit; NAN (null) = not known */
    int64_t n_known;
    size_t n_changes;
    struct trend_change *changes; /* oldest first */
};

enum trend_mark_kind { TREND_ANCHOR, TREND_ACCEPTANCE };

struct trend_mark {
    int kind;           /* enum trend_mark_kind */
    int64_t run;        /* index of the anchor's run, or of the first run after an acceptance, which
                           may be the number of runs; -1 = it is not among them */
    int64_t at_ns;      /* when it was made; wall clock */
    const char *commit; /* of the anchor's run, or HEAD when it was accepted; NULL = not known */
    const char *by;
    const char *text;   /* an anchor's label, or the reason; NULL = none */
    const char *metric; /* of an acceptance; NULL for an anchor */
    double value;       /* accepted up to this; NAN for an anchor */
    const char *until;  /* the last day of an acceptance; NULL = without end */
};

/* Runs that lie there and are not in the trend, by why. */
struct trend_left_out {
    int64_t workload, machine, invalid, endpoint;
};

struct trend {
    const char *suite, *environment;
    const char *scope; /* "overall", or an endpoint as "GET /forum" */
    int64_t n_stored;
    struct trend_left_out left_out;
    size_t n_runs;
    struct trend_run *runs; /* oldest first */
    size_t n_series;
    struct trend_series *series;
    size_t n_marks;
    struct trend_mark *marks; /* oldest first */
};

/* Both sides of a change are of one commit, so that it was not the code that changed. */
bool trend_same_commit(const struct trend *trend, const struct trend_change *change);

void trend_encode(const struct trend *trend, struct buf *out);

#endif
