/*
 * What Gatling's two forms of simulation.log tell, as text (gatling_text.c) and binary
 * (gatling_binary.c): requests, users that come and go, errors outside of requests.
 *
 * A request's endpoint is its groups and its name, as Gatling shows them: "group / name". Groups
 * themselves are sums of their requests and count for nothing.
 */
#ifndef PERFGATE_IMPORT_GATLING_H
#define PERFGATE_IMPORT_GATLING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "import/collect.h"

#define GATLING_BETWEEN " / "

/* A zeroed struct is empty once gatling_begin() was called. */
struct gatling {
    struct collect *collect;
    int64_t users;    /* at this moment */
    int64_t n_errors; /* outside of requests */
    struct buf error; /* the first of them */
};

struct gatling_request {
    struct span name; /* with its groups */
    int64_t start_ms, end_ms;
    bool ok;
    struct span message; /* of a failure */
};

void gatling_begin(struct gatling *gatling);

/* Message without file and place. */
int gatling_request(struct gatling *gatling, const struct gatling_request *request, struct err *err)
    __attribute__((warn_unused_result));

void gatling_user(struct gatling *gatling, bool comes);

void gatling_error(struct gatling *gatling, struct span message);

void gatling_finish(struct gatling *gatling, struct report *report);

void gatling_end(struct gatling *gatling);

#endif
