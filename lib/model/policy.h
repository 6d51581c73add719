/*
 * The policy (`baselines/policy.json`, schema perfgate.policy/1): what counts as a regression.
 *
 * A decoded policy is complete: what the file leaves out has the built-in default. The entries of
 * tags match endpoints that have the tag, those of endpoints by glob on "METHOD name"
 * (fnmatch-like: `*` any run of characters, `?` one). They are taken in the order of the file,
 * those of tags first, and the last one that names a figure wins.
 * Described in perfgate-policy(5). A policy owns its arena.
 */
#ifndef PERFGATE_MODEL_POLICY_H
#define PERFGATE_MODEL_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/alert.h"
#include "model/metric.h"
#include "model/tags.h"

#define POLICY_SCHEMA  "perfgate.policy/1"
#define POLICY_LIMIT   ((size_t)1 << 20)
#define POLICY_METRICS 100

struct policy_limit {
    double target, critical; /* in the document's unit (ms, ratio); NAN = none */
};

/* What is asked of one scope. Unset figures are NAN. */
struct policy_rules {
    double threshold[METRIC_COUNT]; /* ratio candidate / baseline, > 0; NAN = not judged */
    /* ms, of latencies: what is not this much worse as well is no breach; NAN = not set (0) */
    double min_change[METRIC_COUNT];
    struct policy_limit limit[METRIC_COUNT];
    bool limit_set[METRIC_COUNT]; /* set by the file, not by default */
    bool required;                /* an endpoint that must be decided */
};

/* What is asked of some endpoints. */
struct policy_entry {
    const char *pattern;       /* or the tag */
    struct policy_rules rules; /* only what the entry sets */
    bool is_tag;
};

/* What is asked of a figure of the target or the application, which reports have by the monitor
 * (report_named(), model/report_resources.h). */
struct policy_metric {
    const char *name;
    int better;                /* enum policy_better */
    double threshold;          /* as in struct policy_rules */
    struct policy_limit limit; /* upper ones, or where more is better, lower ones */
    bool optional;             /* a run that cannot decide it may pass */
};

enum policy_better { BETTER_LOWER, BETTER_HIGHER };

enum policy_on { ON_DEFAULT, ON_PASS, ON_FAIL, ON_UNDECIDED };
enum policy_event {
    EVENT_MISSING_BASELINE,
    EVENT_INSUFFICIENT,
    EVENT_NOT_COMPARABLE,
    EVENT_ERRORED,
    EVENT_INVALID_RUN,
    EVENT_SCENARIO_CHANGED,
    EVENT_COUNT
};

/* Whether figures of different load testing tools are compared. */
enum policy_sources { SOURCES_SAME, SOURCES_ANY };

/* From where acceptances count (perfgate-baselines(5)): the base revision alone, or the change
 * under test as well. */
enum policy_acceptances { ACCEPTANCES_BASE, ACCEPTANCES_CANDIDATE };

struct policy_alert {
    const char *name, *condition, *message; /* the condition has been parsed once, and is one */
    int severity;                           /* enum alert_severity */
    int action;                             /* enum alert_action */
};

struct policy {
    struct arena arena;
    double alpha; /* family-wise level of a verdict, (0, 0.5) */
    struct policy_rules overall;
    size_t n_tags, n_endpoints;
    struct policy_entry *tags, *endpoints;
    int on[EVENT_COUNT]; /* enum policy_on */
    int acceptances;     /* enum policy_acceptances; only the base revision's policy is asked */
    int sources;         /* enum policy_sources */
    size_t n_metrics;
    struct policy_metric *metrics;
    size_t n_alerts;
    const struct policy_alert *alerts;
};

/* The built-in policy: average 1.1, error rate 2, p95 1.2, limits of DESIGN, alpha 0.001, three
 * alerts. */
void policy_init_default(struct policy *policy);

int policy_decode(const char *bytes, size_t len, const char *source, struct policy *policy,
                  struct err *err) __attribute__((warn_unused_result));
int policy_read(const char *path, struct policy *policy, struct err *err)
    __attribute__((warn_unused_result));
void policy_encode(const struct policy *policy, struct buf *out);
void policy_release(struct policy *policy);

/* The entries in the order in which they apply, from 0; NULL after the last one. */
const struct policy_entry *policy_entry(const struct policy *policy, size_t i);

/* True where the entry is for an endpoint with these tags. */
bool policy_entry_matches(const struct policy_entry *entry, const char *method, const char *name,
                          const struct tags *tags);

/* METRIC_NAMED or METRIC_NAMED_HIGHER. */
enum metric policy_metric_kind(const struct policy_metric *metric);

/* What is asked of a named metric; NULL = nothing. */
const struct policy_metric *policy_find_metric(const struct policy *policy, const char *name);

/* The rules for an endpoint: the overall thresholds and least changes (not the limits), then each
 * entry that matches in turn. */
void policy_rules_for(const struct policy *policy, const char *method, const char *name,
                      const struct tags *tags, struct policy_rules *out);

/* Sets a threshold from "METRIC=RATIO", as the option --threshold has it. */
int policy_set_threshold(struct policy *policy, const char *assignment, struct err *err)
    __attribute__((warn_unused_result));

/* A policy that names a built-in alert, with its condition, wants no more than the built-in policy.
 */
bool policy_alert_is_default(const struct policy_alert *alert);

const char *policy_event_name(enum policy_event event);

#endif
