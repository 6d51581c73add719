/*
 * How the load generator itself fared, and why a run cannot be trusted.
 */
#ifndef PERFGATE_MODEL_REPORT_HEALTH_H
#define PERFGATE_MODEL_REPORT_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a run cannot be trusted; names in report_health.c. The run is then `valid: false`. */
enum invalid_reason {
    INVALID_INTERRUPTED,    /* SIGINT or SIGTERM */
    INVALID_NO_REQUESTS,    /* none completed */
    INVALID_TOO_FEW_BLOCKS, /* fewer than 20 pairs fit */
    INVALID_SCHEDULE_LAG,   /* the generator ran late: median lag over 5 % of the median latency */
    INVALID_UNEQUAL_LAG,    /* the arms' mean lags differ too much */
    INVALID_SOCKET_ERRORS,  /* the generator itself ran out of descriptors, ports or memory */
    INVALID_MISSED,         /* open model: arrivals that could not be started, over 0.1 % */
    INVALID_FEED_SPENT,     /* a feed that may not end had no row for a user */
    INVALID_GENERATOR_LOST, /* the Locust engine, or a worker of it, ended before its time */
    INVALID_EXCEPTIONS,     /* tasks of a locustfile raised exceptions */
    INVALID_ALERT,          /* an alert of the policy ended it early */
    INVALID_COUNT
};

/* How the generator itself fared. */
struct report_health {
    bool valid;
    size_t n_reasons;
    const char **reasons; /* why not valid: names of enum invalid_reason */
    size_t n_notes;
    const char **notes; /* sentences for people */
    double cpu;         /* CPU time / wall time of the generator's threads; 1 = one core */
    int64_t lag_p50_ns; /* between the intended and the actual moment of a send */
    int64_t lag_p99_ns;
    int64_t lag_mean_ns;
    int64_t retries;        /* requests sent once more on a new connection (RFC 9112, 9.3.1) */
    int64_t connections;    /* opened */
    int64_t tls_handshakes; /* completed */
    int64_t tls_resumed;    /* of these, on the session of an earlier connection */
    double drift_p;         /* that the series had settled when measuring began; NAN = not tested */
    int64_t settled_ns;     /* from then until it had, where drift_p says that it had not */
};

const char *invalid_reason_name(enum invalid_reason reason);

/* What a reason means and what to do, for people; the name itself where it is none of ours. */
const char *invalid_reason_text(const char *name);

#endif
