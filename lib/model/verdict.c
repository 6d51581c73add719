#include "model/verdict.h"

#include <float.h>

#include <string.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "model/document.h"
#include "model/metric_field.h"

#define MAX_COUNT       0x1p53
#define MAX_DURATION_MS 31536e6 /* a year, the longest that num_parse_duration() takes */
#define FIELDS(table)   .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]
/* A number of any sign. */
#define SIGNED .low = -DBL_MAX, .high = DBL_MAX

static const char *const row_names[ROW_STATUS_COUNT + 1] = {
    [ROW_REGRESSED] = "regressed",
    [ROW_OVER_LIMIT] = "over_limit",
    [ROW_ERRORED] = "errored",
    [ROW_NOT_COMPARABLE] = "not_comparable",
    [ROW_MISSING_BASELINE] = "missing_baseline",
    [ROW_INSUFFICIENT] = "insufficient",
    [ROW_ACCEPTED] = "accepted",
    [ROW_STABLE] = "stable",
    [ROW_IMPROVED] = "improved",
};
static const char *const overall_names[] = {
    [OVERALL_PASS] = "pass", [OVERALL_FAIL] = "fail", [OVERALL_UNDECIDED] = "undecided", NULL};
static const char *const comparison_names[] = {[COMPARISON_PAIRED] = "paired",
                                               [COMPARISON_STORED] = "stored",
                                               [COMPARISON_FILE] = "file",
                                               [COMPARISON_NONE] = "none",
                                               NULL};

const char *row_status_name(enum row_status status)
{
    return row_names[status];
}

const char *overall_status_name(enum overall_status status)
{
    return overall_names[status];
}

const char *comparison_name(enum comparison comparison)
{
    return comparison_names[comparison];
}

/* ---- tables ---- */

/* struct verdict_row has an int that is small. */
static int decode_digits(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    (void)arena;
    int64_t digits;
    if (js_get_int(at, 0, 17, &digits, err) < 0)
        return -1;
    *(int *)out = (int)digits;
    return 0;
}

static void encode_digits(struct js_writer *writer, const char *key, const void *in)
{
    if (*(const int *)in)
        js_put_int(writer, key, *(const int *)in);
}

static const struct js_field acceptance_fields[] = {
    {JS_FIELD(verdict_acceptance, "by", JS_STRING, by), JS_REQUIRED},
    {JS_FIELD(verdict_acceptance, "reason", JS_STRING, reason), JS_REQUIRED},
    {JS_FIELD(verdict_acceptance, "value", JS_NUMBER, value), JS_REQUIRED},
    {JS_FIELD(verdict_acceptance, "place", JS_STRING, place)},
    {JS_FIELD(verdict_acceptance, "until", JS_STRING, until)},
};
static const struct js_shape acceptance_shape = {.size = sizeof(struct verdict_acceptance),
                                                 FIELDS(acceptance_fields)};

static const struct js_field anchor_fields[] = {
    {JS_FIELD(verdict_anchor, "run", JS_STRING, run), JS_REQUIRED},
    {JS_FIELD(verdict_anchor, "label", JS_STRING, label)},
};
static const struct js_shape anchor_shape = {.size = sizeof(struct verdict_anchor),
                                             FIELDS(anchor_fields)};

static const char *const against_names[] = {
    [AGAINST_BASE] = "base", [AGAINST_ANCHOR] = "anchor", NULL};

static int decode_metric(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct verdict_row *row = out;
    return metric_named_decode(at, &row->metric, &row->name, arena, err);
}

static void encode_metric(struct js_writer *writer, const char *key, const void *in)
{
    const struct verdict_row *row = in;
    js_put_string(writer, key, metric_key((enum metric)row->metric, row->name));
}

static int decode_better(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    (void)arena;
    struct verdict_row *row = out;
    return metric_better_decode(at, &row->metric, row->name, err);
}

static void encode_better(struct js_writer *writer, const char *key, const void *in)
{
    const struct verdict_row *row = in;
    metric_better_encode(writer, key, row->metric, row->name);
}

static const struct js_field row_fields[] = {
    {JS_FIELD(verdict_row, "endpoint", JS_STRING, endpoint)},
    {JS_FIELD(verdict_row, "method", JS_STRING, method)},
    {JS_FIELD(verdict_row, "against", JS_ENUM, against), JS_OMIT_ZERO, .names = against_names},
    {JS_FIELD(verdict_row, "anchor", JS_POINTER, anchor), .shape = &anchor_shape},
    {.key = "metric",
     .type = JS_CUSTOM,
     .flags = JS_REQUIRED,
     .decode = decode_metric,
     .encode = encode_metric},
    {.key = "better", .type = JS_CUSTOM, .decode = decode_better, .encode = encode_better},
    {JS_FIELD(verdict_row, "status", JS_ENUM, status), JS_REQUIRED, .names = row_names},
    {JS_FIELD(verdict_row, "base", JS_NUMBER, base), SIGNED},
    {JS_FIELD(verdict_row, "candidate", JS_NUMBER, candidate), SIGNED},
    {JS_FIELD(verdict_row, "change_percent", JS_NUMBER, change), SIGNED},
    {JS_FIELD(verdict_row, "threshold", JS_NUMBER, threshold)},
    {JS_FIELD(verdict_row, "min_change", JS_NUMBER, min_change), .high = MAX_DURATION_MS},
    {JS_FIELD(verdict_row, "limit", JS_NUMBER, limit), SIGNED},
    {JS_FIELD(verdict_row, "interval_low", JS_NUMBER, interval_low)},
    {JS_FIELD(verdict_row, "interval_high", JS_NUMBER, interval_high)},
    {JS_FIELD(verdict_row, "p", JS_NUMBER, p), .high = 1},
    {JS_FIELD(verdict_row, "detectable_change", JS_NUMBER, detectable)},
    {JS_FIELD(verdict_row, "base_count", JS_INT, base_count), .high = MAX_COUNT},
    {JS_FIELD(verdict_row, "candidate_count", JS_INT, candidate_count), .high = MAX_COUNT},
    {JS_FIELD(verdict_row, "required", JS_BOOL, required)},
    {JS_FIELD(verdict_row, "judged", JS_BOOL, judged), JS_REQUIRED},
    {JS_FIELD(verdict_row, "text_digits", JS_CUSTOM, text_digits), .decode = decode_digits,
     .encode = encode_digits},
    {JS_FIELD(verdict_row, "reason", JS_STRING, reason)},
    {JS_FIELD(verdict_row, "acceptance", JS_POINTER, acceptance), .shape = &acceptance_shape},
    {JS_LIST(verdict_row, "warnings", JS_STRINGS, warnings, n_warnings), .flags = JS_OMIT_ZERO},
};
static const struct js_shape row_shape = {.size = sizeof(struct verdict_row), FIELDS(row_fields)};

static const struct js_field regression_fields[] = {
    {JS_FIELD(verdict_regression, "metric", JS_STRING, metric), JS_REQUIRED},
    {JS_FIELD(verdict_regression, "current", JS_NUMBER, current), SIGNED},
    {JS_FIELD(verdict_regression, "baseline", JS_NUMBER, baseline), SIGNED},
    {JS_FIELD(verdict_regression, "degradation", JS_NUMBER, degradation), SIGNED},
    {JS_FIELD(verdict_regression, "endpoint", JS_STRING, endpoint)},
    {JS_FIELD(verdict_regression, "method", JS_STRING, method)},
    {JS_FIELD(verdict_regression, "against", JS_ENUM, against), JS_OMIT_ZERO,
     .names = against_names},
};
static const struct js_shape regression_shape = {.size = sizeof(struct verdict_regression),
                                                 FIELDS(regression_fields)};

static const struct js_field alert_fields[] = {
    {JS_FIELD(verdict_alert, "name", JS_STRING, name), JS_REQUIRED},
    {JS_FIELD(verdict_alert, "severity", JS_ENUM, severity), JS_REQUIRED,
     .names = alert_severity_names},
    {JS_FIELD(verdict_alert, "state", JS_ENUM, state), JS_REQUIRED, .names = alert_state_names},
    {JS_FIELD(verdict_alert, "message", JS_STRING, message), JS_REQUIRED},
    {JS_FIELD(verdict_alert, "condition", JS_STRING, condition)},
    {JS_FIELD(verdict_alert, "reason", JS_STRING, reason)},
};
static const struct js_shape alert_shape = {.size = sizeof(struct verdict_alert),
                                            FIELDS(alert_fields)};

static void encode_schema(struct js_writer *writer, const char *key, const void *in)
{
    (void)in;
    js_put_string(writer, key, VERDICT_SCHEMA);
}

static const struct js_field verdict_fields[] = {
    {.key = "schema", .type = JS_CUSTOM, .decode = document_skip, .encode = encode_schema},
    {JS_FIELD(verdict, "status", JS_ENUM, status), JS_REQUIRED, .names = overall_names},
    {JS_FIELD(verdict, "exit_code", JS_INT, exit_code), JS_REQUIRED, .high = 3},
    {JS_FIELD(verdict, "summary", JS_STRING, summary)},
    {JS_LIST(verdict, "regressions", JS_OBJECTS, regressions, n_regressions),
     .shape = &regression_shape},
    {JS_FIELD(verdict, "comparison", JS_ENUM, comparison), JS_REQUIRED, .names = comparison_names},
    {JS_FIELD(verdict, "baseline_choice", JS_STRING, baseline_choice)},
    {JS_FIELD(verdict, "policy_choice", JS_STRING, policy_choice)},
    {JS_FIELD(verdict, "measured", JS_STRING, measured)},
    {JS_FIELD(verdict, "suite", JS_STRING, suite)},
    {JS_FIELD(verdict, "alpha", JS_NUMBER, alpha), .high = 1},
    {JS_FIELD(verdict, "starts", JS_INT, starts), JS_OMIT_ZERO, .high = MAX_COUNT},
    {JS_FIELD(verdict, "pairs", JS_INT, pairs), JS_OMIT_ZERO, .high = MAX_COUNT},
    {JS_FIELD(verdict, "batches", JS_INT, batches), JS_OMIT_ZERO, .high = MAX_COUNT},
    {JS_FIELD(verdict, "users", JS_INT, users), JS_OMIT_ZERO, .high = MAX_COUNT},
    {JS_FIELD(verdict, "duration_ms", JS_MS, duration_ns), JS_OMIT_ZERO},
    {JS_FIELD(verdict, "environment", JS_OBJECT, environment), JS_OMIT_ZERO,
     .shape = &fingerprint_shape},
    {JS_LIST(verdict, "warnings", JS_STRINGS, warnings, n_warnings), .flags = JS_OMIT_ZERO},
    {JS_LIST(verdict, "alerts", JS_OBJECTS, alerts, n_alerts), .flags = JS_OMIT_ZERO,
     .shape = &alert_shape},
    {JS_LIST(verdict, "rows", JS_OBJECTS, rows, n_rows), .flags = JS_REQUIRED, .shape = &row_shape},
};
static const struct js_shape verdict_shape = {.size = sizeof(struct verdict),
                                              FIELDS(verdict_fields)};

/* ---- for people ---- */

const char *verdict_row_key(const struct verdict_row *row)
{
    return metric_key((enum metric)row->metric, row->name);
}

const char *verdict_row_title(const struct verdict_row *row)
{
    return metric_title((enum metric)row->metric, row->name);
}

enum { MOST_LABEL = 60 };

/* The label, or without one when the run began, which its file's name begins with. */
static void add_since(struct buf *out, const struct verdict_anchor *anchor)
{
    const char *start = anchor->label ? anchor->label : anchor->run, *end = start;
    size_t most = anchor->label ? MOST_LABEL : strcspn(anchor->run, "-");
    while (most > 0 && utf8_next(&end))
        most--;
    buf_addf(out, ", since %.*s%s", (int)(end - start), start, anchor->label && *end ? "…" : "");
}

void verdict_add_endpoint(struct buf *out, const char *method, const char *endpoint)
{
    if (endpoint && method && *method)
        buf_addf(out, "%s ", method);
    buf_add_str(out, endpoint ? endpoint : "overall");
}

void verdict_add_scope(struct buf *out, const struct verdict_row *row)
{
    verdict_add_endpoint(out, row->method, row->endpoint);
    if (row->anchor)
        add_since(out, row->anchor);
}

/* ---- the document ---- */

int verdict_decode(const char *bytes, size_t len, const char *source, struct verdict *verdict,
                   struct err *err)
{
    *verdict = (struct verdict){0};
    struct js_doc *doc;
    if (document_parse(bytes, len, source, &doc, err) < 0)
        return -1;
    struct arena arena = {0}; /* decoding zeroes the verdict first */
    struct js_at root = js_root(doc);
    int status = document_check_schema(&root, VERDICT_SCHEMA, err);
    if (status == 0)
        status = js_decode(&root, &verdict_shape, verdict, &arena, err);
    verdict->arena = arena;
    if (status < 0)
        verdict_release(verdict);
    js_free(doc);
    return status;
}

int verdict_read(const char *path, struct verdict *verdict, struct err *err)
{
    struct buf bytes = {0};
    *verdict = (struct verdict){0};
    int status = fs_read(path, VERDICT_LIMIT, &bytes, err);
    if (status == 0)
        status = verdict_decode(buf_text(&bytes), bytes.len, path, verdict, err);
    buf_release(&bytes);
    return status;
}

void verdict_encode(const struct verdict *verdict, struct buf *out)
{
    struct js_writer writer = {.out = out};
    js_encode(&writer, NULL, &verdict_shape, verdict);
}

void verdict_release(struct verdict *verdict)
{
    struct arena arena = verdict->arena;
    *verdict = (struct verdict){0};
    arena_release(&arena);
}
