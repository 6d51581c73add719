/*
 * Tags: labels that a scenario gives to tasks and steps, and so to the endpoints that these ask
 * for, so that a policy can set rules for endpoints whose names have nothing in common. They change
 * nothing that is sent, and have no part in the workload's hash: runs from before a scenario had
 * tags stay comparable.
 *
 * A set of them is sorted and has each tag once. Zero is the empty set; the memory is an arena's.
 */
#ifndef PERFGATE_MODEL_TAGS_H
#define PERFGATE_MODEL_TAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct tags {
    size_t n;
    const char **names; /* ascending by strcmp() */
};

/* The tags of an endpoint. */
struct tagged {
    const char *method, *name;
    struct tags tags;
};

/* True for 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'. */
bool tag_is_valid(const char *text);

/* Puts names into ascending order. Returns one that is there twice, or NULL. */
const char *tags_sort(struct tags *tags);

bool tags_have(const struct tags *tags, const char *tag);

/* The first of `tags` that `others` have not; NULL where there is none. */
const char *tags_beyond(const struct tags *tags, const struct tags *others);

/* Makes `tags` the union of both; what is new there is copied into the arena. */
void tags_add(struct tags *tags, const struct tags *more, struct arena *arena);

#endif
