/* The policy's named metrics: "metrics". */
#include <float.h>
#include <math.h>
#include <string.h>

#include "model/policy_shape.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

static int decode_metric_limit(const struct js_at *at, void *out, struct arena *arena,
                               struct err *err)
{
    (void)arena;
    return policy_decode_bounds(at, -DBL_MAX, DBL_MAX, out, err);
}

static void encode_metric_limit(struct js_writer *writer, const char *key, const void *in)
{
    const struct policy_limit *limit = in;
    if (!isnan(limit->target) || !isnan(limit->critical))
        policy_put_bounds(writer, key, limit);
}

static void set_metric(void *out)
{
    *(struct policy_metric *)out =
        (struct policy_metric){.threshold = (double)NAN, .limit = {(double)NAN, (double)NAN}};
}

static const char *const better_names[] = {
    [BETTER_LOWER] = "lower", [BETTER_HIGHER] = "higher", NULL};

static const struct js_field metric_fields[] = {
    {JS_FIELD(policy_metric, "better", JS_ENUM, better), JS_REQUIRED, .names = better_names},
    {JS_FIELD(policy_metric, "threshold", JS_NUMBER, threshold), .low = THRESHOLD_MIN,
     .high = THRESHOLD_MAX},
    {JS_FIELD(policy_metric, "limit", JS_CUSTOM, limit), .decode = decode_metric_limit,
     .encode = encode_metric_limit},
    {JS_FIELD(policy_metric, "optional", JS_BOOL, optional)},
};
static const struct js_shape metric_shape = {
    .size = sizeof(struct policy_metric), FIELDS(metric_fields), .defaults = set_metric};

static int check_metric(const struct js_at *at, const struct policy_metric *metric, struct err *err)
{
    const struct policy_limit *limit = &metric->limit;
    bool higher = metric->better == BETTER_HIGHER;
    if (!*metric->name)
        return js_fail(at, err, "expected the name of a metric, such as 'cache_hit_ratio'");
    if (metric_find(metric->name) != METRIC_COUNT)
        return js_fail(at, err,
                       "this metric is known; its rules belong under thresholds and "
                       "limits");
    if (isnan(metric->threshold) && isnan(limit->target) && isnan(limit->critical))
        return js_fail(at, err,
                       "expected a threshold or a limit; without either it asks for "
                       "nothing");
    if (higher && metric->threshold < 1)
        return js_fail(at, err,
                       "threshold: expected 1 or more, found %.9g; more is better here, so "
                       "1.25 lets it fall to 1 / 1.25 of the base's",
                       metric->threshold);
    if (higher ? limit->target < limit->critical : limit->target > limit->critical)
        return js_fail(at, err, "target (%.9g) is %s than critical (%.9g)", limit->target,
                       higher ? "smaller" : "larger", limit->critical);
    return 0;
}

int policy_decode_metrics(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct policy *policy = out;
    void *cursor = NULL;
    struct js_at member;
    if (js_expect_object(at, err) < 0)
        return -1;
    if (js_count(at) > POLICY_METRICS)
        return js_fail(at, err, "expected up to %d metrics, found %zu", POLICY_METRICS,
                       js_count(at));
    policy->metrics = arena_array(arena, js_count(at), sizeof *policy->metrics);
    while (js_next(at, &cursor, &member)) {
        struct policy_metric *metric = &policy->metrics[policy->n_metrics++];
        if (js_decode(&member, &metric_shape, metric, arena, err) < 0)
            return -1;
        metric->name = arena_strdup(arena, member.key);
        if (check_metric(&member, metric, err) < 0)
            return -1;
    }
    return 0;
}

void policy_encode_metrics(struct js_writer *writer, const char *key, const void *in)
{
    const struct policy *policy = in;
    if (!policy->n_metrics)
        return;
    js_open(writer, key, '{');
    for (size_t i = 0; i < policy->n_metrics; i++)
        js_encode(writer, policy->metrics[i].name, &metric_shape, &policy->metrics[i]);
    js_close(writer, '}');
}

/* ---- use ---- */

enum metric policy_metric_kind(const struct policy_metric *metric)
{
    return metric->better == BETTER_HIGHER ? METRIC_NAMED_HIGHER : METRIC_NAMED;
}

const struct policy_metric *policy_find_metric(const struct policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->n_metrics; i++)
        if (strcmp(policy->metrics[i].name, name) == 0)
            return &policy->metrics[i];
    return NULL;
}
