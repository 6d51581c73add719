/*
 * How the generator itself fared, and whether the run can be trusted.
 *
 * What is judged is the lag that is the generator's own fault: the time for which a send was due
 * while the thread was busy with other requests. A thread that was asleep and woken late by the
 * machine is shown (lag_* of the report), but does not make a run invalid, because a noisy
 * neighbour alone must not. Sends held back by the border of a block, and the first one of a user,
 * have no intended moment and do not count.
 *
 * Invalid: median lag over 5 % of the median latency and over 250 us (the mere work of a send is
 * more than 5 % of a service that answers in 90 us, and a generator that cannot keep up is late by
 * milliseconds); arms whose mean lags differ by more than 1 % of the mean latency (a tenth of what
 * the default threshold allows) and 50 us, where that is more than four standard errors over pairs
 * of blocks; sockets, ports or memory that ran out; fewer than
 * SCHEDULE_MIN_PAIRS pairs; no request; interrupted; a feed at its end that may not end. Full use
 * of the CPU is only a note.
 */
#ifndef PERFGATE_LOAD_HEALTH_H
#define PERFGATE_LOAD_HEALTH_H

#include "load/crew.h"
#include "stats/histogram.h"

/* Fills report->health for an arm, of which `all` are the latencies of all requests. */
void health_judge(const struct crew *crew, int arm, const struct histogram *all,
                  struct report *report);

#endif
