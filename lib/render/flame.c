#include "render/flame.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "render/profile_rows.h"
#include "render/svg.h"
#include "render/utf8.h"

#define WIDTH        1180.0
#define LEVEL        17.0
#define MOST_LEVELS  100
#define MOST_BOXES   1500
#define LEAST_SHARE  0.001
#define COLUMN_WIDTH 6.4 /* of text, in small letters */

struct flame {
    struct buf *out;
    const struct profile_tree *tree;
    int side;
    bool compared;
    int64_t least; /* samples of a box that is drawn */
    double height;
    size_t *depths; /* of each node, from 1 */
    double *next;   /* of each node, where its next child begins */
};

/* ---- what is drawn ---- */

static int descending(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left < *right) - (*left > *right);
}

static int64_t find_least(const struct profile_tree *tree, int side)
{
    int64_t *totals = mem_array(tree->n_nodes + 1, sizeof *totals);
    int64_t least = (int64_t)ceil(LEAST_SHARE * (double)tree->samples[side]);
    for (size_t i = 0; i < tree->n_nodes; i++)
        totals[i] = tree->nodes[i].total[side];
    qsort(totals, tree->n_nodes, sizeof *totals, descending);
    if (tree->n_nodes > MOST_BOXES && totals[MOST_BOXES] >= least)
        least = totals[MOST_BOXES] + 1;
    free(totals);
    return least > 1 ? least : 1;
}

static bool is_drawn(const struct flame *flame, size_t i)
{
    return flame->tree->nodes[i].total[flame->side] >= flame->least &&
           flame->depths[i] <= MOST_LEVELS;
}

/* Fills the depths; returns the largest that is drawn. */
static size_t measure(struct flame *flame)
{
    size_t most = 0;
    for (size_t i = 0; i < flame->tree->n_nodes; i++) {
        size_t parent = flame->tree->nodes[i].parent;
        flame->depths[i] = parent == PROFILE_ROOT ? 1 : flame->depths[parent] + 1;
        if (is_drawn(flame, i) && flame->depths[i] > most)
            most = flame->depths[i];
    }
    return most;
}

/* ---- a box ---- */

static double share_of(const struct profile_tree *tree, const struct profile_node *node, int side)
{
    int64_t all = tree->samples[side];
    return all ? (double)node->total[side] / (double)all : 0;
}

static double points_of(const struct flame *flame, const struct profile_node *node)
{
    return 100 * (share_of(flame->tree, node, PROFILE_CANDIDATE) -
                  share_of(flame->tree, node, PROFILE_BASE));
}

static enum svg_ink ink_of(const struct flame *flame, double points)
{
    static const struct {
        double points;
        enum svg_ink grew, shrank;
    } inks[] = {{15, INK_GREW_MOST, INK_SHRANK_MOST},
                {5, INK_GREW_MORE, INK_SHRANK_MORE},
                {1, INK_GREW, INK_SHRANK}};
    if (!flame->compared)
        return INK_FLAME;
    for (size_t i = 0; i < sizeof inks / sizeof inks[0]; i++)
        if (fabs(points) >= inks[i].points)
            return points > 0 ? inks[i].grew : inks[i].shrank;
    return INK_SAME;
}

/* "render_page: 31.0 % of the samples, 12.0 % on the base side (+19.0 points)" */
static void add_title(const struct flame *flame, const struct profile_node *node, struct buf *text)
{
    const struct profile_tree *tree = flame->tree;
    int other = flame->side == PROFILE_BASE ? PROFILE_CANDIDATE : PROFILE_BASE;
    static const char *const names[] = {[PROFILE_BASE] = "base", [PROFILE_CANDIDATE] = "candidate"};
    buf_addf(text, "%s: ", tree->names[node->name]);
    profile_add_share(text, share_of(tree, node, flame->side));
    buf_addf(text, " of the samples (%lld)", (long long)node->total[flame->side]);
    if (!flame->compared)
        return;
    buf_add_str(text, ", ");
    profile_add_share(text, share_of(tree, node, other));
    buf_addf(text, " on the %s side (%+.1f points)", names[other], points_of(flame, node));
}

/* The name, and by how much it grew, as far as there is room. */
static void add_label(const struct flame *flame, const struct profile_node *node, double width,
                      struct buf *text)
{
    struct buf safe = {0};
    size_t columns = width > 2 * COLUMN_WIDTH ? (size_t)((width - 6) / COLUMN_WIDTH) : 0;
    double points = points_of(flame, node);
    buf_reset(text);
    if (columns < 3)
        return;
    utf8_add_safe(&safe, flame->tree->names[node->name]);
    if (flame->compared && fabs(points) >= 1 &&
        utf8_width(buf_text(&safe)) + sizeof " +12.3" < columns)
        buf_addf(&safe, " %+.1f", points);
    utf8_add_shortened(text, buf_text(&safe), columns);
    buf_release(&safe);
}

static void add_box(struct flame *flame, double x, double width, size_t depth, enum svg_ink ink,
                    const char *label)
{
    double y = flame->height - (double)(depth + 1) * LEVEL;
    svg_add_rect(flame->out, x, y, width, LEVEL, ink);
    if (*label)
        svg_add_text(flame->out, x + 3, y + 12.5, ANCHOR_START, label);
}

static void add_node(struct flame *flame, size_t i, double *root_next)
{
    const struct profile_node *node = &flame->tree->nodes[i];
    double *at = node->parent == PROFILE_ROOT ? root_next : &flame->next[node->parent];
    double x = *at, width = WIDTH * share_of(flame->tree, node, flame->side);
    struct buf text = {0};
    flame->next[i] = x;
    *at = x + width;
    if (!is_drawn(flame, i))
        return;
    add_title(flame, node, &text);
    svg_open_group(flame->out, buf_text(&text));
    add_label(flame, node, width, &text);
    add_box(flame, x, width, flame->depths[i], ink_of(flame, points_of(flame, node)),
            buf_text(&text));
    svg_close_group(flame->out);
    buf_release(&text);
}

void flame_add(struct buf *out, const struct profile_tree *tree, int side, const char *title)
{
    struct buf text = {0};
    double root_next = 0;
    if (!tree->samples[side] || !tree->n_nodes)
        return;
    struct flame flame = {.out = out,
                          .tree = tree,
                          .side = side,
                          .compared = tree->samples[PROFILE_BASE] > 0 &&
                                      tree->samples[PROFILE_CANDIDATE] > 0,
                          .least = find_least(tree, side),
                          .depths = mem_array(tree->n_nodes, sizeof *flame.depths),
                          .next = mem_array(tree->n_nodes, sizeof *flame.next)};
    flame.height = LEVEL * (double)(measure(&flame) + 1);
    buf_addf(&text, "all %lld samples", (long long)tree->samples[side]);
    svg_open(out, WIDTH, flame.height, title, "");
    add_box(&flame, 0, WIDTH, 0, flame.compared ? INK_SAME : INK_FLAME, buf_text(&text));
    for (size_t i = 0; i < tree->n_nodes; i++)
        add_node(&flame, i, &root_next);
    svg_close(out);
    free(flame.depths);
    free(flame.next);
    buf_release(&text);
}
