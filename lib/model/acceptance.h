/*
 * An acceptance (`<utc>-<hash>.accept.json` beside the runs, schema perfgate.acceptance/1): a
 * regression that somebody decided to live with.
 *
 * It counts only for the metric and the scope that it names, only up to the value that it names,
 * and until the end of its last day. A row that it covers is `accepted`, which is neither green nor
 * hidden: every output says who accepted what, where and why. Stored runs from before the last
 * acceptance that counts no longer count for that metric and scope.
 * Described in perfgate-baselines(5). An acceptance owns its arena.
 */
#ifndef PERFGATE_MODEL_ACCEPTANCE_H
#define PERFGATE_MODEL_ACCEPTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/metric.h"

#define ACCEPTANCE_SCHEMA "perfgate.acceptance/1"
#define ACCEPTANCE_LIMIT  ((size_t)64 << 10)

struct acceptance {
    struct arena arena;
    const char *name;    /* of a named metric; else NULL */
    int metric;          /* enum metric, by name in the document */
    const char *scope;   /* "overall", or an endpoint as "GET /forum" */
    double value;        /* accepted up to this, inclusive; in the document's unit (ms, ratio) */
    const char *reason;  /* not empty */
    const char *by;      /* "Name <mail>" */
    int64_t accepted_ns; /* wall clock */
    const char *commit;  /* HEAD then; NULL = not known */
    const char *until;   /* "2026-12-31", its last day in UTC; NULL = without end */
    /* Not in the document: where it lies, for messages ("1a2b3c4:baselines/…"); set by the reader,
     * in the arena. */
    const char *place;
};

int acceptance_decode(const char *bytes, size_t len, const char *source, struct acceptance *out,
                      struct err *err) __attribute__((warn_unused_result));
void acceptance_encode(const struct acceptance *acceptance, struct buf *out);
void acceptance_release(struct acceptance *acceptance);

/* Its last day is not over at `now_ns` (wall clock). */
bool acceptance_is_current(const struct acceptance *acceptance, int64_t now_ns);

/* It names this metric of this scope; `method` and `endpoint` are NULL for the whole run. */
bool acceptance_is_for(const struct acceptance *acceptance, enum metric metric, const char *method,
                       const char *endpoint);

/* It is of the named metric, in that direction. */
bool acceptance_is_of(const struct acceptance *acceptance, enum metric metric, const char *name);

/* A day as "2026-12-31" that exists: its first nanosecond after it in UTC. ERR_USAGE otherwise. */
int acceptance_end_of(const char *until, int64_t *end_ns, struct err *err)
    __attribute__((warn_unused_result));

#endif
