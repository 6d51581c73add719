/*
 * What a profiler saw of the target in the last seconds of a run: the report's `profile`.
 *
 * Stacks are a tree in columns, in pre-order: of each node its parent (-1 = none), its name's place
 * among `names`, and the samples that ended in it. What another program wrote that is no stacks is
 * kept as text. In a paired run the candidate's report also says which functions take a larger
 * share of its samples than of the base's, because a text shows one report alone.
 *
 * All of it lives in the report's arena.
 */
#ifndef PERFGATE_MODEL_REPORT_PROFILE_H
#define PERFGATE_MODEL_REPORT_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "model/profile_tree.h"

struct report;

#define PROFILE_BYTES        ((size_t)200 << 10) /* of a tree in a report, at most */
#define PROFILE_TEXT         ((size_t)64 << 10)  /* of a text */
#define PROFILE_GREW         20
#define PROFILE_CALLERS      4
#define PROFILE_MOST_NODES   50000                  /* of a report that is read */
#define PROFILE_MOST_SAMPLES INT64_C(1000000000000) /* of a node that is read */

/* A function's share of the samples, 0 to 1: of those that ended in it, and of those that it is
 * anywhere in. NAN = there is no such side. */
struct profile_function {
    const char *name;
    double base_self, self, base_total, total;
    size_t n_callers;
    const char **callers; /* where most of its own samples are: the nearest ones, nearest first */
};

struct report_profile {
    const char *command; /* the program */
    int64_t duration_ns; /* that it ran; a merged report's add up */
    int64_t samples;
    int64_t cut; /* of them, counted above where they really ended */
    size_t n_names, n_nodes;
    const char **names;
    int64_t *parents, *frames, *self; /* n_nodes each */
    const char *text;                 /* NULL = stacks */
    size_t n_grew;                    /* most first */
    struct profile_function *grew;
};

extern const struct js_shape report_profile_shape;

/* What the table cannot say: that it is a tree. */
int report_profile_check(const struct js_at *at, const struct report_profile *profile,
                         struct err *err) __attribute__((warn_unused_result));

/* Fills the columns from one side of a finished tree, within `limit` bytes of JSON: the nodes with
 * the most samples below them are kept, and what ended in others counts for the nearest that is. */
void report_profile_fill(struct report_profile *profile, const struct profile_tree *tree, int side,
                         size_t limit, struct arena *arena);

/* Adds a profile's stacks to a tree. */
void report_profile_add(const struct report_profile *profile, int side, struct profile_tree *tree);

/* Of several parts, or NULL where none has stacks: added up, as samples of starts of one workload
 * are. Texts and what grew are left out. */
struct report_profile *report_profile_merge(const struct report *const *parts, size_t n,
                                            struct arena *arena);

#endif
