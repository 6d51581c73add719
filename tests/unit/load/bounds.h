/*
 * Between which times the latencies of a report must lie, from a server's log of the same requests,
 * so that a busy machine cannot break a test.
 *
 * The client sent a request before the server had read it, and got the response after the server
 * began to answer it. Where a user is never idle, its next request goes out once the response
 * before has come. Hence, for request i of a connection that carries one at a time, from its send,
 *   answered(i) - read(i) <= latency(i) <= read(i + 1) - answered(i - 1).
 */
#ifndef PERFGATE_TESTS_LOAD_BOUNDS_H
#define PERFGATE_TESTS_LOAD_BOUNDS_H

#include <stddef.h>
#include <stdint.h>

#include "model/report.h"
#include "server.h"

struct bounds {
    size_t n;
    int64_t *low_ns, *high_ns; /* from the send, sorted */
    double first_ns, last_ns;  /* sums of the ends, at the earliest and at the latest */
};

/* The whole run lies between `from_ns` and `to_ns`. */
void bounds_find(struct bounds *bounds, const struct server_entry *log, size_t n, int64_t from_ns,
                 int64_t to_ns);

/* Each latency from the send lies between its bounds, so each quantile does; one that came through
 * a histogram to within 1 %. */
void bounds_check_quantiles(const struct bounds *bounds, const struct metrics *sent);

/* And so the mean, and the extremes. */
void bounds_check_all(const struct bounds *bounds, const struct metrics *sent);

/* Open model: arrival k was meant for k / rate after the beginning, which is between `from_ns` and
 * `read_ns`, when the server read the first request. First come is first served, so that of n
 * requests in all it is the first n arrivals that had them. */
void bounds_check_intended(const struct bounds *bounds, const struct report *report, double rate,
                           int64_t from_ns, int64_t read_ns);

void bounds_release(struct bounds *bounds);

#endif
