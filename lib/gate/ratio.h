/*
 * Figures of a paired run that are the ratio of two columns' sums: mean, error rate, requests per
 * block.
 */
#ifndef PERFGATE_GATE_RATIO_H
#define PERFGATE_GATE_RATIO_H

#include <stddef.h>
#include <stdint.h>

#include "gate/compare.h"
#include "gate/evidence.h"
#include "model/metric.h"

struct ratio {
    const int64_t *top[SIDES], *bottom[SIDES]; /* a number per pair; the evidence's */
    int64_t top_sum[SIDES], bottom_sum[SIDES];
};

struct ratio ratio_of(const struct evidence *evidence, enum metric_kind kind);

/* log(candidate / base) of the pairs from `from` to before `to`, and of all the others; NAN or
 * infinite where a sum is 0. */
double ratio_log_within(const struct ratio *ratio, size_t from, size_t to);
double ratio_log_without(const struct ratio *ratio, size_t from, size_t to);

/* ratio_log_without() of each batch: for spread_jackknife(). */
void ratio_leave_out(const struct ratio *ratio, const struct evidence *evidence, double *left_out);

#endif
