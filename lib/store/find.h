/*
 * What a comparison stands on: the base revision, the baseline and the policy, each with the reason
 * for the choice. The options --baseline, --policy, --suite and --environment end here.
 *
 * --baseline FILE or REV:PATH is a report (named.h says which is which); a revision alone is the
 * base revision, whose runs of the suite count; without it the base revision is chosen (choose.h).
 * --policy is FILE or REV:PATH; without it baselines/policy.json at the base revision, else the
 * built-in policy. Where the candidate's work tree holds another policy than the base revision,
 * both are returned: rows are judged under both, and the worse status stands.
 *
 * The scenario is the candidate's, for both sides. Where the base revision was needed and has
 * another scenario in that place, `scenario_change` says so.
 */
#ifndef PERFGATE_STORE_FIND_H
#define PERFGATE_STORE_FIND_H

#include <stdbool.h>

#include "base/err.h"
#include "model/policy.h"
#include "store/baseline.h"
#include "store/choose.h"
#include "store/repo.h"

#define FIND_POLICY_PATH BASELINE_DIR "/policy.json"

struct find_query {
    const struct repo *repo;     /* NULL: not in a repository */
    struct choose_inputs inputs; /* `rev` is taken from --baseline */
    const char *baseline;        /* --baseline; NULL = not given, here and below */
    const char *policy;          /* --policy */
    const char *suite;           /* --suite, else the report's own */
    const char *environment;     /* --environment; NULL = "default" */
    bool paired;                 /* the base side is in the reports: load no baseline */
    const char *scenario;        /* the reports', from the top of the tree; NULL: not in it */
    const char *scenario_hash;   /* as the reports have it; NULL: not known */
    size_t n_candidates;         /* whose endpoints are held against the base's scenario */
    const struct report *const *candidates;
};

struct found_policy {
    struct policy policy;
    const char *text;        /* which policy, and why */
    bool changed;            /* the candidate's work tree has another one, in `candidate` */
    struct policy candidate; /* filled where `changed` */
    const char *change_text; /* what the candidate changes, for people; NULL unless `changed` */
};

struct found {
    struct base_choice base;  /* commit "" where none was needed or there is none */
    struct baseline baseline; /* n_runs 0, and `text` says why, where there is none */
    struct found_policy policy;
    struct arena arena;
    const char *scenario_change; /* a sentence; NULL where the scenario is the same, or new */
};

/* On failure `out` is released. No baseline is not a failure: the gate decides what it means. */
int find_all(const struct find_query *query, struct found *out, struct err *err)
    __attribute__((warn_unused_result));

/* The policy at `path` of a place; *is_there is false, and `out` the built-in one, where there is
 * none. */
int find_policy_at(const struct baseline_place *place, const char *path, struct policy *out,
                   bool *is_there, struct err *err) __attribute__((warn_unused_result));

/* A sentence where the base revision's scenario is another one than the reports were made with: the
 * file, the revision, and its endpoints that the reports lack; or that it cannot be read. NULL
 * where it is the same, is not there, or there is no base revision. Trouble with the repository is
 * an error. */
int find_scenario_change(const struct find_query *query, const struct base_choice *base,
                         struct arena *arena, const char **change, struct err *err)
    __attribute__((warn_unused_result));

void found_release(struct found *found);

#endif
