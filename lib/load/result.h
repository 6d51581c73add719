/*
 * The reports of a run that is over, or that all workers wait in for a look: what they recorded,
 * added up.
 */
#ifndef PERFGATE_LOAD_RESULT_H
#define PERFGATE_LOAD_RESULT_H

#include "load/crew.h"
#include "load/run.h"

/* Fills an empty `result`, whose reports own their memory; the crew has been joined, or stands at a
 * border. `started_ns`: wall clock. */
void result_build(const struct crew *crew, const struct load_options *options, int64_t started_ns,
                  struct load_result *result);

#endif
