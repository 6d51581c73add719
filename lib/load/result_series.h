/*
 * The run in intervals of one second of an arm's clock: the report's series, and the seconds that
 * lib/model/history.h takes.
 */
#ifndef PERFGATE_LOAD_RESULT_SERIES_H
#define PERFGATE_LOAD_RESULT_SERIES_H

#include "load/crew.h"
#include "load/run.h"

/* Fills side->report.series and side->seconds. */
void result_add_series(const struct crew *crew, int arm, struct load_side *side);

#endif
