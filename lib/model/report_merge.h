/*
 * The pieces of report_merge(), which report.h describes: what may be merged, what ran at the same
 * time, and the intervals of the whole.
 *
 * Whatever the order in which parts are named, they are merged in one order, so that sums of
 * doubles and the first of equal texts do not depend on it.
 */
#ifndef PERFGATE_MODEL_REPORT_MERGE_H
#define PERFGATE_MODEL_REPORT_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/report.h"

/* The parts of a merge, and whether they are the shards of one run. */
struct merge_parts {
    const struct report **items;
    size_t n;
    bool shards;
};

/* That all are of one workload and one source, and each is named once. Sentences name two files and
 * what is different. */
int merge_check(const struct report *const *parts, const char *const *names, size_t n,
                struct err *err) __attribute__((warn_unused_result));

/* Copies of the pointers, in the order of merging; in `arena`. */
struct merge_parts merge_order(const struct report *const *parts, size_t n, struct arena *arena);

/* Start, duration and users of the whole. What ran at once counts as one stretch of time: the
 * shards of one run as long as the longest of them, and other parts that overlap on the
 * wall clock from the first start to the last end; one without a start overlaps none. The stretches
 * add up. Users are the most that there were at once. */
void merge_times(const struct merge_parts *parts, struct report *out);

/* The intervals of the whole on the wall clock, each part's by the interval that it began in; a
 * percentile where one part alone had requests, for others have none that two percentiles could
 * make. NULL where a part has none, where they are of different length, or lie days apart, and for
 * starts of a paired run, whose clock stood still now and then. */
struct report_series *merge_series(const struct merge_parts *parts, struct arena *arena);

#endif
