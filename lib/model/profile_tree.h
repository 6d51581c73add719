/*
 * Stacks of a profiler, added up into a tree of calls, for one side or for both sides of a run.
 *
 * A node is a function as called from its parent; `self` are the samples that ended in it. While it
 * is built, nodes are in the order in which they came; profile_tree_finish() puts them into
 * pre-order with siblings by name, as a flame graph is drawn, and nothing may be added after that.
 * In either order a parent is before its children.
 *
 * Memory is bounded whatever is added: of stacks that are too deep, or that come when there is no
 * room for more nodes, what is at the root is kept, and their samples count there and in `cut`.
 * Samples beyond PROFILE_SAMPLES are not counted at all, so that no sum can overflow.
 *
 * A zeroed struct is an empty tree. It belongs to one thread.
 */
#ifndef PERFGATE_MODEL_PROFILE_TREE_H
#define PERFGATE_MODEL_PROFILE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

#define PROFILE_SIDES   2
#define PROFILE_NODES   200000
#define PROFILE_DEPTH   500
#define PROFILE_NAME    256 /* bytes of a name; longer ones are cut */
#define PROFILE_SAMPLES (INT64_C(1) << 53)
#define PROFILE_ROOT    SIZE_MAX /* the parent of those that were called by nobody */

struct profile_node {
    size_t parent, name;
    int64_t self[PROFILE_SIDES];
    int64_t total[PROFILE_SIDES]; /* with all below; once it is finished */
};

struct profile_slots {
    size_t n, capacity; /* a power of two */
    struct profile_slot *items;
};

struct profile_tree {
    struct arena arena; /* of the names */
    size_t n_names, room_names;
    const char **names;
    size_t n_nodes, room_nodes;
    struct profile_node *nodes;
    struct profile_slots by_name, by_place; /* private */
    int64_t samples[PROFILE_SIDES], cut[PROFILE_SIDES];
};

/* The node of a function below `parent`, which is made where there is none; the parent itself where
 * there is no room. */
size_t profile_tree_child(struct profile_tree *tree, size_t parent, struct span name);

/* A stack from its root to its leaf that was seen `samples` times. */
void profile_tree_add(struct profile_tree *tree, int side, const struct span *frames, size_t n,
                      int64_t samples);

/* Samples that ended in a node; `cut`: it is not where they really ended. */
void profile_tree_count(struct profile_tree *tree, int side, size_t node, int64_t samples,
                        bool cut);

void profile_tree_finish(struct profile_tree *tree);

void profile_tree_release(struct profile_tree *tree);

#endif
