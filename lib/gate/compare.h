/*
 * Compare: reports in, numbers out. What the policy asks is not known here; that comes in decide.
 *
 * For each scope (the whole run, each endpoint) and metric: the two figures as the documents have
 * them, and as far as there is evidence, how much of their ratio may be noise. The estimates come
 * from gate/paired.h (a paired run's own evidence) or gate/stored.h (the spread of stored runs).
 */
#ifndef PERFGATE_GATE_COMPARE_H
#define PERFGATE_GATE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "gate/gate.h"
#include "model/fingerprint.h"
#include "model/metric.h"
#include "model/report.h"
#include "model/tags.h"

enum side { SIDE_BASE, SIDE_CANDIDATE, SIDES };

/* What the batches (of a mean in batches of few requests: the pairs) say in the middle, where one
 * in which all stood still has no weight. */
struct typical {
    double log_worse; /* log(candidate / base) of a typical batch, more is worse; NAN = not known */
    double error, df; /* standard error, starts included */
    double p;         /* that it is this much over 0 by chance alone */
};

/* One metric of one scope. */
struct estimate {
    double figure[SIDES]; /* NAN = not known */
    bool noise_known;     /* whether the rest is filled */
    double error;         /* standard error of log(candidate / base), starts included; NAN = none */
    double within;        /* … within starts, which a longer run lessens; of a paired run */
    double df;            /* its degrees of freedom */
    double p, p_better;   /* that the candidate looks this much worse, or better, by chance alone */
    struct typical typical; /* of a mean or a quantile */
    /* Of stored runs: the worst of their figures, and what it leaves room for, which a breach must
     * be beyond as well; 0 = not known. */
    double worst, reach;
    int64_t requests[SIDES], failures[SIDES]; /* behind the figures */
    const char *plain; /* why the threshold alone decides this one; NULL: as numbers->plain says */
    /* The acceptance that counts, and the latest of those whose last day is over; NULL = none. */
    const struct acceptance *acceptance, *ended;
    bool outdated; /* no stored run since the acceptance has the figure; the base's is of before */
};

struct scope {
    const char *name, *method; /* NULL: the whole run */
    bool there[SIDES];
    struct tags tags; /* of both sides, and of the base revision's scenario */
    struct estimate metrics[METRIC_COUNT];
};

/* A metric of the target or the application that a policy names (gate/named.h). */
struct named_metric {
    const char *name;
    bool shared;                 /* of both sides of a paired run together */
    struct estimate estimate[2]; /* by enum policy_better */
};

/* Of BASE_OTHER_SOURCE the policy says whether it can be compared: decide_base(). */
enum base_state { BASE_THERE, BASE_MISSING, BASE_NOT_COMPARABLE, BASE_OTHER_SOURCE };

/* The part of alpha that a verdict may use after looks at its run (gate/look.h), as shares of the
 * run's whole time; zero: all of it. */
struct look_window {
    double from; /* until there it was for earlier looks */
    double rest; /* so much of the end is left for later ones */
};

struct numbers {
    struct arena arena; /* owns everything here */
    enum comparison comparison;
    enum base_state base_state;
    const char *base_reason; /* a sentence where the base is not there */
    const char *plain;       /* why plain thresholds decide; NULL where noise was estimated */
    size_t n_scopes;
    struct scope *scopes; /* the whole run first */
    size_t n_named;
    struct named_metric *named;
    size_t n_invalid; /* sentences: why which run cannot be trusted */
    const char **invalid;
    size_t n_notes; /* sentences: what else the reader should know */
    const char **notes;
    int64_t starts, pairs, batches; /* of a paired run; 0 otherwise */
    struct look_window look;        /* of a paired run that was looked at */
    const char *suite;
    int64_t users, duration_ns;
    const char
        *measured; /* how the candidate's figures were (report_add_source()); NULL = by perf-run */
    bool of_machine; /* the candidate's cpu_usage and memory_usage are its whole machine's */
    int64_t resolution_ns[SIDES]; /* the coarsest that a latency of the side was rounded to */
    struct fingerprint environment;
    /* The whole run with the anchor's run as its base; NULL = none. Filled by gate/drift.c. */
    struct scope *anchor;
    const char *anchor_reason; /* a sentence where the two cannot be compared */
    const char *anchor_run, *anchor_label;
    int64_t anchor_resolution_ns;
    const struct acceptance *const *acceptances; /* the input's */
    size_t n_acceptances;
    int64_t now_ns;
};

/* Compares in->candidates with in->bases. Noise is estimated for `wanted` metrics only. Releases
 * `out` on failure; else the caller does. */
int compare_reports(const struct gate_input *in, const bool wanted[METRIC_COUNT],
                    struct numbers *out, struct err *err) __attribute__((warn_unused_result));
void numbers_release(struct numbers *numbers);

/* The scope of an endpoint, NULL, NULL being the whole run; NULL where there is none. */
struct scope *numbers_find(const struct numbers *numbers, const char *name, const char *method);

/* For the estimators: the endpoint in a report, or NULL. */
const struct report_endpoint *compare_find(const struct report *report, const char *name,
                                           const char *method);

/* The same, added with its acceptances where it is new. */
struct scope *numbers_scope(struct numbers *numbers, const char *name, const char *method);

/* The side's latencies are no finer than the report's. */
void numbers_coarsen(struct numbers *numbers, enum side side, const struct report *report);

/* All figures not known. */
void numbers_blank(struct scope *scope);
struct estimate estimate_blank(void);

/* How many runs the reports are of: shards of one run count once. */
size_t compare_count_runs(const struct report *const *reports, size_t n);

/* Adds a sentence to numbers->notes. */
void numbers_note(struct numbers *numbers, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* True where both reports are of one run, shards included. */
bool compare_same_run(const struct report *a, const struct report *b);

/* log(candidate / base), turned so that more is worse; NAN unless both figures are positive. */
double compare_log_worse(enum metric metric, const struct estimate *estimate);

#endif
