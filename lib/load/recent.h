/*
 * The latencies of the latest complete second, for a display while the run goes on.
 *
 * Whenever a worker closes an interval of its recorder, once a second, it publishes it: a pointer
 * to what is never changed again. Reading takes no lock and costs the workers nothing.
 */
#ifndef PERFGATE_LOAD_RECENT_H
#define PERFGATE_LOAD_RECENT_H

#include "load/crew.h"
#include "load/run.h"

/* Brings `recent` up to date for an arm. From any thread while the crew exists. */
void recent_read(const struct crew *crew, int arm, struct load_recent *recent);

#endif
