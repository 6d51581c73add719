/*
 * Inject: a report as it would be had its endpoints been slower, rarer or less reliable.
 *
 * The figures and all the evidence behind them change together: block sums and counts, failures,
 * histograms of batches and endpoints, figures of endpoints and of the whole. What comes out is a
 * report that perf-run could have written (its parts add up, and its figures are those of its
 * histograms), so that the gate judges it on the path of every other report. The noise stays the
 * run's own: a block that stood still still does.
 *
 * Whole numbers are rounded with what was left over carried on, so that the sum of many is right to
 * one half. The errors and the series are left as they are, since nothing judges them.
 */
#ifndef PERFGATE_GATE_INJECT_H
#define PERFGATE_GATE_INJECT_H

#include "model/report.h"

/* What is done to the requests of an endpoint, or of several. */
struct inject {
    double latency;  /* every latency times this; > 0 */
    double requests; /* their number times this; > 0 */
    double kept;     /* the share of the failures that stay failures */
    double added;    /* the share of the other requests that fail as well, evenly spread */
    double requests_rest, failures_rest; /* left over from rounding; 0 at first */
};

/* Nothing is done. */
#define INJECT_NOTHING ((struct inject){.latency = 1, .requests = 1, .kept = 1})

/* Into `out`, which owns its numbers and borrows the texts of `from`: it is released first.
 * changes[i] is what is done to endpoint i; endpoints that share one are rounded together. `whole`
 * is what is done to figures of the whole run that do not follow from its endpoints. No sum of
 * latencies may pass 2^60 ns. */
void inject_report(const struct report *from, struct inject *whole, struct inject *const *changes,
                   struct report *out);

#endif
