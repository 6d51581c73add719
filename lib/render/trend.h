/* A trend as CSV, a line for each run, and as a page. */
#ifndef PERFGATE_RENDER_TREND_H
#define PERFGATE_RENDER_TREND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/trend.h"

void trend_add_csv(const struct trend *trend, struct buf *out);
void trend_add_html(const struct trend *trend, struct buf *out);

/* The figures of a metric over the runs, with the level of each segment, the changes and what is
 * marked. Nothing, and false, where no figure is known. */
bool trend_add_chart(const struct trend *trend, const struct trend_series *series, struct buf *out);

/* The index of the change of a series that is at `run`; n_changes where there is none. */
size_t trend_change_at(const struct trend_series *series, size_t run);

/* The median of the segment that a run is in; NAN where nothing changed. */
double trend_level(const struct trend_series *series, size_t run);

/* For the better, the worse, or neither where one of the levels is not known. */
enum trend_way { TREND_SAME, TREND_BETTER, TREND_WORSE };
enum trend_way trend_way(const struct trend_series *series, const struct trend_change *change);

#endif
