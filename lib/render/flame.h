/*
 * A flame graph (B. Gregg, 2011): each call as a box on its caller's, as wide as its share of a
 * side's samples, with siblings in the order of their names, so that the two sides of a run can be
 * laid beside each other.
 *
 * It needs no script: a box has its name where there is room for it, and all that is known of it as
 * its title. Where both sides have samples, a box is red where its share is larger on the
 * candidate's and blue where it is smaller, and says by how many points. What would be too narrow
 * to be seen is not drawn, so that the size of a page is bounded.
 */
#ifndef PERFGATE_RENDER_FLAME_H
#define PERFGATE_RENDER_FLAME_H

#include "base/buf.h"
#include "model/profile_functions.h"

/* Draws a side of a finished tree; nothing where it has no samples. `title` says what it is. */
void flame_add(struct buf *out, const struct profile_tree *tree, int side, const char *title);

#endif
