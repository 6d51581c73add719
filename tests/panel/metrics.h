/*
 * What panel counts about itself: fixed room, whatever the traffic. Callers hold the panel's lock,
 * but for the two numbers of connections.
 */
#ifndef PANEL_METRICS_H
#define PANEL_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "store.h"

enum { METRICS_ROUTES = 64, METRICS_BUCKETS = 16 };

/* Upper ends of the response times' buckets, in ns; what is above is in one more. */
extern const int64_t metrics_bucket_ns[METRICS_BUCKETS];

struct metrics {
    int64_t started_ns; /* monotonic */
    atomic_int connections;
    uint64_t requests, client_errors, server_errors;
    uint64_t buckets[METRICS_BUCKETS + 1];
    int64_t sum_ns, max_ns;
    int64_t busy_ns; /* spent under the lock */
    struct {
        uint64_t requests, errors;
        int64_t sum_ns;
    } routes[METRICS_ROUTES + 1]; /* the last: no route */
    uint64_t api_by_country[N_COUNTRIES];
    atomic_int database_connections;
    uint64_t database_errors, cache_errors; /* questions without an answer */
    uint64_t logins, failed_logins, registrations;
};

void metrics_record(struct metrics *metrics, size_t route, unsigned status, int64_t elapsed_ns);

/* The response time below which a share `q` of the requests lies, linear within its bucket; ns. */
double metrics_quantile_ns(const struct metrics *metrics, double q);

#endif
