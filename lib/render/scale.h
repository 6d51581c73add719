/*
 * An axis: from a figure to its place on a drawing, and where its labels go.
 *
 * Linear or logarithmic. Of a figure beyond the ends of its axis the place is the end. Ticks are at
 * round figures, and as many as leave each label its room.
 */
#ifndef PERFGATE_RENDER_SCALE_H
#define PERFGATE_RENDER_SCALE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct scale {
    double low, high; /* the figures at the ends; low < high, and low > 0 where `log` */
    double from, to;  /* their places */
    bool log;
};

#define SCALE_TICKS 24

struct ticks {
    size_t n;
    double at[SCALE_TICKS]; /* figures, ascending */
};

/* Widens an empty or reversed range of figures to one that a scale can have, and ends one that
 * reaches beyond 1e300 there. */
void scale_fix(struct scale *scale);

double scale_place(const struct scale *scale, double figure);

/* Round figures, `room` units of the drawing or more apart. */
struct ticks scale_ticks(const struct scale *scale, double room);

/* For a logarithmic scale of ratios: those that people name in percent, 1 among them wherever it is
 * on the scale. */
struct ticks scale_ratio_ticks(const struct scale *scale, double room);

/* "+10 %" for 1.1; "0" for 1. */
void scale_add_ratio(struct buf *out, double ratio);

#endif
