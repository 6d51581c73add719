/*
 * Where a report's figures come from, where another tool measured them.
 *
 * Tools do not time the same thing, and some keep samples where others keep rounded percentiles, so
 * this travels with the report: figures of different sources are not comparable. A report of
 * perf-run has none.
 */
#ifndef PERFGATE_MODEL_REPORT_SOURCE_H
#define PERFGATE_MODEL_REPORT_SOURCE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

struct report;

/* What a latency includes beside sending the request, waiting and receiving. */
enum source_latency {
    LATENCY_UNKNOWN,
    LATENCY_WITH_CONNECT,   /* name look-up, connecting and TLS, where a request needed them */
    LATENCY_WITHOUT_CONNECT /* none of these */
};

/* Whether the latencies are those of failed requests, too. */
enum source_failures {
    FAILURES_UNKNOWN,
    FAILURES_TIMED,
    FAILURES_NOT_TIMED,
    FAILURES_MISSING /* what got no response is in no figure: the error rate is not known */
};

/* What the figures were computed from. */
enum source_figures {
    FIGURES_SAMPLES, /* single requests: there are histograms */
    FIGURES_BUCKETS, /* the tool's own, coarser histogram */
    FIGURES_SUMMARY  /* none: the figures are the tool's own */
};

struct report_source {
    const char *tool;   /* "jmeter" */
    const char *format; /* "JMeter JTL, CSV" */
    int latency;        /* enum source_latency */
    int failures;       /* enum source_failures */
    int figures;        /* enum source_figures */
};

extern const struct js_shape report_source_shape;

/* Whether failures / requests is the error rate. */
bool report_counts_failures(const struct report *report);

/* Makes the error rates unknown where it is not. */
void report_settle_source(struct report *report);

/* NULL for NULL. */
struct report_source *report_source_dup(const struct report_source *source, struct arena *arena);

/* Adds what the figures are, for people: "k6 CSV, latencies without connecting, from single
 * requests"; nothing where it is a report of perf-run and no figure was rounded. */
void report_add_source(struct buf *out, const struct report *report);

/* Figures of both mean the same. A report in flat form does not say where it is from, and is taken
 * at its word. */
bool report_same_source(const struct report *a, const struct report *b);

#endif
