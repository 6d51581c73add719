/*
 * Least: what a change of a latency must be, besides over its threshold, to count as one. Pure.
 *
 * The policy's min_change is a floor in ms: +25 % of 2 ms may be nothing that anybody minds. And
 * figures that were rounded before they came here, as those of foreign reports are, change by whole
 * steps: from 2 to 3 whole ms is no 50 %, it may be 20 %. So a change must still be over the
 * threshold when the larger figure is lowered and the smaller one raised by half its resolution.
 * The ratio itself stays as it is (decide_breach()); what meets it but not the least change is no
 * breach and no improvement, and every output says so.
 */
#ifndef PERFGATE_GATE_LEAST_H
#define PERFGATE_GATE_LEAST_H

#include "base/buf.h"
#include "gate/compare.h"
#include "gate/decide.h"

/* What the change from the figure of one side to that of the other, which is over the threshold,
 * does not meet. `from` is the base for a breach, the candidate for an improvement. */
enum least least_unmet(const struct draft *draft, enum side from);

/* Half the resolution of figures of this metric, in ms. */
double least_rounding(int64_t resolution_ns, enum metric metric);

/* candidate / base from which on a figure would be a breach: the threshold, or more. */
double least_ratio(const struct draft *draft);

/* Adds what else is allowed: " or 2ms"; mostly nothing. */
void least_say_allowed(struct buf *out, const struct draft *draft);

/* Adds ", but only 400 us more, within min_change" or ", but the figures are known to 1ms only",
 * where that kept the row from being a breach. `digits` more than three. */
void least_say(struct buf *out, const struct draft *draft, int digits);

#endif
