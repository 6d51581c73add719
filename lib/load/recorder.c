#include "load/recorder.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void recorder_init(struct recorder *recorder, size_t n_endpoints, bool paired)
{
    *recorder = (struct recorder){.paired = paired, .n_endpoints = n_endpoints};
    recorder->endpoints = mem_array(n_endpoints, sizeof *recorder->endpoints);
}

/* Only the worker writes them, so that adding needs no atomic operation, only the store does. */
static void count(struct recorder *recorder, bool failed)
{
    int64_t done = atomic_load_explicit(&recorder->done, memory_order_relaxed);
    atomic_store_explicit(&recorder->done, done + 1, memory_order_relaxed);
    if (!failed)
        return;
    int64_t failures = atomic_load_explicit(&recorder->failed, memory_order_relaxed);
    atomic_store_explicit(&recorder->failed, failures + 1, memory_order_relaxed);
}

/* Hands the interval that was closed last to whoever shows it. */
static void publish(struct recorder *recorder)
{
    const struct interval_record *closed = &recorder->intervals[recorder->n_intervals - 1];
    if (!closed->latencies.count)
        return;
    struct recent_record *record = arena_array(&recorder->arena, 1, sizeof *record);
    *record = (struct recent_record){
        .before = atomic_load_explicit(&recorder->recent, memory_order_relaxed),
        .second = (int64_t)recorder->n_intervals,
        .failures = closed->failures,
        .latencies = closed->latencies,
    };
    atomic_store_explicit(&recorder->recent, record, memory_order_release);
}

static void close_interval(struct recorder *recorder)
{
    struct interval_record *open = &recorder->open;
    histogram_to_sparse(&recorder->open_latencies, &recorder->arena, &open->latencies);
    recorder->intervals = mem_grow(recorder->intervals, recorder->n_intervals,
                                   &recorder->interval_capacity, sizeof *recorder->intervals);
    recorder->intervals[recorder->n_intervals++] = *open;
    *open = (struct interval_record){0};
    histogram_reset(&recorder->open_latencies);
    publish(recorder);
}

static void add_to_interval(struct recorder *recorder, const struct sample *sample)
{
    while (sample->at_ns >= (int64_t)(recorder->n_intervals + 1) * RECORDER_INTERVAL_NS)
        close_interval(recorder);
    histogram_record(&recorder->open_latencies, sample->latency_ns);
    recorder->open.failures += sample->failed;
    recorder->open.body_bytes += sample->body_bytes;
}

static void add_to_block(struct recorder *recorder, const struct sample *sample)
{
    struct block_cell *cell =
        &recorder->cells[(recorder->n_pairs - 1) * recorder->n_endpoints + sample->endpoint];
    cell->count++;
    cell->sum_ns += sample->latency_ns;
    cell->failures += sample->failed;
}

void recorder_add(struct recorder *recorder, const struct sample *sample)
{
    struct endpoint_record *endpoint = &recorder->endpoints[sample->endpoint];
    histogram_record(recorder->paired ? &endpoint->batch : &endpoint->total, sample->latency_ns);
    if (recorder->open_model)
        histogram_record(&endpoint->sent, sample->sent_ns);
    endpoint->failures += sample->failed;
    endpoint->body_bytes += sample->body_bytes;
    add_to_interval(recorder, sample);
    if (recorder->paired)
        add_to_block(recorder, sample);
    count(recorder, sample->failed);
}

void recorder_add_warm(struct recorder *recorder, const struct sample *sample)
{
    histogram_record(&recorder->warm, sample->latency_ns);
    count(recorder, sample->failed);
}

void recorder_add_error(struct recorder *recorder, uint32_t endpoint, enum failure failure,
                        const char *message, int64_t wall_ns)
{
    error_table_add(&recorder->errors, endpoint, failure, message, wall_ns);
}

void recorder_add_traced(struct recorder *recorder, uint32_t endpoint, const struct traced *traced)
{
    slowest_add(&recorder->endpoints[endpoint].slowest, traced);
}

void recorder_add_lag(struct recorder *recorder, int64_t lag_ns, int64_t busy_ns)
{
    histogram_record(&recorder->lag, lag_ns);
    histogram_record(&recorder->busy_lag, busy_ns);
    if (!recorder->n_pairs)
        return;
    struct block_lag *block = &recorder->block_lags[recorder->n_pairs - 1];
    block->count++;
    block->sum_ns += busy_ns;
}

/* One more row of `width` zeroed elements. */
static void *add_row(void *rows, size_t n, size_t *capacity, size_t width, size_t size)
{
    size_t row = width * size;
    char *grown = mem_grow(rows, n, capacity, row);
    memset(grown + n * row, 0, row);
    return grown;
}

void recorder_begin_block(struct recorder *recorder, size_t pair)
{
    for (; recorder->n_pairs <= pair; recorder->n_pairs++) {
        recorder->cells = add_row(recorder->cells, recorder->n_pairs, &recorder->cell_capacity,
                                  recorder->n_endpoints, sizeof *recorder->cells);
        recorder->block_lags = add_row(recorder->block_lags, recorder->n_pairs,
                                       &recorder->lag_capacity, 1, sizeof *recorder->block_lags);
    }
}

void recorder_end_batch(struct recorder *recorder)
{
    size_t n = recorder->n_endpoints;
    recorder->batches = add_row(recorder->batches, recorder->n_batches, &recorder->batch_capacity,
                                n, sizeof *recorder->batches);
    struct histogram_sparse *row = &recorder->batches[recorder->n_batches++ * n];
    for (size_t i = 0; i < n; i++) {
        struct endpoint_record *endpoint = &recorder->endpoints[i];
        histogram_to_sparse(&endpoint->batch, &recorder->arena, &row[i]);
        histogram_merge(&endpoint->total, &endpoint->batch);
        if (endpoint->batch.count)
            histogram_reset(&endpoint->batch);
    }
}

void recorder_finish(struct recorder *recorder)
{
    if (recorder->open_latencies.count)
        close_interval(recorder);
}

void recorder_release(struct recorder *recorder)
{
    for (size_t i = 0; i < recorder->n_endpoints; i++) {
        histogram_release(&recorder->endpoints[i].total);
        histogram_release(&recorder->endpoints[i].batch);
        histogram_release(&recorder->endpoints[i].sent);
    }
    free(recorder->endpoints);
    free(recorder->intervals);
    free(recorder->cells);
    free(recorder->block_lags);
    free(recorder->batches);
    histogram_release(&recorder->open_latencies);
    histogram_release(&recorder->warm);
    histogram_release(&recorder->lag);
    histogram_release(&recorder->busy_lag);
    error_table_release(&recorder->errors);
    arena_release(&recorder->arena);
    *recorder = (struct recorder){0};
}
