#include "model/policy_shape.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "model/condition.h"
#include "model/document.h"
#include "model/tags_field.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

void policy_rules_unset(struct policy_rules *rules)
{
    *rules = (struct policy_rules){0};
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        rules->threshold[i] = (double)NAN;
        rules->min_change[i] = (double)NAN;
        rules->limit[i] = (struct policy_limit){(double)NAN, (double)NAN};
    }
}

/* ---- objects whose keys are metrics ---- */

static int find_metric(const struct js_at *at, bool *seen, enum metric *metric, struct err *err)
{
    *metric = metric_find(at->key);
    if (*metric == METRIC_COUNT) {
        struct buf known = {0};
        metric_add_names(&known);
        js_fail(at, err, "unknown metric; expected one of %s", buf_text(&known));
        buf_release(&known);
        return -1;
    }
    if (seen[*metric])
        return js_fail(at, err, "this metric is there twice, as '%s' and '%s'; keep one",
                       metric_info(*metric)->name, metric_info(*metric)->alias);
    seen[*metric] = true;
    return 0;
}

static int decode_thresholds(const struct js_at *at, void *out, struct arena *arena,
                             struct err *err)
{
    (void)arena;
    struct policy_rules *rules = out;
    bool seen[METRIC_COUNT] = {false};
    void *cursor = NULL;
    struct js_at member;
    enum metric metric;
    if (js_expect_object(at, err) < 0)
        return -1;
    while (js_next(at, &cursor, &member))
        if (find_metric(&member, seen, &metric, err) < 0 ||
            js_get_number(&member, THRESHOLD_MIN, THRESHOLD_MAX, &rules->threshold[metric], err) <
                0)
            return -1;
    return 0;
}

static void encode_thresholds(struct js_writer *writer, const char *key, const void *in)
{
    const struct policy_rules *rules = in;
    bool any = false;
    for (enum metric i = 0; i < METRIC_COUNT; i++) {
        if (isnan(rules->threshold[i]))
            continue;
        if (!any)
            js_open(writer, key, '{');
        any = true;
        js_put_number(writer, metric_info(i)->name, rules->threshold[i]);
    }
    if (any)
        js_close(writer, '}');
}

/* A duration that has its unit: a bare number would be seconds, in a document whose latencies are
 * ms, and a floor that high would silence the gate. */
static int decode_least(const struct js_at *at, double *out_ms, struct err *err)
{
    const char *text;
    int64_t ns;
    if (js_kind(at) != JS_K_STRING)
        return js_fail(at, err, "expected a duration with its unit, such as \"2ms\", found %s",
                       js_kind_name(js_kind(at)));
    if (js_get_string(at, &text, err) < 0)
        return -1;
    size_t len = strlen(text);
    if (!len || !isalpha((unsigned char)text[len - 1]) ||
        num_parse_duration(text, "duration", &ns, NULL) < 0)
        return js_fail(at, err, "expected a duration with its unit, such as \"2ms\", found '%.40s'",
                       text);
    *out_ms = (double)ns / (double)NS_PER_MS;
    return 0;
}

static bool is_latency(enum metric metric)
{
    return metric_info(metric)->unit == UNIT_MS;
}

/* One duration is for all latencies; an object has one for each metric. */
static int decode_min_change(const struct js_at *at, void *out, struct arena *arena,
                             struct err *err)
{
    (void)arena;
    struct policy_rules *rules = out;
    bool seen[METRIC_COUNT] = {false};
    void *cursor = NULL;
    struct js_at member;
    enum metric metric;
    double least = (double)NAN;
    if (js_kind(at) != JS_K_OBJECT) {
        if (decode_least(at, &least, err) < 0)
            return -1;
        for (enum metric i = 0; i < METRIC_COUNT; i++)
            rules->min_change[i] = is_latency(i) ? least : (double)NAN;
        return 0;
    }
    while (js_next(at, &cursor, &member)) {
        if (find_metric(&member, seen, &metric, err) < 0)
            return -1;
        if (!is_latency(metric))
            return js_fail(&member, err, "expected a metric in ms; this one is none");
        if (decode_least(&member, &rules->min_change[metric], err) < 0)
            return -1;
    }
    return 0;
}

static void put_least(struct js_writer *writer, const char *key, double ms)
{
    struct buf text = {0};
    num_add_ms(&text, llround(ms * (double)NS_PER_MS));
    buf_add_str(&text, "ms");
    js_put_string(writer, key, buf_text(&text));
    buf_release(&text);
}

static void encode_min_change(struct js_writer *writer, const char *key, const void *in)
{
    const struct policy_rules *rules = in;
    double first = rules->min_change[METRIC_AVERAGE];
    bool any = false, all = true;
    for (enum metric i = 0; i < METRIC_COUNT; i++) {
        any |= !isnan(rules->min_change[i]);
        all &= !is_latency(i) || rules->min_change[i] == first;
    }
    if (any && all)
        put_least(writer, key, first);
    if (!any || all)
        return;
    js_open(writer, key, '{');
    for (enum metric i = 0; i < METRIC_COUNT; i++)
        if (!isnan(rules->min_change[i]))
            put_least(writer, metric_info(i)->name, rules->min_change[i]);
    js_close(writer, '}');
}

int policy_decode_bounds(const struct js_at *at, double low, double high,
                         struct policy_limit *limit, struct err *err)
{
    void *cursor = NULL;
    struct js_at member;
    if (js_expect_object(at, err) < 0)
        return -1;
    while (js_next(at, &cursor, &member)) {
        bool target = strcmp(member.key, "target") == 0;
        if (!target && strcmp(member.key, "critical") != 0)
            return js_fail(&member, err, "unknown key; expected target or critical");
        if (js_get_number(&member, low, high, target ? &limit->target : &limit->critical, err) < 0)
            return -1;
    }
    return 0;
}

static int decode_limit(const struct js_at *at, enum metric metric, struct policy_limit *limit,
                        struct err *err)
{
    const struct metric_info *info = metric_info(metric);
    if (info->higher_is_better)
        return js_fail(at, err, "a limit is an upper one; this metric has none");
    if (policy_decode_bounds(at, 0, info->unit == UNIT_RATIO ? 1 : DBL_MAX, limit, err) < 0)
        return -1;
    if (limit->target > limit->critical)
        return js_fail(at, err,
                       "target (%.9g) is larger than critical (%.9g); where one is not given, it "
                       "has the built-in default",
                       limit->target, limit->critical);
    return 0;
}

static int decode_limits(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    (void)arena;
    struct policy_rules *rules = out;
    void *cursor = NULL;
    struct js_at member;
    enum metric metric;
    if (js_expect_object(at, err) < 0)
        return -1;
    while (js_next(at, &cursor, &member))
        if (find_metric(&member, rules->limit_set, &metric, err) < 0 ||
            decode_limit(&member, metric, &rules->limit[metric], err) < 0)
            return -1;
    return 0;
}

/* Those of resources mean something else when the file has them: see limit_set. */
static bool limit_is_written(const struct policy_rules *rules, enum metric metric)
{
    const struct policy_limit *limit = &rules->limit[metric];
    if (isnan(limit->target) && isnan(limit->critical))
        return false;
    return rules->limit_set[metric] || metric_info(metric)->kind != KIND_RESOURCE;
}

void policy_put_bounds(struct js_writer *writer, const char *key, const struct policy_limit *limit)
{
    js_open(writer, key, '{');
    writer->one_line++;
    if (!isnan(limit->target))
        js_put_number(writer, "target", limit->target);
    if (!isnan(limit->critical))
        js_put_number(writer, "critical", limit->critical);
    js_close(writer, '}');
    writer->one_line--;
}

static void encode_limits(struct js_writer *writer, const char *key, const void *in)
{
    const struct policy_rules *rules = in;
    bool any = false;
    for (enum metric i = 0; i < METRIC_COUNT; i++) {
        if (!limit_is_written(rules, i))
            continue;
        if (!any)
            js_open(writer, key, '{');
        any = true;
        policy_put_bounds(writer, metric_info(i)->name, &rules->limit[i]);
    }
    if (any)
        js_close(writer, '}');
}

static void set_unset(void *out)
{
    policy_rules_unset(out);
}

/* The first three are the policy's own as well. */
static const struct js_field rules_fields[] = {
    {.key = "thresholds",
     .type = JS_CUSTOM,
     .decode = decode_thresholds,
     .encode = encode_thresholds},
    {.key = "min_change",
     .type = JS_CUSTOM,
     .decode = decode_min_change,
     .encode = encode_min_change},
    {.key = "limits", .type = JS_CUSTOM, .decode = decode_limits, .encode = encode_limits},
    {JS_FIELD(policy_rules, "required", JS_BOOL, required)},
};
static const struct js_shape rules_shape = {
    .size = sizeof(struct policy_rules), FIELDS(rules_fields), .defaults = set_unset};
static const struct js_shape overall_shape = {
    .size = sizeof(struct policy_rules), .fields = rules_fields, .n_fields = 3};

/* ---- objects whose keys are names ---- */

/* The members of an object, whose keys are patterns or tags, into `*entries`, and their number. */
static int decode_entries(const struct js_at *at, bool are_tags, struct policy_entry **entries,
                          size_t *n, struct arena *arena, struct err *err)
{
    void *cursor = NULL;
    struct js_at member;
    if (js_expect_object(at, err) < 0)
        return -1;
    *entries = arena_array(arena, js_count(at), sizeof **entries);
    while (js_next(at, &cursor, &member)) {
        struct policy_entry *entry = &(*entries)[(*n)++];
        entry->pattern = arena_strdup(arena, member.key);
        entry->is_tag = are_tags;
        if (are_tags && tags_field_check(&member, entry->pattern, err) < 0)
            return -1;
        if (!*entry->pattern)
            return js_fail(&member, err, "expected a pattern such as 'GET /api/*', found ''");
        if (js_decode(&member, &rules_shape, &entry->rules, arena, err) < 0)
            return -1;
    }
    return 0;
}

static int decode_tags(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct policy *policy = out;
    return decode_entries(at, true, &policy->tags, &policy->n_tags, arena, err);
}

static int decode_endpoints(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct policy *policy = out;
    return decode_entries(at, false, &policy->endpoints, &policy->n_endpoints, arena, err);
}

static void encode_entries(struct js_writer *writer, const char *key,
                           const struct policy_entry *entries, size_t n)
{
    if (!n)
        return;
    js_open(writer, key, '{');
    for (size_t i = 0; i < n; i++)
        js_encode(writer, entries[i].pattern, &rules_shape, &entries[i].rules);
    js_close(writer, '}');
}

static void encode_tags(struct js_writer *writer, const char *key, const void *in)
{
    const struct policy *policy = in;
    encode_entries(writer, key, policy->tags, policy->n_tags);
}

static void encode_endpoints(struct js_writer *writer, const char *key, const void *in)
{
    const struct policy *policy = in;
    encode_entries(writer, key, policy->endpoints, policy->n_endpoints);
}

/* ---- alerts ---- */

static const struct js_field alert_fields[] = {
    {JS_FIELD(policy_alert, "condition", JS_STRING, condition), JS_REQUIRED},
    {JS_FIELD(policy_alert, "severity", JS_ENUM, severity), JS_REQUIRED,
     .names = alert_severity_names},
    {JS_FIELD(policy_alert, "message", JS_STRING, message), JS_REQUIRED},
    {JS_FIELD(policy_alert, "action", JS_ENUM, action), JS_OMIT_ZERO, .names = alert_action_names},
};
static const struct js_shape alert_shape = {.size = sizeof(struct policy_alert),
                                            FIELDS(alert_fields)};

static int check_condition(const struct js_at *at, const char *text, struct err *err)
{
    struct arena arena = {0};
    struct condition condition;
    struct err why = {0};
    int status = condition_parse(text, &arena, &condition, &why);
    arena_release(&arena);
    return status == 0 ? 0 : js_fail(at, err, "condition: %s", why.text);
}

/* The file's alerts take the place of the built-in ones. */
static int decode_alerts(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct policy *policy = out;
    void *cursor = NULL;
    struct js_at member;
    if (js_expect_object(at, err) < 0)
        return -1;
    struct policy_alert *alerts = arena_array(arena, js_count(at), sizeof *alerts);
    policy->alerts = alerts;
    policy->n_alerts = js_count(at);
    for (size_t i = 0; js_next(at, &cursor, &member); i++) {
        if (js_decode(&member, &alert_shape, &alerts[i], arena, err) < 0)
            return -1;
        alerts[i].name = arena_strdup(arena, member.key);
        if (check_condition(&member, alerts[i].condition, err) < 0)
            return -1;
    }
    return 0;
}

static void encode_alerts(struct js_writer *writer, const char *key, const void *in)
{
    const struct policy *policy = in;
    js_open(writer, key, '{');
    for (size_t i = 0; i < policy->n_alerts; i++)
        js_encode(writer, policy->alerts[i].name, &alert_shape, &policy->alerts[i]);
    js_close(writer, '}');
}

/* ---- the whole ---- */

static const char *const on_names[] = {[ON_DEFAULT] = "default",
                                       [ON_PASS] = "pass",
                                       [ON_FAIL] = "fail",
                                       [ON_UNDECIDED] = "undecided",
                                       NULL};
#define EVENT(name, event)                                                                         \
    {                                                                                              \
        (name), JS_ENUM, (event) * sizeof(int), JS_OMIT_ZERO, .names = on_names                    \
    }
static const struct js_field on_fields[EVENT_COUNT] = {
    [EVENT_MISSING_BASELINE] = EVENT("missing_baseline", EVENT_MISSING_BASELINE),
    [EVENT_INSUFFICIENT] = EVENT("insufficient", EVENT_INSUFFICIENT),
    [EVENT_NOT_COMPARABLE] = EVENT("not_comparable", EVENT_NOT_COMPARABLE),
    [EVENT_ERRORED] = EVENT("errored", EVENT_ERRORED),
    [EVENT_INVALID_RUN] = EVENT("invalid_run", EVENT_INVALID_RUN),
    [EVENT_SCENARIO_CHANGED] = EVENT("scenario_changed", EVENT_SCENARIO_CHANGED),
};
static const struct js_shape on_shape = {.size = sizeof((struct policy *)0)->on, FIELDS(on_fields)};

const char *policy_event_name(enum policy_event event)
{
    return on_fields[event].key;
}

static void encode_schema(struct js_writer *writer, const char *key, const void *in)
{
    (void)in;
    js_put_string(writer, key, POLICY_SCHEMA);
}

static void set_defaults(void *out)
{
    policy_init_default(out);
}

static const char *const acceptances_names[] = {
    [ACCEPTANCES_BASE] = "base", [ACCEPTANCES_CANDIDATE] = "candidate", NULL};

static const char *const sources_names[] = {[SOURCES_SAME] = "same", [SOURCES_ANY] = "any", NULL};

static const struct js_field policy_fields[] = {
    {.key = "schema", .type = JS_CUSTOM, .decode = document_skip, .encode = encode_schema},
    {JS_FIELD(policy, "alpha", JS_NUMBER, alpha), .low = 1e-9, .high = 0.5},
    {JS_FIELD(policy, "", JS_INLINE, overall), .shape = &overall_shape},
    {.key = "tags", .type = JS_CUSTOM, .decode = decode_tags, .encode = encode_tags},
    {.key = "endpoints", .type = JS_CUSTOM, .decode = decode_endpoints, .encode = encode_endpoints},
    {.key = "metrics",
     .type = JS_CUSTOM,
     .decode = policy_decode_metrics,
     .encode = policy_encode_metrics},
    {JS_FIELD(policy, "on", JS_OBJECT, on), JS_OMIT_ZERO, .shape = &on_shape},
    {JS_FIELD(policy, "acceptances", JS_ENUM, acceptances), JS_OMIT_ZERO,
     .names = acceptances_names},
    {JS_FIELD(policy, "sources", JS_ENUM, sources), JS_OMIT_ZERO, .names = sources_names},
    {.key = "alerts", .type = JS_CUSTOM, .decode = decode_alerts, .encode = encode_alerts},
};
const struct js_shape policy_shape = {
    .size = sizeof(struct policy), FIELDS(policy_fields), .defaults = set_defaults};
