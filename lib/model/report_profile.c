#include "model/report_profile.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/report.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

/* ---- the document ---- */

static const struct js_field function_fields[] = {
    {JS_FIELD(profile_function, "name", JS_STRING, name), JS_REQUIRED},
    {JS_FIELD(profile_function, "base_self", JS_NUMBER, base_self), .high = 1},
    {JS_FIELD(profile_function, "self", JS_NUMBER, self), .high = 1},
    {JS_FIELD(profile_function, "base_total", JS_NUMBER, base_total), .high = 1},
    {JS_FIELD(profile_function, "total", JS_NUMBER, total), .high = 1},
    {JS_LIST(profile_function, "callers", JS_STRINGS, callers, n_callers), .flags = JS_OMIT_ZERO},
};
static const struct js_shape function_shape = {
    .size = sizeof(struct profile_function), FIELDS(function_fields), .one_line = true};

#define COLUMN (JS_OMIT_ZERO | JS_TIGHT)

static const struct js_field profile_fields[] = {
    {JS_FIELD(report_profile, "command", JS_STRING, command), JS_REQUIRED},
    {JS_FIELD(report_profile, "duration_ms", JS_MS, duration_ns), JS_OMIT_ZERO},
    {JS_FIELD(report_profile, "samples", JS_INT, samples), JS_OMIT_ZERO,
     .high = (double)PROFILE_SAMPLES},
    {JS_FIELD(report_profile, "cut_samples", JS_INT, cut), JS_OMIT_ZERO,
     .high = (double)PROFILE_SAMPLES},
    {JS_LIST(report_profile, "grew", JS_OBJECTS, grew, n_grew), .flags = JS_OMIT_ZERO,
     .shape = &function_shape},
    {JS_LIST(report_profile, "names", JS_STRINGS, names, n_names), .flags = COLUMN},
    {JS_LIST(report_profile, "parents", JS_INTS, parents, n_nodes), .flags = COLUMN, .low = -1,
     .high = PROFILE_MOST_NODES},
    {JS_LIST(report_profile, "frames", JS_INTS, frames, n_nodes), .flags = COLUMN | JS_SAME_COUNT,
     .high = PROFILE_MOST_NODES},
    {JS_LIST(report_profile, "self", JS_INTS, self, n_nodes), .flags = COLUMN | JS_SAME_COUNT,
     .high = (double)PROFILE_MOST_SAMPLES},
    {JS_FIELD(report_profile, "text", JS_STRING, text)},
};
const struct js_shape report_profile_shape = {.size = sizeof(struct report_profile),
                                              FIELDS(profile_fields)};

static int check_nodes(const struct js_at *at, const struct report_profile *profile, int *depths,
                       struct err *err)
{
    for (size_t i = 0; i < profile->n_nodes; i++) {
        int64_t parent = profile->parents[i], name = profile->frames[i];
        if (parent >= (int64_t)i)
            return js_fail(at, err, "parents[%zu]: expected a node before it, found %lld", i,
                           (long long)parent);
        if (name >= (int64_t)profile->n_names)
            return js_fail(at, err, "frames[%zu]: expected one of %zu names, found %lld", i,
                           profile->n_names, (long long)name);
        depths[i] = parent < 0 ? 1 : depths[parent] + 1;
        if (depths[i] > PROFILE_DEPTH)
            return js_fail(at, err, "parents[%zu]: expected up to %d calls within each other", i,
                           PROFILE_DEPTH);
    }
    return 0;
}

int report_profile_check(const struct js_at *at, const struct report_profile *profile,
                         struct err *err)
{
    if (profile->n_nodes > PROFILE_MOST_NODES || profile->n_names > PROFILE_MOST_NODES)
        return js_fail(at, err, "expected up to %d nodes and names, found %zu and %zu",
                       PROFILE_MOST_NODES, profile->n_nodes, profile->n_names);
    if (profile->n_grew > PROFILE_GREW)
        return js_fail(at, err, "grew: expected up to %d functions, found %zu", PROFILE_GREW,
                       profile->n_grew);
    int *depths = mem_array(profile->n_nodes + 1, sizeof *depths);
    int status = check_nodes(at, profile, depths, err);
    free(depths);
    return status;
}

/* ---- from a tree ---- */

/* A node that may be kept. */
struct candidate {
    size_t node;
    int64_t total;
};

static int most_first(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    if (left->total != right->total)
        return left->total > right->total ? -1 : 1;
    return left->node < right->node ? -1 : left->node > right->node;
}

static size_t digits(int64_t number)
{
    size_t n = 1;
    while (number >= 10) {
        number /= 10;
        n++;
    }
    return n;
}

/* Of the name within the document, where it is not there yet: quotes, a comma, and each byte at
 * its longest. */
static size_t name_cost(const char *name)
{
    size_t cost = 3;
    for (; *name; name++)
        cost += *name == '"' || *name == '\\' ? 2 : (unsigned char)*name < 0x80 ? 1 : 3;
    return cost;
}

/* Marks in `kept` what fits. A parent has at least as many samples as a child and a smaller number,
 * so that it was asked before. */
static void choose(const struct profile_tree *tree, int side, size_t limit, bool *kept)
{
    struct candidate *order = mem_array(tree->n_nodes + 1, sizeof *order);
    bool *named = mem_array(tree->n_names + 1, sizeof *named);
    size_t cost = 0;
    for (size_t i = 0; i < tree->n_nodes; i++)
        order[i] = (struct candidate){i, tree->nodes[i].total[side]};
    qsort(order, tree->n_nodes, sizeof *order, most_first);
    for (size_t i = 0; i < tree->n_nodes && i < PROFILE_MOST_NODES && order[i].total > 0; i++) {
        size_t name = tree->nodes[order[i].node].name;
        cost += 2 * 6 + 2 + digits(order[i].total);
        if (!named[name])
            cost += name_cost(tree->names[name]);
        if (cost > limit)
            break;
        named[name] = kept[order[i].node] = true;
    }
    free(order);
    free(named);
}

/* The samples of each node, with those that were handed up to it. Returns how many those are. */
static int64_t hand_up(const struct profile_tree *tree, int side, const bool *kept, int64_t *self)
{
    int64_t cut = 0;
    for (size_t i = tree->n_nodes; i-- > 0;) {
        size_t parent = tree->nodes[i].parent;
        self[i] += tree->nodes[i].self[side];
        if (kept[i])
            continue;
        if (parent != PROFILE_ROOT)
            self[parent] += self[i];
        cut += tree->nodes[i].self[side];
    }
    return cut;
}

static void add_node(struct report_profile *profile, const struct profile_node *node,
                     const int64_t *numbers, int64_t self)
{
    size_t n = profile->n_nodes++;
    profile->parents[n] = node->parent == PROFILE_ROOT ? -1 : numbers[node->parent];
    profile->self[n] = self < PROFILE_MOST_SAMPLES ? self : PROFILE_MOST_SAMPLES;
}

void report_profile_fill(struct report_profile *profile, const struct profile_tree *tree, int side,
                         size_t limit, struct arena *arena)
{
    size_t n = tree->n_nodes;
    bool *kept = mem_array(n + 1, sizeof *kept);
    int64_t *self = mem_array(n + 1, sizeof *self), *numbers = mem_array(n + 1, sizeof *numbers);
    int64_t *names = mem_array(tree->n_names + 1, sizeof *names); /* + 1; 0 = not there yet */
    size_t n_kept = 0;
    choose(tree, side, limit, kept);
    for (size_t i = 0; i < n; i++)
        n_kept += kept[i];
    profile->samples = tree->samples[side];
    profile->cut = tree->cut[side] + hand_up(tree, side, kept, self);
    profile->n_names = profile->n_nodes = 0;
    profile->names = arena_array(arena, n_kept + 1, sizeof *profile->names);
    profile->parents = arena_array(arena, n_kept + 1, sizeof *profile->parents);
    profile->frames = arena_array(arena, n_kept + 1, sizeof *profile->frames);
    profile->self = arena_array(arena, n_kept + 1, sizeof *profile->self);
    for (size_t i = 0; i < n; i++) {
        size_t name = tree->nodes[i].name;
        if (!kept[i])
            continue;
        if (!names[name]) {
            profile->names[profile->n_names++] = arena_strdup(arena, tree->names[name]);
            names[name] = (int64_t)profile->n_names;
        }
        numbers[i] = (int64_t)profile->n_nodes;
        profile->frames[profile->n_nodes] = names[name] - 1;
        add_node(profile, &tree->nodes[i], numbers, self[i]);
    }
    free(kept);
    free(self);
    free(numbers);
    free(names);
}

/* ---- to a tree ---- */

void report_profile_add(const struct report_profile *profile, int side, struct profile_tree *tree)
{
    size_t *nodes = mem_array(profile->n_nodes + 1, sizeof *nodes);
    int64_t before = tree->samples[side], in_tree;
    for (size_t i = 0; i < profile->n_nodes; i++) {
        const char *name = profile->names[profile->frames[i]];
        size_t parent = profile->parents[i] < 0 ? PROFILE_ROOT : nodes[profile->parents[i]];
        nodes[i] = profile_tree_child(tree, parent, (struct span){name, strlen(name)});
        profile_tree_count(tree, side, nodes[i], profile->self[i], nodes[i] == parent);
    }
    /* Those of stacks of which nothing was kept. */
    in_tree = tree->samples[side] - before;
    profile_tree_count(tree, side, PROFILE_ROOT, profile->samples - in_tree, false);
    if (profile->cut <= PROFILE_SAMPLES - tree->cut[side])
        tree->cut[side] += profile->cut;
    free(nodes);
}

struct report_profile *report_profile_merge(const struct report *const *parts, size_t n,
                                            struct arena *arena)
{
    struct profile_tree tree = {0};
    struct report_profile *out = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct report_profile *part = parts[i]->profile;
        if (!part || !part->n_nodes)
            continue;
        if (!out) {
            out = arena_array(arena, 1, sizeof *out);
            out->command = arena_strdup(arena, part->command);
        }
        out->duration_ns += part->duration_ns;
        report_profile_add(part, 0, &tree);
    }
    profile_tree_finish(&tree);
    if (out)
        report_profile_fill(out, &tree, 0, PROFILE_BYTES, arena);
    profile_tree_release(&tree);
    return out;
}
