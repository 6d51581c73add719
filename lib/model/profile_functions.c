#include "model/profile_functions.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LEAST_GROWTH 0.005

/* Of each name: samples of a side in which it is, and in which it is last. */
struct sums {
    int64_t self[PROFILE_SIDES], total[PROFILE_SIDES];
    size_t most; /* the node that has the most of the candidate's own, + 1; 0 = none */
};

/* Whether a function is among its own callers, so that its samples are counted there. */
static bool is_inside_itself(const struct profile_tree *tree, size_t node)
{
    size_t name = tree->nodes[node].name;
    for (size_t up = tree->nodes[node].parent; up != PROFILE_ROOT; up = tree->nodes[up].parent)
        if (tree->nodes[up].name == name)
            return true;
    return false;
}

static struct sums *sum_names(const struct profile_tree *tree)
{
    struct sums *sums = mem_array(tree->n_names + 1, sizeof *sums);
    for (size_t i = 0; i < tree->n_nodes; i++) {
        const struct profile_node *node = &tree->nodes[i];
        struct sums *sum = &sums[node->name];
        bool inside = is_inside_itself(tree, i);
        for (int side = 0; side < PROFILE_SIDES; side++) {
            sum->self[side] += node->self[side];
            sum->total[side] += inside ? 0 : node->total[side];
        }
        if (!sum->most ||
            node->self[PROFILE_CANDIDATE] > tree->nodes[sum->most - 1].self[PROFILE_CANDIDATE])
            sum->most = i + 1;
    }
    return sums;
}

static double share(int64_t samples, int64_t all)
{
    return all > 0 ? fmin((double)samples / (double)all, 1) : (double)NAN;
}

static void add_callers(const struct profile_tree *tree, size_t node, struct arena *arena,
                        struct profile_function *out)
{
    out->callers = arena_array(arena, PROFILE_CALLERS, sizeof *out->callers);
    for (size_t up = tree->nodes[node].parent;
         up != PROFILE_ROOT && out->n_callers < PROFILE_CALLERS; up = tree->nodes[up].parent)
        out->callers[out->n_callers++] = tree->names[tree->nodes[up].name];
}

static int own_first(const void *a, const void *b)
{
    const struct profile_function *left = a, *right = b;
    if (left->self > right->self || left->self < right->self)
        return left->self > right->self ? -1 : 1;
    return strcmp(left->name, right->name);
}

void profile_functions_of(const struct profile_tree *tree, struct arena *arena,
                          struct profile_functions *out)
{
    struct sums *sums = sum_names(tree);
    *out = (struct profile_functions){
        .items = arena_array(arena, tree->n_names + 1, sizeof *out->items)};
    for (size_t i = 0; i < tree->n_names; i++) {
        const struct sums *sum = &sums[i];
        if (!sum->most)
            continue;
        struct profile_function *function = &out->items[out->n++];
        *function = (struct profile_function){
            .name = tree->names[i],
            .base_self = share(sum->self[PROFILE_BASE], tree->samples[PROFILE_BASE]),
            .self = share(sum->self[PROFILE_CANDIDATE], tree->samples[PROFILE_CANDIDATE]),
            .base_total = share(sum->total[PROFILE_BASE], tree->samples[PROFILE_BASE]),
            .total = share(sum->total[PROFILE_CANDIDATE], tree->samples[PROFILE_CANDIDATE]),
        };
        add_callers(tree, sum->most - 1, arena, function);
    }
    if (out->n)
        qsort(out->items, out->n, sizeof *out->items, own_first);
    free(sums);
}

/* ---- what grew ---- */

static int grown_first(const void *a, const void *b)
{
    const struct profile_function *left = a, *right = b;
    double growth = (right->self - right->base_self) - (left->self - left->base_self);
    if (growth > 0 || growth < 0)
        return growth > 0 ? 1 : -1;
    return strcmp(left->name, right->name);
}

static bool has_grown(const struct profile_tree *tree, const struct profile_function *function)
{
    double n = (double)tree->samples[PROFILE_CANDIDATE], m = (double)tree->samples[PROFILE_BASE];
    double a = function->self, b = function->base_self, growth = a - b;
    return growth >= LEAST_GROWTH && growth > 2 * sqrt(a * (1 - a) / n + b * (1 - b) / m);
}

void profile_functions_grown(const struct profile_tree *tree, size_t most, struct arena *arena,
                             struct profile_functions *out)
{
    size_t n = 0;
    *out = (struct profile_functions){0};
    if (!tree->samples[PROFILE_BASE] || !tree->samples[PROFILE_CANDIDATE])
        return;
    profile_functions_of(tree, arena, out);
    for (size_t i = 0; i < out->n; i++)
        if (has_grown(tree, &out->items[i]))
            out->items[n++] = out->items[i];
    if (n)
        qsort(out->items, n, sizeof *out->items, grown_first);
    out->n = n < most ? n : most;
}

static double rounded(double share)
{
    return round(share * 1e6) / 1e6;
}

/* Its own copy, as it is written. */
static void keep(struct profile_function *function, struct arena *arena)
{
    function->name = arena_strdup(arena, function->name);
    for (size_t i = 0; i < function->n_callers; i++)
        function->callers[i] = arena_strdup(arena, function->callers[i]);
    function->base_self = rounded(function->base_self);
    function->self = rounded(function->self);
    function->base_total = rounded(function->base_total);
    function->total = rounded(function->total);
}

void profile_compare(const struct report_profile *base, struct report_profile *candidate,
                     struct arena *arena)
{
    struct profile_tree tree = {0};
    struct profile_functions grown;
    if (!base || !candidate)
        return;
    report_profile_add(base, PROFILE_BASE, &tree);
    report_profile_add(candidate, PROFILE_CANDIDATE, &tree);
    profile_tree_finish(&tree);
    profile_functions_grown(&tree, PROFILE_GREW, arena, &grown);
    for (size_t i = 0; i < grown.n; i++)
        keep(&grown.items[i], arena);
    candidate->n_grew = grown.n;
    candidate->grew = grown.items;
    profile_tree_release(&tree);
}
