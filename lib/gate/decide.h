/*
 * Decide: numbers and a policy in, rows out. A pure function.
 *
 * Each scope and metric that the policy asks of becomes a draft: first whether its figures can be
 * judged at all, then (all tested rows together, because chance has more to choose from among many)
 * what they say, then the limits. Sentences are made by gate/explain.h, the exit code by
 * gate/outcome.h.
 */
#ifndef PERFGATE_GATE_DECIDE_H
#define PERFGATE_GATE_DECIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "gate/compare.h"
#include "model/policy.h"
#include "model/verdict.h"

/* Fewer batches than this make no standard error to rely on. */
#define DECIDE_MIN_BATCHES 20
/* Failures on both sides together, for an error rate to be tested. */
#define DECIDE_MIN_FAILURES 10
/* Family-wise level of the bound over stored runs: with five or ten of them nothing stricter could
 * ever be passed, and a breach must be beyond their worst as well. The policy's alpha counts where
 * it is larger. */
#define DECIDE_STORED_ALPHA 0.05
/* … of the rows against the anchor's run, which is one and has no worst. */
#define DECIDE_ANCHOR_ALPHA 0.01
/* Of a change that the detectable change is made for. */
#define DECIDE_POWER 0.9

/* Why a draft has its status; the sentences are in explain.c, in this order. */
enum cause {
    CAUSE_LIMIT_ONLY,      /* no threshold asked */
    CAUSE_NO_BASE,         /* the comparison has no base: numbers->base_reason */
    CAUSE_NEW,             /* only the candidate has this endpoint, or this figure */
    CAUSE_GONE,            /* only the base has this endpoint */
    CAUSE_NO_FIGURE,       /* the candidate's report lacks the figure */
    CAUSE_UNKNOWN_PATTERN, /* required by the policy, and in neither report */
    CAUSE_OUTDATED,        /* no stored run since the acceptance: its value alone decides */
    CAUSE_TOO_FEW,         /* requests */
    CAUSE_FEW_FAILURES,    /* to test a rate that is below its target */
    CAUSE_FEW_HIGH,        /* … above its target */
    CAUSE_FEW_BATCHES,     /* pairs */
    CAUSE_NO_NOISE,        /* of a paired run's figure that has no known error */
    CAUSE_PLAIN,           /* the threshold alone decided */
    CAUSE_TESTED,          /* threshold and evidence decided */
    CAUSE_NOISE,           /* over the threshold, but it may be noise */
    CAUSE_BLIND,           /* the base fails so often that nothing could be a breach */
    CAUSE_ANCHOR,          /* the anchor's run is no base: numbers->anchor_reason */
    CAUSE_ZERO,            /* the base is 0, and no limit decides in its place */
    CAUSE_SHARED,          /* what was measured is of both sides together */
    CAUSE_COARSE,          /* not over the threshold, but a large change could have gone unseen */
    CAUSE_COUNT
};

/* What an acceptance makes of a draft that would be a breach; gate/accept.h. */
enum effect {
    EFFECT_NONE,
    EFFECT_ACCEPTED,
    EFFECT_BEYOND,  /* the figure is worse than what was accepted */
    EFFECT_CRITICAL /* it is not, but it is over its critical limit */
};

/* What a change over the threshold does not meet, so that it is none; gate/least.h. */
enum least { LEAST_NONE, LEAST_MIN_CHANGE, LEAST_RESOLUTION };

struct draft {
    bool used;
    bool anchored; /* against the anchor's run; gate/drift.h */
    const struct scope *scope;
    const char *name;                 /* of a named metric; else NULL */
    const struct policy_entry *entry; /* of CAUSE_UNKNOWN_PATTERN, else NULL */
    enum metric metric;
    const struct estimate *estimate;
    double threshold;
    double min_change;      /* ms; 0 = none */
    double rounding[SIDES]; /* ms that a latency may be off: half its resolution; 0 = none */
    struct policy_limit limit;
    bool limit_warns; /* beyond the critical limit is a warning only */
    bool of_machine;  /* a resource of the whole machine, not of the target */
    double target;    /* of an error rate that has no base to be compared with */
    size_t minimum;   /* requests per side asked for */
    bool required, judged, tested;
    double p, p_better; /* adjusted; NAN = not tested */
    double detectable;  /* ratio - 1; NAN = not known */
    bool breach;        /* over the threshold, and all that is asked besides */
    enum least least;   /* over the threshold, and no breach because of this */
    bool spared;        /* it would have failed */
    bool over_critical, base_over_critical, over_target;
    bool lenient; /* insufficient, yet passes unless the policy says otherwise */
    enum row_status status;
    enum cause cause;
    enum effect effect; /* of estimate->acceptance */
    bool ended;         /* estimate->ended would have accepted it */
    /* Where the candidate brings a policy of its own and the two disagree on the row: */
    bool differs;
    bool from_candidate_policy;   /* which of the two this is */
    enum row_status other_status; /* what the other says; ROW_STATUS_COUNT: it does not ask */
};

/* The drafts of one verdict. */
struct drafts {
    struct draft *all;   /* one place per scope (the anchor's last) and metric, then the named
                            metrics, then the unknown patterns and tags; not all used */
    size_t n, n_figures; /* n_figures of them are not patterns or tags */
};

/* Marks the metrics that `policy` sets a threshold on, for any scope. */
void decide_wants(const struct policy *policy, bool wanted[METRIC_COUNT]);

/* The threshold rule on figures: base > 0 and current > base * threshold, in these doubles; for
 * metrics of which more is better current * threshold < base. */
bool decide_breach(enum metric metric, double base, double current, double threshold);

/* What the draft's metric is called for people. */
const char *draft_title(const struct draft *draft);

/* Whether there is a base to compare with, as the policy sees it; never BASE_OTHER_SOURCE. */
enum base_state decide_base(const struct numbers *numbers, const struct policy *policy);

/* True where the policy's entry is for an endpoint of either side. */
bool decide_matches(const struct policy_entry *entry, const struct numbers *numbers);

/* The policy's alpha, or what looks at a paired run leave of it. */
double decide_alpha(const struct numbers *numbers, const struct policy *policy);

/* Judges all that `policy` asks, into memory of `arena`. */
void decide_rows(const struct numbers *numbers, const struct policy *policy, struct arena *arena,
                 struct drafts *out);

/* Of two judgements of the same numbers, the base policy's in `drafts` and the candidate's: leaves
 * the worse one of each row, and marks where they differ. */
void decide_worse(struct drafts *drafts, const struct drafts *candidate, struct arena *arena);

#endif
