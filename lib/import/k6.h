/*
 * A request as k6's CSV and NDJSON have it: a sample of the metric http_req_duration with its tags.
 */
#ifndef PERFGATE_IMPORT_K6_H
#define PERFGATE_IMPORT_K6_H

#include "base/err.h"
#include "base/span.h"
#include "import/collect.h"

#define K6_DURATION "http_req_duration"

/* Empty texts are tags that are not there. */
struct k6_request {
    struct span time; /* of its end: RFC 3339, or since 1970 in a unit that its length tells */
    struct span name, url, method, status, error, error_code, expected;
    double duration_ms;
};

int k6_add(struct collect *collect, const struct k6_request *request, struct err *err)
    __attribute__((warn_unused_result));

#endif
