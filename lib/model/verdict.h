/*
 * The verdict (`perf_verdict.json`, schema perfgate.verdict/1): one row per scope and metric, and
 * what they add up to.
 *
 * Filled by gate/, laid out by render/, which reads every number from here and computes none.
 * Described in perfgate-verdict(5). A verdict owns its arena.
 */
#ifndef PERFGATE_MODEL_VERDICT_H
#define PERFGATE_MODEL_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/alert.h"
#include "model/fingerprint.h"
#include "model/metric.h"

#define VERDICT_SCHEMA "perfgate.verdict/1"
#define VERDICT_LIMIT  ((size_t)64 << 20)

/* Worst first: a smaller number is worse. Names in verdict.c. */
enum row_status {
    ROW_REGRESSED,
    ROW_OVER_LIMIT,
    ROW_ERRORED,
    ROW_NOT_COMPARABLE,
    ROW_MISSING_BASELINE,
    ROW_INSUFFICIENT,
    ROW_ACCEPTED,
    ROW_STABLE,
    ROW_IMPROVED,
    ROW_STATUS_COUNT
};

/* What the whole verdict says. */
enum overall_status { OVERALL_PASS, OVERALL_FAIL, OVERALL_UNDECIDED };

/* How the figures of the base side were had. */
enum comparison { COMPARISON_PAIRED, COMPARISON_STORED, COMPARISON_FILE, COMPARISON_NONE };

/* What somebody accepted of a row that would be a breach; model/acceptance.h. */
struct verdict_acceptance {
    const char *by, *reason;
    double value;              /* up to this; in the metric's unit */
    const char *until, *place; /* its last day, where it lies; NULL = none, not known */
};

/* What the candidate of a row stands against: the base, or the run that slow drift is judged
 * against (model/anchor.h). */
enum verdict_against { AGAINST_BASE, AGAINST_ANCHOR };

struct verdict_anchor {
    const char *run;   /* its file's name */
    const char *label; /* what it stands for: "v1.4"; NULL = nothing */
};

struct verdict_row {
    const char *endpoint;          /* NULL = overall */
    const char *method;            /* NULL = overall */
    const char *name;              /* of a named metric; else NULL */
    int metric;                    /* enum metric, by name in the document */
    int against;                   /* enum verdict_against */
    struct verdict_anchor *anchor; /* of AGAINST_ANCHOR; else NULL */
    double base, candidate;
    double change;     /* percent, (candidate / base - 1) * 100; NAN where base is 0 or absent */
    double threshold;  /* ratio; NAN = none */
    double min_change; /* ms that a breach is more than, besides; NAN = none */
    double limit;      /* the critical limit; NAN = none */
    double interval_low, interval_high;  /* 99 %, of candidate / base; NAN = not estimated */
    double p;                            /* Holm-adjusted, one-sided; NAN = not tested */
    double detectable;                   /* smallest change (ratio - 1) found with power 0.9 */
    int64_t base_count, candidate_count; /* requests behind the figures */
    int status;                          /* enum row_status */
    bool required;
    bool judged;        /* false: shown, decides nothing */
    int text_digits;    /* extra digits that display needs so that rounding hides no breach */
    const char *reason; /* a sentence: why this status */
    struct verdict_acceptance *acceptance; /* that counts for the row; NULL = none */
    size_t n_warnings;
    const char **warnings;
};

/* `regressions[]`: each failing row in the simplest form. */
struct verdict_regression {
    const char *endpoint, *method; /* NULL = overall */
    const char *metric;
    double current, baseline, degradation; /* percent */
    int against;                           /* enum verdict_against */
};

/* An alert of the policy; model/alert.h. */
struct verdict_alert {
    const char *name, *condition, *message;
    int severity;       /* enum alert_severity */
    int state;          /* enum alert_state */
    const char *reason; /* the figures by which it fired, or why it is not known; NULL of neither */
};

struct verdict {
    struct arena arena;
    int status; /* enum overall_status */
    int64_t exit_code;
    const char *summary;         /* the verdict in one sentence */
    int comparison;              /* enum comparison */
    const char *baseline_choice; /* which baseline, and why */
    const char *policy_choice;   /* which policy, and why */
    const char *measured;        /* how another tool measured the candidate; NULL = perf-run did */
    const char *suite;
    double alpha;
    int64_t starts, pairs, batches; /* of a paired run; 0 otherwise */
    int64_t users, duration_ns;     /* of the candidate; duration over all starts */
    struct fingerprint environment;
    size_t n_rows;
    struct verdict_row *rows; /* worst first; within a status overall first, then by name */
    size_t n_regressions;
    struct verdict_regression *regressions;
    size_t n_warnings;
    const char **warnings; /* about the verdict as a whole */
    size_t n_alerts;
    struct verdict_alert *alerts; /* all that were asked, in the policy's order */
};

int verdict_decode(const char *bytes, size_t len, const char *source, struct verdict *verdict,
                   struct err *err) __attribute__((warn_unused_result));
int verdict_read(const char *path, struct verdict *verdict, struct err *err)
    __attribute__((warn_unused_result));
void verdict_encode(const struct verdict *verdict, struct buf *out);
void verdict_release(struct verdict *verdict);

/* What the row's metric is called: in documents, and for people. */
const char *verdict_row_key(const struct verdict_row *row);
const char *verdict_row_title(const struct verdict_row *row);

/* Adds what figures are of, as plain text: "GET /forum", "overall" where `endpoint` is NULL. */
void verdict_add_endpoint(struct buf *out, const char *method, const char *endpoint);

/* Adds what a row is about, as plain text: "GET /forum", "overall", "overall, since v1.4"; a long
 * label is cut. */
void verdict_add_scope(struct buf *out, const struct verdict_row *row);

const char *row_status_name(enum row_status status);
const char *overall_status_name(enum overall_status status);
const char *comparison_name(enum comparison comparison);

#endif
