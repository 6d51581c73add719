/*
 * The application's own sources: endpoints that are polled and probes that are run, each on a
 * thread of its own, so that one that does not answer holds up nobody else.
 *
 * sources_start() runs the probes that are to be run before the run, one after the other, and
 * starts the threads; sources_stop() joins them and runs the probes of after. Either takes no
 * longer than the sources' time limits. The calls are the owner's.
 */
#ifndef PERFGATE_MONITOR_SOURCES_H
#define PERFGATE_MONITOR_SOURCES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/report.h"
#include "monitor/asked.h"
#include "monitor/latest.h"
#include "monitor/pulse.h"

struct sources_setup {
    size_t sides; /* 1, or 2 of a paired run */
    size_t n;
    const struct asked_setup *items;
};

struct sources;

/* The pulse, what the setup points at, and where the latest figures are left (each source's part is
 * the one at `first` + its number) are borrowed for its life. */
struct sources *sources_new(const struct sources_setup *setup, struct pulse *pulse,
                            struct latest *latest, size_t first)
    __attribute__((returns_nonnull, warn_unused_result));

int sources_start(struct sources *sources, struct err *err) __attribute__((warn_unused_result));

/* The pulse was stopped. Harmless twice. */
void sources_stop(struct sources *sources);

/* Adds the sources of a side to its report, in the report's arena, and sentences for people. */
void sources_report(const struct sources *sources, size_t side, struct report *report);

/* NULL is nothing. */
void sources_free(struct sources *sources);

#endif
