/*
 * Samples in rows of a fixed width, and a column of them as the report's series. Zeroed but for the
 * width it is empty.
 */
#ifndef PERFGATE_MONITOR_READINGS_H
#define PERFGATE_MONITOR_READINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/report_resources.h"

struct readings {
    size_t width;
    size_t n, capacity; /* rows */
    double *cells;
    double *weights; /* seconds that a row is of */
};

/* Adds a row and returns its cells, all unknown. */
double *readings_add(struct readings *readings, double weight);

void readings_reset(struct readings *readings);
void readings_release(struct readings *readings);

/* Fills everything but name and unit of a series; numbers are rounded to what they can carry. False
 * where no cell of the column is known. `with_slope`: what it grows by as well, rows being seconds.
 */
bool readings_series(const struct readings *readings, size_t column, bool with_slope,
                     struct arena *arena, struct resource_series *out);

/* The newest row that stands for some time, alone, of the last `most`; borrowed. Empty where there
 * is none. */
struct readings readings_latest(const struct readings *readings, size_t most);

/* The largest cell of a column; NAN = none. */
double readings_maximum(const struct readings *readings, size_t column);

/* A figure as the report has it. */
double readings_rounded(double figure);

#endif
