/*
 * One source of an application: an endpoint that is polled, or a command that is run, for one side
 * or for both; what it gave, round by round.
 *
 * No thread of its own: sources.h has those. One thread at a time.
 */
#ifndef PERFGATE_MONITOR_ASKED_H
#define PERFGATE_MONITOR_ASKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/report_resources.h"
#include "model/scenario_monitor.h"
#include "monitor/pulse.h"
#include "net/fetch.h"

/* Texts are borrowed for the source's life. */
struct asked_setup {
    const struct scenario_source *spec;
    int side;                       /* of a paired run: 0 the candidate, 1 the base, -1 both */
    struct fetch_setup fetch;       /* of an endpoint */
    const char *const *environment; /* of a probe; NULL-terminated */
};

struct asked;

struct asked *asked_new(const struct asked_setup *setup)
    __attribute__((returns_nonnull, warn_unused_result));

const struct scenario_source *asked_spec(const struct asked *asked);

/* Whether it is of a side's report. */
bool asked_is_of(const struct asked *asked, size_t side);

/* Asks from the beginning of the measured time to its end, and returns then; after each round it
 * calls `told`. */
void asked_during(struct asked *asked, struct pulse *pulse,
                  void (*told)(const struct asked *asked, void *context), void *context);

/* Asks once: before the run, or after it. */
void asked_before(struct asked *asked);
void asked_after(struct asked *asked);

/* Finds out whether two sides asked one thing, and says so in both. */
void asked_compare(struct asked *a, struct asked *b);

/* Its source of the report. `paired`: what is of both sides is shared. False: it was never asked.
 */
bool asked_report(const struct asked *asked, bool paired, struct arena *arena,
                  struct resource_source *out);

/* The same of the last round alone, as all resources: averages are its figures. NULL: there is
 * none.
 */
struct report_resources *asked_latest(const struct asked *asked, bool paired, struct arena *arena);

/* Adds sentences for people about what was not to be had. */
void asked_notes(const struct asked *asked, struct arena *arena, const char ***notes, size_t *n);

/* NULL is nothing. */
void asked_free(struct asked *asked);

#endif
