/*
 * The look that ended a paired run (`perf-run --until`), as its report has it.
 */
#ifndef PERFGATE_MODEL_REPORT_LOOK_H
#define PERFGATE_MODEL_REPORT_LOOK_H

#include <stdint.h>

#include "base/buf.h"

struct report;

/* Why a paired run that was looked at ended; names in report_shape.c. */
enum look_reason {
    LOOK_END,  /* its time was over: no look ended it */
    LOOK_SURE, /* a regression was sure */
    LOOK_WIDTH /* its figures were known as well as was asked for */
};

struct report_look {
    int64_t number, of; /* its share of the whole time is number / of; of LOOK_END it is 1 */
    int reason;         /* enum look_reason */
    double percent;     /* what was asked for: half the width of a figure's 95 % interval */
};

/* Adds how a paired run that was looked at ended, as in "ended at look 2 of 4 after 20s: its
 * figures are known to 2 %"; of its two sides. */
void report_add_look(struct buf *out, const struct report *side, const struct report *other);

#endif
