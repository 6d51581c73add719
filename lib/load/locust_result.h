/*
 * What the Locust engine tells while it runs, and the report that it becomes.
 *
 * lib/locust/perfgate_bridge.py writes a JSON object a line; its `kind` says what it is:
 *   begin     the measured time has begun
 *   progress  how far it is
 *   second    one second of the measured time, which does not change any more
 *   state     all figures so far, each replacing the one before: what is left of a run that breaks
 *   end       the last state was the final one
 *   lost      a worker is gone
 *   error     nothing can be measured
 * The peer is a program of the machine's, with a locustfile of anybody's in it: what it says is
 * checked as any document is. Zeroed it is empty; the owner releases it.
 */
#ifndef PERFGATE_LOAD_LOCUST_RESULT_H
#define PERFGATE_LOAD_LOCUST_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "load/locust_plan.h"
#include "load/run.h"

#define LOCUST_LINE_LIMIT ((size_t)64 << 20) /* bytes */
#define LOCUST_SECONDS    ((size_t)1 << 20)  /* twelve days */

struct locust_second;

struct locust_result {
    struct arena arena;
    bool began, ended;
    bool lost;                         /* a worker, or the process with the statistics */
    int64_t began_wall_ns;             /* wall clock */
    const char *host;                  /* as Locust has it */
    const char *version;               /* Locust's; may be empty */
    int64_t users, requests, failures; /* of the latest progress */
    struct js_doc *state;              /* the latest one; NULL = none */
    size_t n_seconds, capacity;
    struct locust_second *seconds;
    size_t n_notes;
    const char *notes[8]; /* for people */
};

/* Takes a line, without its line feed. -1 for one that is not understood, and for `error`, whose
 * text then is the message. */
int locust_result_take(struct locust_result *result, const char *line, size_t len, struct err *err)
    __attribute__((warn_unused_result));

/* Adds a note; more than there is room for are left out. */
void locust_result_note(struct locust_result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The report of what was measured, marked as not valid where something is missing. `interrupted`:
 * it was to end early. -1 where a state was not understood. */
int locust_result_build(const struct locust_result *result, const struct locust_plan *plan,
                        const char *runner_image, bool interrupted, struct load_result *out,
                        struct err *err) __attribute__((warn_unused_result));

void locust_result_release(struct locust_result *result);

#endif
