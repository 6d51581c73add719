/*
 * What a comparison stands on: the base revision, the baseline and the policy, each with the reason
 * for the choice. The options --baseline, --policy, --suite and --environment end here.
 *
 * --baseline FILE or REV:PATH is a report (named.h says which is which); a revision alone is the
 * base revision, whose runs of the suite count; without it the base revision is chosen (choose.h).
 * With --ref the runs lie on a ref of their own, where those count whose commit is the base or an
 * ancestor of it; a branch that is not in the clone is looked for among origin's.
 * --policy is FILE or REV:PATH; without it baselines/policy.json at the base revision, else the
 * built-in policy. Where the candidate's work tree holds another policy than the base revision,
 * both are returned: rows are judged under both, and the worse status stands. One that cannot be
 * used keeps the change from passing; it is judged under the base's all the same. What the change
 * does to runs and marks never counts, and is told.
 *
 * The newest anchor there (of the ref of the runs, where it has one) is the run that slow drift is
 * judged against, unless the baseline is a report that was named.
 *
 * Acceptances count from the base revision and from the ref of the runs; those of the work tree
 * only where the base revision's policy says so, and never where the change comes from a fork.
 *
 * The scenario is the candidate's, for both sides. Where the base revision was needed and has
 * another scenario in that place, `scenario_change` says so. The tags of that one count as well, so
 * that no change sheds a rule by dropping a tag; that it does is a warning.
 */
#ifndef PERFGATE_STORE_FIND_H
#define PERFGATE_STORE_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/policy.h"
#include "model/tags.h"
#include "store/baseline.h"
#include "store/choose.h"
#include "store/marks.h"
#include "store/named.h"
#include "store/repo.h"

#define FIND_POLICY_PATH BASELINE_DIR "/policy.json"

struct find_query {
    const struct repo *repo;     /* NULL: not in a repository */
    struct choose_inputs inputs; /* `rev` is taken from --baseline */
    baseline_reader *read;       /* of a file that --baseline names; NULL: report_read() */
    const char *baseline;        /* --baseline; NULL = not given, here and below */
    const char *policy;          /* --policy */
    const char *ref;             /* --ref: where the runs lie, by its full name */
    const char *suite;           /* --suite, else the report's own */
    const char *environment;     /* --environment; NULL = "default" */
    bool paired;                 /* the base side is in the reports: load no baseline */
    const char *scenario;        /* the reports', from the top of the tree; NULL: not in it */
    const char *scenario_hash;   /* as the reports have it; NULL: not known */
    size_t n_candidates;         /* whose endpoints are held against the base's scenario; runs like
                                    the first are looked for */
    const struct report *const *candidates;
    int64_t now_ns; /* wall clock, for the age of the newest run */
};

struct found_policy {
    struct policy policy;
    const char *text;        /* which policy, and why */
    bool changed;            /* the candidate's work tree has another one, in `candidate` */
    struct policy candidate; /* filled where `changed` */
    const char *change_text; /* what the candidate changes, for people; NULL unless `changed` */
    const char *unusable; /* why the candidate's cannot be used, so that it must not pass; NULL */
};

/* Where acceptances are read: the base revision, the ref of the runs, the work tree. */
enum find_place { FIND_AT_BASE, FIND_AT_REF, FIND_IN_TREE, FIND_MARKS };

struct found {
    struct base_choice base;  /* commit "" where none was needed or there is none */
    struct baseline baseline; /* n_runs 0, and `text` says why, where there is none */
    struct found_policy policy;
    char ref_tip[REPO_ID_SIZE]; /* of --ref; "" without it */
    const char *ref_name;       /* "perf-baselines", "origin/perf-baselines" */
    struct marks marks[FIND_MARKS];
    size_t n_acceptances; /* those that count; last days that are over are for the gate to see */
    const struct acceptance **acceptances;
    struct baseline anchor; /* its run; n_runs 0 where there is no anchor */
    const char *anchor_run; /* the run's file name */
    const char *anchor_label;
    struct baseline anchor_noise; /* of a paired run: what tells how much runs differ */
    size_t n_warnings; /* what the change does to policy, runs, marks and tags, a sentence each */
    const char **warnings;
    struct arena arena;
    const char *scenario_change; /* a sentence; NULL where the scenario is the same, or new */
    size_t n_tagged; /* endpoints of the candidates that have tags in the base's scenario */
    struct tagged *tagged;
};

/* On failure `out` is released. No baseline is not a failure: the gate decides what it means. */
int find_all(const struct find_query *query, struct found *out, struct err *err)
    __attribute__((warn_unused_result));

/* --environment, else BASELINE_ENVIRONMENT. */
static inline const char *find_environment(const struct find_query *query)
{
    return query->environment ? query->environment : BASELINE_ENVIRONMENT;
}

/* Fills found->ref_tip and ref_name. ERR_UNDECIDED, with what to type, where there is no such ref.
 */
int find_runs_ref(const struct find_query *query, struct found *found, struct err *err)
    __attribute__((warn_unused_result));

/* Fills found->baseline. `named` is --baseline. */
int find_baseline(const struct find_query *query, const struct named *named, struct found *found,
                  struct err *err) __attribute__((warn_unused_result));

/* Fills found->acceptances and the anchor's; baseline and policy have been found. */
int find_marks(const struct find_query *query, struct found *found, struct err *err)
    __attribute__((warn_unused_result));

/* Loads the run that the anchor at `anchor_path` names, which lies beside it, into `out`. */
int find_anchor_run(const struct baseline_place *place, const struct marks *marks,
                    struct baseline *out, struct err *err) __attribute__((warn_unused_result));

/* Fills found->warnings: what HEAD removes, changes or adds below baselines/ of the base revision.
 */
int find_changes(const struct find_query *query, struct found *found, struct err *err)
    __attribute__((warn_unused_result));

/* The policy at `path` of a place; *is_there is false, and `out` the built-in one, where there is
 * none. */
int find_policy_at(const struct baseline_place *place, const char *path, struct policy *out,
                   bool *is_there, struct err *err) __attribute__((warn_unused_result));

/* Fills found->scenario_change where the base revision's scenario is another one than the reports
 * were made with: the file, the revision, and its endpoints that the reports lack; or that it
 * cannot be read. NULL where it is the same, is not there, or there is no base revision. Fills
 * found->tagged, and warns of tags that the reports lack. Trouble with the repository is an error.
 */
int find_scenario(const struct find_query *query, struct found *found, struct err *err)
    __attribute__((warn_unused_result));

/* Adds a sentence to found->warnings, which is kept, not copied. */
void find_warn(struct found *found, const char *text);

void found_release(struct found *found);

#endif
