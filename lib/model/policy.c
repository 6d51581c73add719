#include "model/policy.h"

#include <math.h>
#include <string.h>

#include "base/fs.h"
#include "base/num.h"
#include "model/document.h"
#include "model/policy_shape.h"

/* The built-in policy. */
static const struct {
    enum metric metric;
    double threshold;
} default_thresholds[] = {
    {METRIC_AVERAGE, 1.1},
    {METRIC_ERROR_RATE, 2.0},
    {METRIC_P95, 1.2},
};
static const struct {
    enum metric metric;
    struct policy_limit limit;
} default_limits[] = {
    {METRIC_AVERAGE, {500, 2000}},      {METRIC_P95, {1000, 5000}},
    {METRIC_ERROR_RATE, {0.01, 0.05}},  {METRIC_CPU_USAGE, {0.7, 0.9}},
    {METRIC_MEMORY_USAGE, {0.8, 0.95}},
};
static const struct policy_alert default_alerts[] = {
    {.name = "high_response_time",
     .condition = "avg_response_time > 1000",
     .severity = ALERT_WARNING,
     .message = "Average response time above 1 second"},
    {.name = "high_error_rate",
     .condition = "error_rate > 0.05",
     .severity = ALERT_ERROR,
     .message = "Error rate above 5%"},
    {.name = "high_cpu_usage",
     .condition = "cpu_usage > 0.9",
     .severity = ALERT_CRITICAL,
     .message = "CPU usage above 90%"},
};
#define COUNT_OF(table) (sizeof(table) / sizeof(table)[0])

void policy_init_default(struct policy *policy)
{
    *policy = (struct policy){.alpha = 0.001};
    policy_rules_unset(&policy->overall);
    for (size_t i = 0; i < COUNT_OF(default_thresholds); i++)
        policy->overall.threshold[default_thresholds[i].metric] = default_thresholds[i].threshold;
    for (size_t i = 0; i < COUNT_OF(default_limits); i++)
        policy->overall.limit[default_limits[i].metric] = default_limits[i].limit;
    policy->alerts = default_alerts;
    policy->n_alerts = COUNT_OF(default_alerts);
}

int policy_decode(const char *bytes, size_t len, const char *source, struct policy *policy,
                  struct err *err)
{
    *policy = (struct policy){0};
    struct js_doc *doc;
    if (document_parse(bytes, len, source, &doc, err) < 0)
        return -1;
    struct arena arena = {0}; /* decoding resets the policy first */
    struct js_at root = js_root(doc);
    int status = document_check_schema(&root, POLICY_SCHEMA, err);
    if (status == 0)
        status = js_decode(&root, &policy_shape, policy, &arena, err);
    policy->arena = arena;
    if (status < 0)
        policy_release(policy);
    js_free(doc);
    return status;
}

int policy_read(const char *path, struct policy *policy, struct err *err)
{
    struct buf bytes = {0};
    *policy = (struct policy){0};
    int status = fs_read(path, POLICY_LIMIT, &bytes, err);
    if (status == 0)
        status = policy_decode(buf_text(&bytes), bytes.len, path, policy, err);
    buf_release(&bytes);
    return status;
}

void policy_encode(const struct policy *policy, struct buf *out)
{
    struct js_writer writer = {.out = out};
    js_encode(&writer, NULL, &policy_shape, policy);
}

void policy_release(struct policy *policy)
{
    struct arena arena = policy->arena;
    *policy = (struct policy){0};
    arena_release(&arena);
}

/* ---- use ---- */

/* True where `pattern` (`*` any run of characters, `?` any one) covers all of `text`. On a mismatch
 * the last `*` takes one character more, so it takes length × length steps at worst. */
static bool glob_matches(const char *pattern, const char *text)
{
    const char *star = NULL, *resume = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (*pattern && (*pattern == '?' || *pattern == *text)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

static void override(double *figure, double by)
{
    if (!isnan(by))
        *figure = by;
}

static void apply(struct policy_rules *rules, const struct policy_rules *entry)
{
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        override(&rules->threshold[i], entry->threshold[i]);
        override(&rules->min_change[i], entry->min_change[i]);
        override(&rules->limit[i].target, entry->limit[i].target);
        override(&rules->limit[i].critical, entry->limit[i].critical);
        rules->limit_set[i] |= entry->limit_set[i];
    }
    rules->required |= entry->required;
}

const struct policy_entry *policy_entry(const struct policy *policy, size_t i)
{
    if (i < policy->n_tags)
        return &policy->tags[i];
    i -= policy->n_tags;
    return i < policy->n_endpoints ? &policy->endpoints[i] : NULL;
}

bool policy_entry_matches(const struct policy_entry *entry, const char *method, const char *name,
                          const struct tags *tags)
{
    struct buf scope = {0};
    if (entry->is_tag)
        return tags_have(tags, entry->pattern);
    buf_addf(&scope, "%s %s", method, name);
    bool matches = glob_matches(entry->pattern, buf_text(&scope));
    buf_release(&scope);
    return matches;
}

void policy_rules_for(const struct policy *policy, const char *method, const char *name,
                      const struct tags *tags, struct policy_rules *out)
{
    const struct policy_entry *entry;
    policy_rules_unset(out);
    memcpy(out->threshold, policy->overall.threshold, sizeof out->threshold);
    memcpy(out->min_change, policy->overall.min_change, sizeof out->min_change);
    for (size_t i = 0; (entry = policy_entry(policy, i)); i++)
        if (policy_entry_matches(entry, method, name, tags))
            apply(out, &entry->rules);
}

bool policy_alert_is_default(const struct policy_alert *alert)
{
    for (size_t i = 0; i < COUNT_OF(default_alerts); i++)
        if (strcmp(alert->name, default_alerts[i].name) == 0 &&
            strcmp(alert->condition, default_alerts[i].condition) == 0)
            return true;
    return false;
}

int policy_set_threshold(struct policy *policy, const char *assignment, struct err *err)
{
    char name[64] = "";
    size_t length = strcspn(assignment, "=");
    if (assignment[length] != '=')
        return err_set(err, ERR_USAGE,
                       "threshold '%s': expected METRIC=RATIO, as in avg_response_time=1.1",
                       assignment);
    memcpy(name, assignment, length < sizeof name ? length : sizeof name - 1);
    enum metric metric = metric_find(name);
    if (metric == METRIC_COUNT) {
        struct buf known = {0};
        metric_add_names(&known);
        err_set(err, ERR_USAGE, "threshold '%s': unknown metric '%s'; expected one of %s",
                assignment, name, buf_text(&known));
        buf_release(&known);
        return -1;
    }
    double ratio;
    struct err parse = {0};
    if (num_parse_double(assignment + length + 1, "ratio", THRESHOLD_MIN, THRESHOLD_MAX, &ratio,
                         &parse) < 0)
        return err_set(err, ERR_USAGE, "threshold '%s': %s", assignment, parse.text);
    policy->overall.threshold[metric] = ratio;
    return 0;
}
