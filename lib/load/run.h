/*
 * The load engine's front door: runs a scenario against one target, or against two in turns, and
 * fills a report for each.
 *
 * load_run() blocks until the run is over. It starts its own threads and joins them before it
 * returns; the progress callback runs on the caller's thread. It asks neither the environment nor
 * the command line: variables come through `lookup`, a stop through `stop`. Each connection takes
 * a file descriptor; the caller raises RLIMIT_NOFILE where it must (users + 16 per thread are
 * enough), and running out of them makes the run invalid, it does not end it.
 *
 * SIGPIPE: writes are made with MSG_NOSIGNAL, also those of TLS; the caller's handler is left
 * alone.
 */
#ifndef PERFGATE_LOAD_RUN_H
#define PERFGATE_LOAD_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "model/history.h"
#include "model/report.h"
#include "model/scenario.h"
#include "stats/histogram.h"

#define LOAD_MAX_THREADS 64
#define LOAD_MAX_USERS   1000000
#define LOAD_MIN_RATE    1e-3
#define LOAD_MAX_RATE    1e6

/* The latencies of one side's latest complete second, on its clock; of measured requests only. */
struct load_recent {
    int64_t second; /* from 1; 0 = none yet, and no figures */
    double p50_ms, p95_ms, p99_ms;
};

/* What the run is doing, for a progress display. */
struct load_progress {
    int warming_up;      /* 1 while users are spawned and during the warm-up */
    int64_t elapsed_ns;  /* wall time since the run began */
    int64_t total_ns;    /* what it will take, drain not counted; an estimate in a paired run */
    int64_t users;       /* spawned, in the arm that is running */
    int64_t requests[2]; /* completed so far, of the candidate and the base; warm-up included */
    int64_t failures[2];
    int64_t pairs;         /* completed pairs of blocks; 0 unless paired */
    double requests_per_s; /* both arms together, since the last call */
    size_t n_sides;
    struct load_recent recent[2]; /* of the candidate and the base */
};

struct load_result;

/* Looks at a paired run under way, any of which may end it before its time: after a quarter, a half
 * and three quarters of the duration, between two pairs of blocks. */
struct load_looks {
    /* Given both reports as they are so far, with the look's number in report.pair->look; returns
     * why the run ends, or LOOK_END where it goes on. Called on a thread of the engine's while all
     * others wait and nothing is sent. */
    enum look_reason (*ask)(const struct load_result *so_far, void *context);
    void *context;
    double percent; /* for the report: what is looked for */
};

/* Hears what a monitor of the targets must know. */
struct load_watcher {
    /* Once, when all targets have taken a connection, before anything is sent: the addresses of the
     * candidate and the base. On the caller's thread. */
    void (*begin)(const struct sockaddr_storage *targets, size_t n, void *context);
    /* From `now_ns` (monotonic) on it is the turn of `arm`, and requests after `measured_ns` count
     * (INT64_MAX: none); -1: the run is over. On a thread of the engine's between two blocks, so
     * that it has to be quick. */
    void (*turn)(int arm, int64_t now_ns, int64_t measured_ns, void *context);
    void *context;
};

/* A complete second of a side's measured time, on its clock. */
struct load_second {
    int64_t number; /* from 0; one after the other */
    int64_t failures;
    const struct histogram *latencies; /* failures included; empty without requests */
};

/* Sees each second of the candidate's soon after it is over, on the caller's thread. */
struct load_seconds {
    /* True: the run ends here, and its reports are not valid, with INVALID_ALERT. */
    bool (*second)(const struct load_second *second, void *context);
    void *context;
};

/* Zeroed fields have the meaning that is noted; times in ns. */
struct load_options {
    const char *host;    /* the candidate: http[s]://NAME[:PORT] or unix:SOCKET; NULL = the
                            scenario's */
    const char *against; /* the base; NULL = not a paired run */
    int64_t users;       /* per arm; 0 = the scenario's, or as settings.h says */
    double spawn_rate;   /* users per second and arm; 0 = the scenario's, or all at once */
    double rate;         /* the open model: tasks begun per second and arm; 0 = the scenario's */
    int64_t duration_ns; /* measured time, both arms together; 0 = the scenario's, or 10 s */
    int64_t warmup_ns;   /* both arms together; < 0 = the scenario's, or none (paired: the smaller
                            of 2 s and a tenth of the duration) */
    double think_scale;  /* factor on think times, >= 0; NAN = 1 */
    int threads;         /* 0 = 1 */
    const int64_t *seed; /* NULL = the scenario's */
    size_t n_allow_hosts;
    const char *const *allow_hosts; /* NAME[:PORT], of http, or https://NAME[:PORT] that absolute
                                       URLs may use */
    const char *(*lookup)(void *context, const char *name); /* environment; NULL = none */
    void *lookup_context;
    const char *pair_id;                /* 16 hex digits shared by several starts; NULL = made up */
    int64_t start;                      /* number of this start of the processes; 0 = 1 */
    const char *runner_image;           /* for the report's environment; NULL = none */
    const struct load_looks *looks;     /* at a paired run; NULL = none */
    const struct load_seconds *seconds; /* NULL = none */
    const struct load_watcher *watcher; /* NULL = none */
    const volatile sig_atomic_t *stop;  /* non-zero = stop cleanly; NULL = never */
    void (*progress)(const struct load_progress *progress, void *context); /* at most each 250 ms */
    void *progress_context;
};

/* One arm's outcome. `seconds` live in the report's arena. */
struct load_side {
    struct report report;
    size_t n_seconds;
    struct history_second *seconds;
};

struct load_result {
    size_t n_sides;            /* 1, or 2 in a paired run */
    struct load_side sides[2]; /* the candidate, the base */
};

/* Runs `scenario`. Returns 0 with reports to encode (report.health tells whether they are valid);
 * -1 where there is none: ERR_TARGET when a target could not be reached at all, ERR_USAGE or
 * ERR_INPUT for options or a scenario that make no sense. `result` is then empty. */
int load_run(const struct scenario *scenario, const struct load_options *options,
             struct load_result *result, struct err *err) __attribute__((warn_unused_result));

void load_result_release(struct load_result *result);

#endif
