/*
 * What a report of the open model has besides: how many tasks were to begin, and what requests took
 * from their send.
 *
 * The figures of a report are from the intended start of each request, so that waiting in line is
 * part of them. Those from its send tell what the service took once it was asked, and what a load
 * generator would have said that waits for a response before it sends again. They stand beside,
 * and nothing judges them.
 */
#ifndef PERFGATE_MODEL_REPORT_OPEN_H
#define PERFGATE_MODEL_REPORT_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/metric.h"
#include "stats/histogram.h"

struct report;
struct report_endpoint;

/* Of the measured time, on this arm. */
struct report_arrivals {
    int process;             /* enum scenario_arrivals */
    double rate;             /* per second; NAN = it changed in stages */
    int64_t started, missed; /* tasks that began; that found no free user */
};

/* From the send. Of the metrics only the latencies that the document has are filled. */
struct report_sent {
    struct metrics metrics;            /* first */
    struct histogram_sparse histogram; /* of an endpoint; n = 0 where there is none */
};

/* Fills the figures from a histogram, and keeps it where `keep` is set. */
struct report_sent *report_sent_new(const struct histogram *histogram, bool keep,
                                    struct arena *arena);

/* Of the endpoints of one name in several parts, or NULL unless each has every request from its
 * send; `all` has what is merged added to it. */
struct report_sent *report_sent_merge(const struct report_endpoint *const *items, size_t n,
                                      struct histogram *all, struct arena *arena);

/* The sums over the parts, or NULL unless all of them have arrivals of one process. */
struct report_arrivals *report_arrivals_merge(const struct report *const *parts, size_t n,
                                              bool at_once, struct arena *arena);

#endif
