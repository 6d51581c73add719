#include "model/report_shape.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "model/document.h"
#include "model/report.h"
#include "model/report_columns.h"
#include "model/scenario.h"
#include "model/tags_field.h"

#define TAGS          .decode = tags_field_decode, .encode = tags_field_encode
#define MAX_COUNT     0x1p53 /* beyond, a double no longer holds every whole number */
#define MAX_NS        0x1p60 /* of a sum: 36 years */
#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

/* ---- figures ---- */

/* The figures of the contract are always there: null where one is not known, 0 where there was no
 * request. `key` is the metric's name, `member` the struct metrics. */
static void encode_figure(struct js_writer *writer, const char *key, const void *member)
{
    const struct metrics *metrics = member;
    double value = metric_value(metrics, metric_find(key));
    js_put_number(writer, key, isnan(value) && !metrics->total_requests ? 0 : value);
}

static int decode_figure(const struct js_at *at, void *member, struct arena *arena, struct err *err)
{
    (void)arena;
    double value = (double)NAN;
    if (js_kind(at) != JS_K_NULL && js_get_number(at, 0, DBL_MAX, &value, err) < 0)
        return -1;
    memcpy((char *)member + metric_info(metric_find(at->key))->offset, &value, sizeof value);
    return 0;
}

static void set_unknown(void *out)
{
    *(struct metrics *)out = metrics_unknown();
}

#define FIGURE(k)                                                                                  \
    .key = (k), .type = JS_CUSTOM, .flags = JS_REQUIRED, .decode = decode_figure,                  \
    .encode = encode_figure

static const struct js_field contract_fields[] = {
    {JS_FIELD(metrics, "total_requests", JS_INT, total_requests), JS_REQUIRED, .high = MAX_COUNT},
    {JS_FIELD(metrics, "total_failures", JS_INT, total_failures), JS_REQUIRED, .high = MAX_COUNT},
    {FIGURE("requests_per_second")},
    {FIGURE("average_response_time")},
    {FIGURE("95th_percentile")},
    {FIGURE("99th_percentile")},
};
static const struct js_shape contract_shape = {
    .size = sizeof(struct metrics), FIELDS(contract_fields), .defaults = set_unknown};

static const struct js_field more_fields[] = {
    {JS_FIELD(metrics, "error_rate", JS_NUMBER, error_rate), .high = 1},
    {JS_FIELD(metrics, "median_response_time", JS_NUMBER, median_ms)},
    {JS_FIELD(metrics, "min_response_time", JS_NUMBER, min_ms)},
    {JS_FIELD(metrics, "max_response_time", JS_NUMBER, max_ms)},
    {JS_FIELD(metrics, "75th_percentile", JS_NUMBER, p75_ms)},
    {JS_FIELD(metrics, "90th_percentile", JS_NUMBER, p90_ms)},
    {JS_FIELD(metrics, "99.9th_percentile", JS_NUMBER, p999_ms)},
};
static const struct js_shape more_shape = {
    .size = sizeof(struct metrics), FIELDS(more_fields), .defaults = set_unknown};

/* ---- evidence ---- */

static const struct js_field histogram_fields[] = {
    {JS_FIELD(histogram_sparse, "count", JS_INT, count), JS_REQUIRED, .high = MAX_COUNT},
    {JS_FIELD(histogram_sparse, "sum_ns", JS_INT, sum_ns), JS_OMIT_ZERO, .high = MAX_NS},
    {JS_FIELD(histogram_sparse, "min_ns", JS_INT, min_ns), JS_OMIT_ZERO, .high = MAX_NS},
    {JS_FIELD(histogram_sparse, "max_ns", JS_INT, max_ns), JS_OMIT_ZERO, .high = MAX_NS},
    {JS_LIST(histogram_sparse, "index", JS_INTS, index, n), .flags = JS_OMIT_ZERO,
     .high = HISTOGRAM_BUCKETS - 1},
    {JS_LIST(histogram_sparse, "counts", JS_INTS, counts, n), .flags = JS_OMIT_ZERO | JS_SAME_COUNT,
     .low = 1, .high = MAX_COUNT},
};
static const struct js_shape histogram_shape = {
    .size = sizeof(struct histogram_sparse), FIELDS(histogram_fields), .one_line = true};

/* An endpoint's histogram is left out where there is none. */
static void encode_histogram(struct js_writer *writer, const char *key, const void *member)
{
    if (((const struct histogram_sparse *)member)->n)
        js_encode(writer, key, &histogram_shape, member);
}

static int decode_histogram(const struct js_at *at, void *member, struct arena *arena,
                            struct err *err)
{
    return js_decode(at, &histogram_shape, member, arena, err);
}

#define SENT(k, m) JS_FIELD(report_sent, k, JS_NUMBER, metrics.m)

static const struct js_field sent_fields[] = {
    {SENT("average_response_time", average_ms)},
    {SENT("median_response_time", median_ms)},
    {SENT("95th_percentile", p95_ms)},
    {SENT("99th_percentile", p99_ms)},
    {SENT("max_response_time", max_ms)},
    {JS_FIELD(report_sent, "histogram", JS_CUSTOM, histogram), .decode = decode_histogram,
     .encode = encode_histogram},
};
static const struct js_shape sent_shape = {
    .size = sizeof(struct report_sent), FIELDS(sent_fields), .defaults = set_unknown};

static const struct js_field blocks_fields[] = {
    {JS_LIST(report_blocks, "count", JS_INTS, count, n_count), .flags = JS_REQUIRED,
     .high = MAX_COUNT},
    {JS_LIST(report_blocks, "sum_ns", JS_INTS, sum_ns, n_sum), .flags = JS_REQUIRED,
     .high = MAX_NS},
    {JS_LIST(report_blocks, "failures", JS_INTS, failures, n_failures), .flags = JS_REQUIRED,
     .high = MAX_COUNT},
    {JS_LIST(report_blocks, "batches", JS_OBJECTS, batches, n_batches), .flags = JS_REQUIRED,
     .shape = &histogram_shape},
};
static const struct js_shape blocks_shape = {.size = sizeof(struct report_blocks),
                                             FIELDS(blocks_fields)};

static const char *const role_names[] = {
    [ROLE_NONE] = "none", [ROLE_CANDIDATE] = "candidate", [ROLE_BASE] = "base", NULL};

static const char *const look_names[] = {
    [LOOK_END] = "end", [LOOK_SURE] = "sure", [LOOK_WIDTH] = "width", NULL};

static const struct js_field look_fields[] = {
    {JS_FIELD(report_look, "number", JS_INT, number), JS_REQUIRED, .low = 1, .high = 100},
    {JS_FIELD(report_look, "of", JS_INT, of), JS_REQUIRED, .low = 1, .high = 100},
    {JS_FIELD(report_look, "reason", JS_ENUM, reason), JS_REQUIRED, .names = look_names},
    {JS_FIELD(report_look, "until_percent", JS_NUMBER, percent), JS_REQUIRED, .low = DBL_MIN,
     .high = 100},
};
static const struct js_shape look_shape = {
    .size = sizeof(struct report_look), FIELDS(look_fields), .one_line = true};

static const struct js_field pair_fields[] = {
    {JS_FIELD(report_pair, "id", JS_STRING, id), JS_REQUIRED},
    {JS_FIELD(report_pair, "role", JS_ENUM, role), JS_REQUIRED, .names = role_names},
    {JS_FIELD(report_pair, "start", JS_INT, start), JS_REQUIRED, .low = 1, .high = 1e6},
    {JS_FIELD(report_pair, "block_ms", JS_MS, block_ns), JS_REQUIRED},
    {JS_FIELD(report_pair, "pairs", JS_INT, n_pairs), JS_REQUIRED, .high = 1e6},
    {JS_LIST(report_pair, "first", JS_INTS, first, n_first), .flags = JS_REQUIRED, .high = 1},
    {JS_LIST(report_pair, "batch_end", JS_INTS, batch_end, n_ends), .flags = JS_REQUIRED, .low = 1,
     .high = 1e6},
    {JS_FIELD(report_pair, "look", JS_POINTER, look), .shape = &look_shape},
};
static const struct js_shape pair_shape = {.size = sizeof(struct report_pair), FIELDS(pair_fields)};

/* ---- the rest ---- */

static const struct js_field endpoint_fields[] = {
    {JS_FIELD(report_endpoint, "name", JS_STRING, name), JS_REQUIRED},
    {JS_FIELD(report_endpoint, "method", JS_STRING, method), JS_REQUIRED},
    {JS_FIELD(report_endpoint, "tags", JS_CUSTOM, tags), TAGS},
    {JS_FIELD(report_endpoint, "", JS_INLINE, metrics), .shape = &contract_shape},
    {JS_FIELD(report_endpoint, "", JS_INLINE, metrics), .shape = &more_shape},
    {JS_FIELD(report_endpoint, "average_content_bytes", JS_NUMBER, content_bytes)},
    {JS_FIELD(report_endpoint, "histogram", JS_CUSTOM, histogram), .decode = decode_histogram,
     .encode = encode_histogram},
    {JS_FIELD(report_endpoint, "blocks", JS_POINTER, blocks), .shape = &blocks_shape},
    {JS_FIELD(report_endpoint, "from_send", JS_POINTER, from_send), .shape = &sent_shape},
    {JS_LIST(report_endpoint, "slowest", JS_OBJECTS, slowest.items, slowest.n),
     .flags = JS_OMIT_ZERO, .shape = &report_trace_shape},
};
static const struct js_shape endpoint_shape = {.size = sizeof(struct report_endpoint),
                                               FIELDS(endpoint_fields)};

static int decode_tag_column(const struct js_at *at, void *member, struct arena *arena,
                             struct err *err)
{
    struct tag_column *column = member;
    if (js_kind(at) != JS_K_ARRAY)
        return js_fail(at, err, "expected an array, found %s", js_kind_name(js_kind(at)));
    column->n = js_count(at);
    column->items = arena_array(arena, column->n, sizeof *column->items);
    for (size_t i = 0; i < column->n; i++) {
        struct js_at item = js_item(at, i);
        if (tags_field_decode(&item, &column->items[i], arena, err) < 0)
            return -1;
    }
    return 0;
}

static void encode_tag_column(struct js_writer *writer, const char *key, const void *member)
{
    const struct tag_column *column = member;
    if (!column->n)
        return;
    js_open(writer, key, '[');
    writer->one_line++;
    writer->tight = true;
    for (size_t i = 0; i < column->n; i++)
        tags_field_encode(writer, NULL, &column->items[i]);
    writer->tight = false;
    js_close(writer, ']');
    writer->one_line--;
}

#define COLUMN(k, t, m)                                                                            \
    JS_LIST(report_columns, k, t, m, n), .flags = ((t) == JS_STRINGS ? 0 : JS_TIGHT) | JS_SAME_COUNT

static const struct js_field columns_fields[] = {
    {JS_LIST(report_columns, "name", JS_STRINGS, name, n), .flags = JS_REQUIRED},
    {COLUMN("method", JS_STRINGS, method)},
    {JS_FIELD(report_columns, "tags", JS_CUSTOM, tags), .decode = decode_tag_column,
     .encode = encode_tag_column},
    {COLUMN("total_requests", JS_INTS, requests), .high = MAX_COUNT},
    {COLUMN("total_failures", JS_INTS, failures), .high = MAX_COUNT},
    {JS_LIST(report_columns, "requests_per_second", JS_NUMBERS, requests_per_s, n_rates),
     .flags = JS_TIGHT | JS_OMIT_ZERO},
    {COLUMN("average_response_time", JS_NUMBERS, average_ms)},
    {COLUMN("95th_percentile", JS_NUMBERS, p95_ms)},
    {COLUMN("99th_percentile", JS_NUMBERS, p99_ms)},
    {COLUMN("median_response_time", JS_NUMBERS, median_ms)},
    {COLUMN("min_response_time", JS_NUMBERS, min_ms)},
    {COLUMN("max_response_time", JS_NUMBERS, max_ms)},
};
static const struct js_shape columns_shape = {.size = sizeof(struct report_columns),
                                              FIELDS(columns_fields)};

#define UTC .decode = document_decode_utc, .encode = document_encode_utc

static const struct js_field error_fields[] = {
    {JS_FIELD(report_error, "endpoint", JS_STRING, endpoint), JS_REQUIRED},
    {JS_FIELD(report_error, "method", JS_STRING, method), JS_REQUIRED},
    {JS_FIELD(report_error, "kind", JS_STRING, kind), JS_REQUIRED},
    {JS_FIELD(report_error, "message", JS_STRING, message), JS_REQUIRED},
    {JS_FIELD(report_error, "count", JS_INT, count), JS_REQUIRED, .low = 1, .high = MAX_COUNT},
    {JS_FIELD(report_error, "first_seen", JS_CUSTOM, first_seen_ns), UTC},
    {JS_FIELD(report_error, "last_seen", JS_CUSTOM, last_seen_ns), UTC},
};
static const struct js_shape error_shape = {.size = sizeof(struct report_error),
                                            FIELDS(error_fields)};

static const struct js_field series_fields[] = {
    {JS_FIELD(report_series, "interval_ms", JS_MS, interval_ns), JS_REQUIRED},
    {JS_LIST(report_series, "users", JS_INTS, users, n_users), .high = MAX_COUNT},
    {JS_LIST(report_series, "requests", JS_INTS, requests, n_requests), .high = MAX_COUNT},
    {JS_LIST(report_series, "failures", JS_INTS, failures, n_failures), .high = MAX_COUNT},
    {JS_LIST(report_series, "average_response_time", JS_NUMBERS, average_ms, n_average)},
    {JS_LIST(report_series, "median_response_time", JS_NUMBERS, p50_ms, n_p50)},
    {JS_LIST(report_series, "95th_percentile", JS_NUMBERS, p95_ms, n_p95)},
};
static const struct js_shape series_shape = {.size = sizeof(struct report_series),
                                             FIELDS(series_fields)};

static const struct js_field health_fields[] = {
    {JS_FIELD(report_health, "cpu", JS_NUMBER, cpu)},
    {JS_FIELD(report_health, "lag_p50_ms", JS_MS, lag_p50_ns), JS_OMIT_ZERO},
    {JS_FIELD(report_health, "lag_p99_ms", JS_MS, lag_p99_ns), JS_OMIT_ZERO},
    {JS_FIELD(report_health, "lag_mean_ms", JS_MS, lag_mean_ns), JS_OMIT_ZERO},
    {JS_FIELD(report_health, "connections", JS_INT, connections), JS_OMIT_ZERO, .high = MAX_COUNT},
    {JS_FIELD(report_health, "retries", JS_INT, retries), JS_OMIT_ZERO, .high = MAX_COUNT},
    {JS_FIELD(report_health, "drift_p", JS_NUMBER, drift_p), .high = 1},
    {JS_FIELD(report_health, "settled_ms", JS_MS, settled_ns), JS_OMIT_ZERO},
    {JS_FIELD(report_health, "tls_handshakes", JS_INT, tls_handshakes), JS_OMIT_ZERO,
     .high = MAX_COUNT},
    {JS_FIELD(report_health, "tls_resumed", JS_INT, tls_resumed), JS_OMIT_ZERO, .high = MAX_COUNT},
    {JS_LIST(report_health, "notes", JS_STRINGS, notes, n_notes), .flags = JS_OMIT_ZERO},
};
static const struct js_shape health_shape = {.size = sizeof(struct report_health),
                                             FIELDS(health_fields)};

static const char *const process_names[] = {
    [ARRIVALS_CONSTANT] = "constant", [ARRIVALS_POISSON] = "poisson", NULL};

static const struct js_field arrivals_fields[] = {
    {JS_FIELD(report_arrivals, "process", JS_ENUM, process), JS_REQUIRED, .names = process_names},
    {JS_FIELD(report_arrivals, "rate", JS_NUMBER, rate)},
    {JS_FIELD(report_arrivals, "started", JS_INT, started), JS_REQUIRED, .high = MAX_COUNT},
    {JS_FIELD(report_arrivals, "missed", JS_INT, missed), JS_REQUIRED, .high = MAX_COUNT},
};
static const struct js_shape arrivals_shape = {
    .size = sizeof(struct report_arrivals), FIELDS(arrivals_fields), .one_line = true};

static void encode_schema(struct js_writer *writer, const char *key, const void *member)
{
    (void)member;
    js_put_string(writer, key, REPORT_SCHEMA);
}

#define RESOLUTION                                                                                 \
    {                                                                                              \
        JS_FIELD(report, "resolution_ms", JS_MS, resolution_ns), JS_OMIT_ZERO                      \
    }

static const struct js_field report_fields[] = {
    {JS_FIELD(report, "", JS_INLINE, metrics), .shape = &contract_shape},
    {.key = "schema", .type = JS_CUSTOM, .decode = document_skip, .encode = encode_schema},
    {JS_FIELD(report, "valid", JS_BOOL, health.valid), JS_REQUIRED},
    {JS_LIST(report, "invalid_reasons", JS_STRINGS, health.reasons, health.n_reasons),
     .flags = JS_OMIT_ZERO},
    {JS_FIELD(report, "", JS_INLINE, metrics), .shape = &more_shape},
    {JS_FIELD(report, "suite", JS_STRING, suite)},
    {JS_FIELD(report, "run_id", JS_STRING, run_id)},
    {JS_FIELD(report, "started_at", JS_CUSTOM, started_ns), UTC},
    {JS_FIELD(report, "duration_ms", JS_MS, duration_ns), JS_OMIT_ZERO},
    {JS_FIELD(report, "users", JS_INT, users), JS_OMIT_ZERO, .high = MAX_COUNT},
    {JS_FIELD(report, "host", JS_STRING, host)},
    {JS_FIELD(report, "workload", JS_STRING, workload)},
    {JS_FIELD(report, "scenario", JS_STRING, scenario)},
    {JS_FIELD(report, "scenario_hash", JS_STRING, scenario_hash)},
    {JS_FIELD(report, "commit", JS_STRING, commit)},
    {JS_FIELD(report, "environment", JS_OBJECT, environment), JS_OMIT_ZERO,
     .shape = &fingerprint_shape},
    RESOLUTION,
    {JS_FIELD(report, "source", JS_POINTER, source), .shape = &report_source_shape},
    {JS_FIELD(report, "arrivals", JS_POINTER, arrivals), .shape = &arrivals_shape},
    {JS_FIELD(report, "from_send", JS_POINTER, from_send), .shape = &sent_shape},
    {JS_FIELD(report, "trace_link", JS_STRING, trace_link)},
    {JS_FIELD(report, "health", JS_OBJECT, health), JS_OMIT_ZERO, .shape = &health_shape},
    {JS_LIST(report, "endpoints", JS_OBJECTS, endpoints, n_endpoints), .flags = JS_OMIT_ZERO,
     .shape = &endpoint_shape},
    {JS_FIELD(report, "endpoint_columns", JS_POINTER, columns), .shape = &columns_shape},
    {JS_LIST(report, "errors", JS_OBJECTS, errors, n_errors), .flags = JS_OMIT_ZERO,
     .shape = &error_shape},
    {JS_FIELD(report, "series", JS_POINTER, series), .shape = &series_shape},
    {JS_FIELD(report, "resources", JS_POINTER, resources), .shape = &report_resources_shape},
    {JS_FIELD(report, "profile", JS_POINTER, profile), .shape = &report_profile_shape},
    {JS_FIELD(report, "pair", JS_POINTER, pair), .shape = &pair_shape},
};
const struct js_shape report_shape = {.size = sizeof(struct report), FIELDS(report_fields)};

static const struct js_field flat_fields[] = {
    {JS_FIELD(report, "", JS_INLINE, metrics), .shape = &contract_shape},
    RESOLUTION,
};
const struct js_shape report_flat_shape = {
    .size = sizeof(struct report), FIELDS(flat_fields), .skip_unknown = true};
