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

/* log(candidate / base) without each batch, for spread_jackknife(); NAN or infinite where a sum is
 * 0. */
void ratio_leave_out(const struct ratio *ratio, const struct evidence *evidence, double *left_out);

/* log(candidate / base) of each pair from `from` to before `to` in which both sides have a figure;
 * returns how many there are. */
size_t ratio_pairs(const struct ratio *ratio, size_t from, size_t to, double *out);

#endif
