#include "model/profile_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/mem.h"

struct profile_slot {
    uint64_t hash;
    size_t number; /* of the item, from 1; 0 = free */
};

/* ---- finding ---- */

static void put(struct profile_slots *slots, uint64_t hash, size_t number)
{
    size_t at = hash & (slots->capacity - 1);
    while (slots->items[at].number)
        at = (at + 1) & (slots->capacity - 1);
    slots->items[at] = (struct profile_slot){hash, number};
}

static void add_slot(struct profile_slots *slots, uint64_t hash, size_t item)
{
    if (slots->n * 2 >= slots->capacity) {
        struct profile_slots grown = {.n = slots->n,
                                      .capacity = slots->capacity ? slots->capacity * 2 : 64};
        grown.items = mem_array(grown.capacity, sizeof *grown.items);
        for (size_t i = 0; i < slots->capacity; i++)
            if (slots->items[i].number)
                put(&grown, slots->items[i].hash, slots->items[i].number);
        free(slots->items);
        *slots = grown;
    }
    put(slots, hash, item + 1);
    slots->n++;
}

/* The next item of a hash; start with *at = hash. False where there is none. */
static bool next_item(const struct profile_slots *slots, uint64_t hash, uint64_t *at, size_t *item)
{
    while (slots->capacity) {
        const struct profile_slot *slot = &slots->items[(*at)++ & (slots->capacity - 1)];
        if (!slot->number)
            return false;
        if (slot->hash == hash) {
            *item = slot->number - 1;
            return true;
        }
    }
    return false;
}

/* ---- names ---- */

/* What can be kept of it, in `space`: no control characters, not too long, never empty. */
static struct span clean_name(struct span name, char space[PROFILE_NAME])
{
    size_t n = name.len < PROFILE_NAME - 1 ? name.len : PROFILE_NAME - 1;
    while (n < name.len && n && ((unsigned char)name.at[n] & 0xc0) == 0x80)
        n--; /* at a character's border */
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)name.at[i];
        space[i] = (char)(byte < 0x20 || byte == 0x7f ? '?' : byte);
    }
    if (!n)
        return (struct span){"[unknown]", strlen("[unknown]")};
    return (struct span){space, n};
}

/* The name's number; SIZE_MAX where it is new and there is no room for a node that has it. */
static size_t intern(struct profile_tree *tree, struct span given)
{
    char space[PROFILE_NAME];
    struct span name = clean_name(given, space);
    uint64_t hash = fnv_add(FNV_START, name.at, name.len), at = hash;
    size_t item;
    while (next_item(&tree->by_name, hash, &at, &item))
        if (strncmp(tree->names[item], name.at, name.len) == 0 && !tree->names[item][name.len])
            return item;
    if (tree->n_nodes == PROFILE_NODES) /* none will have it */
        return SIZE_MAX;
    tree->names = mem_grow(tree->names, tree->n_names, &tree->room_names, sizeof *tree->names);
    tree->names[tree->n_names] = arena_strndup(&tree->arena, name.at, name.len);
    add_slot(&tree->by_name, hash, tree->n_names);
    return tree->n_names++;
}

/* ---- nodes ---- */

size_t profile_tree_child(struct profile_tree *tree, size_t parent, struct span name)
{
    size_t key[] = {parent, intern(tree, name)}, item;
    uint64_t hash = fnv_add(FNV_START, (const char *)key, sizeof key), at = hash;
    while (next_item(&tree->by_place, hash, &at, &item))
        if (tree->nodes[item].parent == parent && tree->nodes[item].name == key[1])
            return item;
    if (tree->n_nodes == PROFILE_NODES)
        return parent;
    tree->nodes = mem_grow(tree->nodes, tree->n_nodes, &tree->room_nodes, sizeof *tree->nodes);
    tree->nodes[tree->n_nodes] = (struct profile_node){.parent = parent, .name = key[1]};
    add_slot(&tree->by_place, hash, tree->n_nodes);
    return tree->n_nodes++;
}

void profile_tree_count(struct profile_tree *tree, int side, size_t node, int64_t samples, bool cut)
{
    if (samples <= 0 || samples > PROFILE_SAMPLES - tree->samples[side])
        return;
    tree->samples[side] += samples;
    if (cut)
        tree->cut[side] += samples;
    if (node != PROFILE_ROOT)
        tree->nodes[node].self[side] += samples;
}

void profile_tree_add(struct profile_tree *tree, int side, const struct span *frames, size_t n,
                      int64_t samples)
{
    size_t node = PROFILE_ROOT, depth = 0;
    for (; depth < n && depth < PROFILE_DEPTH; depth++) {
        size_t child = profile_tree_child(tree, node, frames[depth]);
        if (child == node)
            break;
        node = child;
    }
    profile_tree_count(tree, side, node, samples, depth < n);
}

void profile_tree_release(struct profile_tree *tree)
{
    arena_release(&tree->arena);
    free(tree->names);
    free(tree->nodes);
    free(tree->by_name.items);
    free(tree->by_place.items);
    *tree = (struct profile_tree){0};
}

/* ---- the order of a drawing ---- */

/* A node among its siblings. */
struct sibling {
    size_t parent; /* + 1; 0 = the root's */
    size_t node;
    const char *name;
};

static int by_parent_then_name(const void *a, const void *b)
{
    const struct sibling *left = a, *right = b;
    if (left->parent != right->parent)
        return left->parent < right->parent ? -1 : 1;
    return strcmp(left->name, right->name);
}

/* Sums of all below; a parent is before its children. */
static void add_totals(struct profile_tree *tree)
{
    for (size_t i = tree->n_nodes; i-- > 0;) {
        struct profile_node *node = &tree->nodes[i];
        for (int side = 0; side < PROFILE_SIDES; side++) {
            node->total[side] += node->self[side];
            if (node->parent != PROFILE_ROOT)
                tree->nodes[node->parent].total[side] += node->total[side];
        }
    }
}

/* Where the children of each node begin among all siblings; [0] are those of the root. */
static size_t *find_children(const struct sibling *siblings, size_t n)
{
    size_t *first = mem_array(n + 2, sizeof *first);
    for (size_t i = 0; i < n; i++)
        first[siblings[i].parent + 1]++; /* counts, one further */
    for (size_t i = 1; i < n + 2; i++)
        first[i] += first[i - 1];
    return first;
}

/* Walks in pre-order; `stack` holds the place among the siblings that is next in each depth. */
static void renumber(struct profile_tree *tree, const struct sibling *siblings, const size_t *first)
{
    size_t n = tree->n_nodes, depth = 0, done = 0;
    struct profile_node *sorted = mem_array(n, sizeof *sorted);
    size_t *next = mem_array(n + 2, sizeof *next), *end = mem_array(n + 2, sizeof *end);
    size_t *own = mem_array(n + 2, sizeof *own); /* the new number of who is at each depth */
    next[0] = first[0];
    end[0] = first[1];
    own[0] = PROFILE_ROOT;
    while (done < n || depth) {
        if (next[depth] == end[depth]) {
            if (!depth--)
                break;
            continue;
        }
        size_t node = siblings[next[depth]++].node;
        sorted[done] = tree->nodes[node];
        sorted[done].parent = own[depth];
        own[++depth] = done++;
        next[depth] = first[node + 1];
        end[depth] = first[node + 2];
    }
    free(tree->nodes);
    tree->nodes = sorted;
    tree->room_nodes = n;
    free(next);
    free(end);
    free(own);
}

void profile_tree_finish(struct profile_tree *tree)
{
    size_t n = tree->n_nodes;
    add_totals(tree);
    if (!n)
        return;
    struct sibling *siblings = mem_array(n, sizeof *siblings);
    for (size_t i = 0; i < n; i++)
        siblings[i] =
            (struct sibling){tree->nodes[i].parent + 1, i, tree->names[tree->nodes[i].name]};
    qsort(siblings, n, sizeof *siblings, by_parent_then_name);
    size_t *first = find_children(siblings, n);
    renumber(tree, siblings, first);
    free(first);
    free(siblings);
}
