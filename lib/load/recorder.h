/*
 * What one worker measured on one arm. No lock and, on the way of a request, no allocation: each
 * worker has a recorder for each arm, and they are added up when the run is over.
 *
 * A request belongs to the block in which it started; since every block waits for its last
 * response, what is recorded between two recorder_begin_block() is the block's. A paired run also
 * has batches of pairs, each a histogram per endpoint. Requests of the warm-up are recorded apart.
 *
 * The progress counters and the interval that was published last (recent.h) may be read by another
 * thread at any time, the rest only while the worker stands still.
 */
#ifndef PERFGATE_LOAD_RECORDER_H
#define PERFGATE_LOAD_RECORDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "load/error_table.h"
#include "load/failure.h"
#include "load/trace.h"
#include "stats/histogram.h"

#define RECORDER_INTERVAL_NS INT64_C(1000000000)

/* A request that is over. */
struct sample {
    uint32_t endpoint;
    bool failed;
    int64_t latency_ns; /* from the intended start, where there is one */
    int64_t sent_ns;    /* from the send */
    int64_t body_bytes;
    int64_t at_ns; /* when it ended: measured time of the arm's clock */
};

struct endpoint_record {
    struct histogram total; /* in a paired run without the current batch */
    struct histogram batch; /* paired runs */
    struct histogram sent;  /* open model: from the send */
    int64_t failures, body_bytes;
    struct slowest slowest; /* of the traced ones */
};

struct interval_record {
    int64_t failures, body_bytes;
    struct histogram_sparse latencies;
};

/* A complete interval for other threads; in the recorder's arena, never changed. */
struct recent_record {
    const struct recent_record *before; /* that had a request; NULL = none */
    int64_t second;                     /* of the measured time, counted from 1 */
    int64_t failures;
    struct histogram_sparse latencies;
};

/* One endpoint in one pair of blocks. */
struct block_cell {
    int64_t count, sum_ns, failures;
};

/* How late sends were in one pair of blocks, through the generator's own fault. */
struct block_lag {
    int64_t count, sum_ns;
};

struct recorder {
    struct arena arena;
    bool paired;
    bool open_model; /* set by the caller where samples have two times */
    size_t n_endpoints;
    struct endpoint_record *endpoints;

    size_t n_intervals, interval_capacity; /* complete ones */
    struct interval_record *intervals;
    struct interval_record open; /* the current one, number n_intervals */
    struct histogram open_latencies;

    size_t n_pairs, cell_capacity, lag_capacity;
    struct block_cell *cells; /* n_pairs rows of n_endpoints */
    struct block_lag *block_lags;
    size_t n_batches, batch_capacity;
    struct histogram_sparse *batches; /* n_batches rows of n_endpoints */

    struct error_table errors;
    struct histogram warm;     /* latencies of the warm-up, all endpoints */
    struct histogram lag;      /* between the intended and the actual moment of a send */
    struct histogram busy_lag; /* the part of it in which the generator was busy itself */

    _Atomic int64_t done, failed;                 /* progress, warm-up included */
    _Atomic(const struct recent_record *) recent; /* the last that had a request; NULL = none */
};

void recorder_init(struct recorder *recorder, size_t n_endpoints, bool paired);

void recorder_add(struct recorder *recorder, const struct sample *sample);

/* A request that began in the warm-up. */
void recorder_add_warm(struct recorder *recorder, const struct sample *sample);

/* Why a request failed; besides recorder_add(). */
void recorder_add_error(struct recorder *recorder, uint32_t endpoint, enum failure failure,
                        const char *message, int64_t wall_ns);

/* A request that asked to be recorded; besides recorder_add(). */
void recorder_add_traced(struct recorder *recorder, uint32_t endpoint, const struct traced *traced);

void recorder_add_lag(struct recorder *recorder, int64_t lag_ns, int64_t busy_ns);

/* Paired runs: what follows belongs to pair number `pair`, counted from 0. */
void recorder_begin_block(struct recorder *recorder, size_t pair);

/* Paired runs: what was recorded since the last call makes a batch. */
void recorder_end_batch(struct recorder *recorder);

/* Closes the open interval. Nothing may be added after it. */
void recorder_finish(struct recorder *recorder);

void recorder_release(struct recorder *recorder);

#endif
