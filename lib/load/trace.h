/*
 * Trace contexts of requests (W3C Trace Context, Recommendation of 23 November 2021): each request
 * bears a `traceparent` of its own, whose flag says for a share of them that they are to be
 * recorded.
 *
 * A step is compiled with TRACE_BLANK in its first header line, and each request that is sent has
 * its ids written over it, so that no request is rendered anew for it. Ids come from a generator of
 * their own: what users draw stays as it is without traces. Redirects belong to the trace of their
 * request. One of a lane; no locks.
 */
#ifndef PERFGATE_LOAD_TRACE_H
#define PERFGATE_LOAD_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "model/report_trace.h"

#define TRACE_FIELD "traceparent"
#define TRACE_BLANK "00-00000000000000000000000000000000-0000000000000000-00"

struct tracer {
    struct rng rng;
    double share; /* of the requests, [0, 1] */
};

struct trace_id {
    uint64_t high, low; /* never both 0 in a request that is recorded */
};

/* A traced request that is over. */
struct traced {
    struct trace_id id;
    int64_t latency_ns, ended_ns; /* ended_ns: wall clock */
};

/* The slowest so far, in no order. A zeroed struct is empty. */
struct slowest {
    size_t n;
    struct traced items[TRACE_SLOWEST];
};

/* Writes a new context over the TRACE_BLANK at `at`. Its id where it is to be recorded, else 0. */
struct trace_id trace_write(struct tracer *tracer, char *at);

bool trace_is_recorded(const struct trace_id *id);

void slowest_add(struct slowest *slowest, const struct traced *traced);

#endif
