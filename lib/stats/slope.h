/*
 * What a series grows by, though some of its points lie.
 *
 * Tukey's resistant line (Exploratory Data Analysis, 1977, chapter 5; without its polishing): the
 * first and the last third of the points are each a point of medians, and the line goes through the
 * two. A spike in either third does not turn it. Pure.
 */
#ifndef PERFGATE_STATS_SLOPE_H
#define PERFGATE_STATS_SLOPE_H

#include <stddef.h>

/* Fewer points have no slope. */
#define SLOPE_LEAST 9

/* Per step from one value to the next; values that are NAN are left out. NAN where fewer than
 * SLOPE_LEAST are there. */
double slope_resistant(const double *values, size_t n);

#endif
