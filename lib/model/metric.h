/*
 * The metrics: one table with every fact about each.
 *
 * When a row is added: the document's key, the member of struct metrics that holds it, and (where
 * it has a default) the threshold or limits in model/policy.c. Everything else follows the table.
 */
#ifndef PERFGATE_MODEL_METRIC_H
#define PERFGATE_MODEL_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a report says of the whole run and of each endpoint. Latencies in ms. NAN = not known. */
struct metrics {
    int64_t total_requests; /* failures included, as Locust counts them */
    int64_t total_failures;
    double requests_per_s; /* on the arm's own clock */
    double average_ms;
    double p95_ms, p99_ms;
    double median_ms, min_ms, max_ms;
    double p75_ms, p90_ms, p999_ms;
    double error_rate; /* total_failures / total_requests, 0 to 1; NAN without requests */
};

enum metric {
    METRIC_AVERAGE,
    METRIC_ERROR_RATE,
    METRIC_P95,
    METRIC_P99,
    METRIC_MEDIAN,
    METRIC_P75,
    METRIC_P90,
    METRIC_P999,
    METRIC_MIN,
    METRIC_MAX,
    METRIC_REQUESTS_PER_S,
    METRIC_CPU_USAGE,    /* resources: share of the cores it may use, 0 to 1 */
    METRIC_MEMORY_USAGE, /* resources: resident share, 0 to 1 */
    METRIC_COUNT,
    /* What a policy calls by a name of its own (model/policy.h), so that it is in no array of
     * METRIC_COUNT; fewer are better, or more. */
    METRIC_NAMED,
    METRIC_NAMED_HIGHER
};

enum metric_unit { UNIT_MS, UNIT_RATIO, UNIT_PER_S, UNIT_PLAIN };

enum metric_kind {
    KIND_MEAN,
    KIND_QUANTILE,
    KIND_RATE,
    KIND_THROUGHPUT,
    KIND_RESOURCE,
    KIND_EXTREME,
    KIND_NAMED
};

struct metric_info {
    const char *name;  /* the key in policies and verdicts */
    const char *alias; /* another accepted name, or NULL */
    const char *title; /* for people: "average", "p95" */
    enum metric_unit unit;
    enum metric_kind kind;
    bool higher_is_better;
    double quantile; /* of KIND_QUANTILE, else 0 */
    size_t offset;   /* of the double in struct metrics; (size_t)-1 where it has none */
};

const struct metric_info *metric_info(enum metric metric);

/* What a metric is called in documents and for people; `name` is that of a named one, else NULL. */
const char *metric_key(enum metric metric, const char *name);
const char *metric_title(enum metric metric, const char *name);

/* No requests, and no figure known. */
struct metrics metrics_unknown(void);

/* By name or alias; METRIC_COUNT where there is none. */
enum metric metric_find(const char *name);

/* More than the limit, or less where more is better; false where either is not known. */
bool metric_is_beyond(enum metric metric, double value, double limit);

/* The figure of `metric` in `metrics`; NAN where it is not known or not part of them. */
double metric_value(const struct metrics *metrics, enum metric metric);

/* For people: the value with its unit ("12.3 ms", "0.52 %", "812 /s"), 3 significant digits plus
 * `extra`; "-" for NAN. */
struct buf;
void metric_add_text(struct buf *out, enum metric metric, double value, int extra);

/* The names of all metrics, for messages: "avg_response_time, error_rate, …". */
void metric_add_names(struct buf *out);

#endif
