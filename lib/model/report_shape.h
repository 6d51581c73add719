/* The tables of the report's document: every key once, for reading and writing. Only for the
 * report_*.c files; what it all means is in report.h and perfgate-report(5). */
#ifndef PERFGATE_MODEL_REPORT_SHAPE_H
#define PERFGATE_MODEL_REPORT_SHAPE_H

#include "base/json.h"

struct report;

extern const struct js_shape report_shape;
/* The flat form: the six keys first, and the resolution; others are ignored. */
extern const struct js_shape report_flat_shape;

/* What the tables cannot say (report_check.c): columns of one length, batches that cover the pairs,
 * histograms that add up, failures that are requests, sums that fit. `at` is the document's root.
 */
int report_check(const struct js_at *at, const struct report *report, struct err *err)
    __attribute__((warn_unused_result));

/* The value that holds the endpoints, and endpoint `i` within it, for messages: the whole where
 * they are columns. */
struct js_at report_endpoints_at(const struct js_at *at);
struct js_at report_endpoint_at(const struct js_at *endpoints, size_t i);

/* That figures, totals and evidence say the same, of a report that passed report_check(): a gate
 * that judged one and showed the other would be no gate (report_sums.c). */
int report_check_sums(const struct js_at *at, const struct report *report, struct err *err)
    __attribute__((warn_unused_result));

#endif
