/*
 * The slowest traced requests of an endpoint, so that an APM finds them by their trace ids.
 *
 * Only requests whose `traceparent` asked for a recording are candidates: of the others an APM
 * knows nothing. Kept in descending order of latency, at most TRACE_SLOWEST of them.
 */
#ifndef PERFGATE_MODEL_REPORT_TRACE_H
#define PERFGATE_MODEL_REPORT_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

#define TRACE_SLOWEST 5
#define TRACE_ID_LEN  32 /* hexadecimal digits (W3C Trace Context, 3.2.2.3) */

struct report_endpoint;

struct report_trace {
    const char *trace_id; /* TRACE_ID_LEN digits, in lower case */
    int64_t latency_ns;
    int64_t ended_ns; /* wall clock, whole seconds in the document */
};

/* An endpoint's. */
struct report_traces {
    size_t n;
    struct report_trace *items;
};

extern const struct js_shape report_trace_shape;

/* A trace_id that is none fails. */
int report_trace_check(const struct js_at *at, const struct report_traces *traces, struct err *err)
    __attribute__((warn_unused_result));

/* The slowest of several parts of one endpoint. */
void report_traces_merge(const struct report_endpoint *const *items, size_t n, struct arena *arena,
                         struct report_traces *out);

/* Where an APM shows a trace: `link` with the id in place of {trace_id}. */
void report_trace_add_link(struct buf *out, const char *link, const char *trace_id);

#endif
