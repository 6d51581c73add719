/*
 * The functions of a profile, and which of them take a larger share of the candidate's samples than
 * of the base's.
 *
 * What is compared are the samples that ended in a function: where code got slower, itself takes
 * longer or something that it calls, and all of its callers' samples grow with it, so that they
 * would be named before it. The callers are named beside it.
 *
 * A function grew where its share is larger by half a point and by twice the standard error of the
 * difference of two shares (samples taken as independent of each other, which makes it a sieve for
 * people and not a test: nothing is judged by it).
 */
#ifndef PERFGATE_MODEL_PROFILE_FUNCTIONS_H
#define PERFGATE_MODEL_PROFILE_FUNCTIONS_H

#include <stddef.h>

#include "base/arena.h"
#include "model/report_profile.h"

/* The sides of a tree. */
enum { PROFILE_BASE, PROFILE_CANDIDATE };

struct profile_functions {
    size_t n;
    struct profile_function *items; /* of the arena; names are the tree's */
};

/* All functions of a finished tree, those with the most samples of the candidate's own first. The
 * base's shares are NAN where it has no samples. */
void profile_functions_of(const struct profile_tree *tree, struct arena *arena,
                          struct profile_functions *out);

/* Those that grew, most first; at most `most`. Nothing where one side has no samples. */
void profile_functions_grown(const struct profile_tree *tree, size_t most, struct arena *arena,
                             struct profile_functions *out);

/* Puts into the candidate's profile what grew against the base's; either may be NULL. */
void profile_compare(const struct report_profile *base, struct report_profile *candidate,
                     struct arena *arena);

#endif
