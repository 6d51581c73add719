#include "model/trend.h"

#include <string.h>

#include "model/document.h"
#include "model/metric_field.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

static const char *const mark_kinds[] = {
    [TREND_ANCHOR] = "anchor", [TREND_ACCEPTANCE] = "acceptance", NULL};

bool trend_same_commit(const struct trend *trend, const struct trend_change *change)
{
    const char *before = trend->runs[change->last].commit;
    const char *after = trend->runs[change->run].commit;
    return before && after && strcmp(before, after) == 0;
}

/* ---- tables ---- */

static void encode_schema(struct js_writer *writer, const char *key, const void *in)
{
    (void)in;
    js_put_string(writer, key, TREND_SCHEMA);
}

/* NULL where the mark is of no run that is shown. */
static void encode_run(struct js_writer *writer, const char *key, const void *in)
{
    int64_t run = *(const int64_t *)in;
    if (run < 0)
        js_put_raw(writer, key, "null");
    else
        js_put_int(writer, key, run);
}

static const struct js_field run_fields[] = {
    {JS_FIELD(trend_run, "started_at", JS_CUSTOM, started_ns), .encode = document_encode_utc},
    {JS_FIELD(trend_run, "commit", JS_STRING, commit)},
    {JS_FIELD(trend_run, "file", JS_STRING, file)},
};
static const struct js_shape run_shape = {
    .size = sizeof(struct trend_run), FIELDS(run_fields), .one_line = true};

static const struct js_field change_fields[] = {
    {JS_FIELD(trend_change, "run", JS_INT, run)},
    {JS_FIELD(trend_change, "last_before", JS_INT, last)},
    {JS_FIELD(trend_change, "before", JS_NUMBER, before)},
    {JS_FIELD(trend_change, "after", JS_NUMBER, after)},
    {JS_FIELD(trend_change, "change_percent", JS_NUMBER, change)},
    {JS_FIELD(trend_change, "p", JS_NUMBER, p)},
};
static const struct js_shape change_shape = {
    .size = sizeof(struct trend_change), FIELDS(change_fields), .one_line = true};

static const struct js_field series_fields[] = {
    {JS_FIELD(trend_series, "metric", JS_CUSTOM, metric), .encode = metric_field_encode},
    {JS_FIELD(trend_series, "threshold", JS_NUMBER, threshold)},
    {JS_LIST(trend_series, "values", JS_NUMBERS, values, n_values)},
    {JS_LIST(trend_series, "changes", JS_OBJECTS, changes, n_changes), .shape = &change_shape},
};
static const struct js_shape series_shape = {.size = sizeof(struct trend_series),
                                             FIELDS(series_fields)};

static const struct js_field mark_fields[] = {
    {JS_FIELD(trend_mark, "kind", JS_ENUM, kind), .names = mark_kinds},
    {JS_FIELD(trend_mark, "run", JS_CUSTOM, run), .encode = encode_run},
    {JS_FIELD(trend_mark, "made_at", JS_CUSTOM, at_ns), .encode = document_encode_utc},
    {JS_FIELD(trend_mark, "commit", JS_STRING, commit)},
    {JS_FIELD(trend_mark, "by", JS_STRING, by)},
    {JS_FIELD(trend_mark, "text", JS_STRING, text)},
    {JS_FIELD(trend_mark, "metric", JS_STRING, metric)},
    {JS_FIELD(trend_mark, "value", JS_NUMBER, value)},
    {JS_FIELD(trend_mark, "until", JS_STRING, until)},
};
static const struct js_shape mark_shape = {
    .size = sizeof(struct trend_mark), FIELDS(mark_fields), .one_line = true};

static const struct js_field left_out_fields[] = {
    {JS_FIELD(trend_left_out, "other_workload", JS_INT, workload)},
    {JS_FIELD(trend_left_out, "other_machine", JS_INT, machine)},
    {JS_FIELD(trend_left_out, "invalid", JS_INT, invalid)},
    {JS_FIELD(trend_left_out, "without_endpoint", JS_INT, endpoint)},
};
static const struct js_shape left_out_shape = {
    .size = sizeof(struct trend_left_out), FIELDS(left_out_fields), .one_line = true};

static const struct js_field fields[] = {
    {.key = "schema", .type = JS_CUSTOM, .encode = encode_schema},
    {JS_FIELD(trend, "suite", JS_STRING, suite)},
    {JS_FIELD(trend, "environment", JS_STRING, environment)},
    {JS_FIELD(trend, "scope", JS_STRING, scope)},
    {JS_FIELD(trend, "stored_runs", JS_INT, n_stored)},
    {JS_FIELD(trend, "left_out", JS_OBJECT, left_out), .shape = &left_out_shape},
    {JS_LIST(trend, "runs", JS_OBJECTS, runs, n_runs), .shape = &run_shape},
    {JS_LIST(trend, "series", JS_OBJECTS, series, n_series), .shape = &series_shape},
    {JS_LIST(trend, "marks", JS_OBJECTS, marks, n_marks), .shape = &mark_shape},
};
static const struct js_shape shape = {.size = sizeof(struct trend), FIELDS(fields)};

void trend_encode(const struct trend *trend, struct buf *out)
{
    struct js_writer writer = {.out = out};
    js_encode(&writer, NULL, &shape, trend);
}
