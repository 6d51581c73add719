/*
 * Verdicts and reports as tables of text: which columns there are, and how a figure is written.
 *
 * Every number is the document's; here it only gets its unit. The tables own copies of what they
 * show, except for notes, which belong to the document.
 */
#ifndef PERFGATE_RENDER_ROWS_H
#define PERFGATE_RENDER_ROWS_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/report.h"
#include "model/verdict.h"
#include "render/table.h"

/* The columns of rows_of_verdict(). */
enum verdict_column {
    V_STATUS,
    V_SCOPE,
    V_METRIC,
    V_BASE,
    V_CANDIDATE,
    V_CHANGE,
    V_ALLOWED,
    V_INTERVAL,
    V_P,
    V_DETECTABLE,
    V_COUNT
};

/* Which rows of a verdict. Each row is in one of the first three; the document has all of them,
 * with the reasons of all. */
enum rows_part {
    ROWS_NOTABLE, /* overall, required, failed, accepted, or with a warning; shown with their
                     reasons */
    ROWS_OTHER,   /* the rest */
    ROWS_EMPTY,   /* the rest where both figures are 0, as most error rates are */
    ROWS_ALL
};

size_t rows_count(const struct verdict *verdict, enum rows_part part);

/* One row per scope and metric, in the verdict's order: worst first. */
void rows_of_verdict(const struct verdict *verdict, enum rows_part part, struct table *out);

/* The whole run, then one row per endpoint, the worst first: by share of failures, then by p95. */
void rows_of_report(const struct report *report, struct table *out);

/* Pointers to the report's endpoints in that order, in `arena`. */
const void **rows_worst_endpoints(const struct report *report, struct arena *arena);

/* The most frequent first. */
void rows_of_errors(const struct report *report, struct table *out);

/* Of the traced requests of all endpoints, at most ten, with their trace ids or the links to them.
 */
void rows_of_slowest(const struct report *report, struct table *out);

/* What a ratio is in percent of change: 20 for 1.2. */
double rows_percent(double ratio);

/* "+51.2", with `extra` digits more. */
void rows_add_percent(struct buf *out, double percent, int extra);

enum tone rows_overall_tone(enum overall_status status);

/* "paired: 3 starts, 240 pairs in 40 batches, 200 users, 30s, alpha 0.001", what is known of it. */
void rows_add_evidence(const struct verdict *verdict, struct buf *out);

/* "CPU model, 2 cores, kernel …", what is known of it. */
void rows_add_environment(const struct fingerprint *environment, struct buf *out);

/* "suite panel, 12345 requests, 12 failures, 812 /s, 200 users, 30s", what is known of it. */
void rows_add_run(const struct report *report, struct buf *out);

#endif
