/*
 * The gate: reports and a policy in, a verdict out.
 *
 * Two steps, apart so that each can be tested and trusted alone: compare (gate/compare.h) turns
 * reports into numbers, and never sees the policy; decide (gate/decide.h) turns numbers and a
 * policy into rows and an exit code, and never sees a report. The same inputs always give the same
 * verdict: the seeds of what is random are fixed. Nothing is read, printed or kept.
 * The rule is described in lib/README.md.
 */
#ifndef PERFGATE_GATE_GATE_H
#define PERFGATE_GATE_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/acceptance.h"
#include "model/policy.h"
#include "model/report.h"
#include "model/tags.h"
#include "model/verdict.h"

/* The run against which slow drift is judged (model/anchor.h). */
struct gate_anchor {
    const struct report *run;
    const char *name;  /* its file */
    const char *label; /* what it stands for: "v1.4"; NULL = nothing */
    /* Of COMPARISON_PAIRED: stored runs, which tell how much runs differ; as `bases` below. */
    const struct report *const *runs;
    size_t n_runs;
};

/* What is judged against what. All is borrowed; the verdict keeps copies. */
struct gate_input {
    /* The candidate's reports: one; or the starts of a paired run; or repeats and shards (the same
     * run id) of a run that is compared with stored runs, a file or nothing. */
    const struct report *const *candidates;
    size_t n_candidates;
    /* The base side. COMPARISON_PAIRED: bases[i] is the other side of candidates[i].
     * COMPARISON_STORED: the baseline runs that count, of the candidate's suite and environment,
     * in the order of time, either way; those of another workload or another kind of machine are
     * left out here.
     * COMPARISON_FILE: one report, or several that are merged. COMPARISON_NONE: none. */
    const struct report *const *bases;
    size_t n_bases;
    /* The reports' files, for messages; either may be NULL. */
    const char *const *candidate_names, *const *base_names;
    enum comparison comparison;
    const struct policy *policy;
    /* The policy that the change under test brings; NULL where it is the same. Rows are judged
     * under both and the worse status stands. */
    const struct policy *candidate_policy;
    const char *baseline_choice, *policy_choice; /* sentences for the verdict; may be NULL */
    /* A sentence where the scenario differs from the base revision's (and which endpoints went),
     * else NULL. Always a warning; on.scenario_changed makes it more. */
    const char *scenario_change;
    /* The tags of endpoints in the base revision's scenario; they count as those of the reports do.
     */
    const struct tagged *tagged;
    size_t n_tagged;
    /* The acceptances that count, of the candidate's suite and environment; those whose last day is
     * over at `now_ns` (wall clock) are told from the others here. */
    const struct acceptance *const *acceptances;
    size_t n_acceptances;
    int64_t now_ns;
    /* Of COMPARISON_PAIRED and COMPARISON_STORED; NULL = none. */
    const struct gate_anchor *anchor;
    /* Sentences that become warnings of the verdict: what the change tried, for example. */
    const char *const *warnings;
    size_t n_warnings;
    /* Why this change must not pass, whatever the rows and the policies say, else NULL: what would
     * end in 0 ends in 3. A warning as well. */
    const char *no_pass;
};

/* Judges. Reports that do not belong together (another pair, role, shape or workload): -1 with
 * ERR_INPUT. Everything else, from a pass to a run that cannot be judged, is a verdict with its
 * exit code. On success the caller releases `out`; on failure it is empty. */
int gate_judge(const struct gate_input *in, struct verdict *out, struct err *err)
    __attribute__((warn_unused_result));

#endif
