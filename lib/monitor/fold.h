/*
 * What profilers write, as stacks in a tree. Pure: a text in, samples out.
 *
 * - Folded: a line is the frames from the root to the leaf with `;` between them, a blank, and how
 *   often the stack was seen. Written by stackcollapse-*.pl of B. Gregg's FlameGraph, py-spy
 *   (-f raw), async-profiler (-o collapsed) and others.
 * - perf: the output of `perf script`. A sample is a line "COMMAND PID TIME: EVENT:", then a line
 *   for each frame, "  ADDRESS SYMBOL+OFFSET (OBJECT)", the leaf first, then an empty line. The
 *   command becomes the root.
 * - gdb: what `thread apply all backtrace` and `backtrace` print, over and over: "#N [ADDRESS in]
 *   FUNCTION (ARGUMENTS)", the leaf first. A stack counts once.
 *
 * Lines that are none of this are counted and left out. Each function can be given any bytes.
 */
#ifndef PERFGATE_MONITOR_FOLD_H
#define PERFGATE_MONITOR_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "model/profile_tree.h"

/* Adds the stacks to a side of the tree. Returns how many lines were not understood. */
size_t fold_stacks(struct span text, int side, struct profile_tree *tree);
size_t fold_perf(struct span text, int side, struct profile_tree *tree);
size_t fold_gdb(struct span text, int side, struct profile_tree *tree);

/* ---- for the parsers ---- */

/* Digits alone, at least one. */
bool fold_is_number(struct span text);

/* Frames that come with the leaf first. Deeper ones than PROFILE_DEPTH lose their leaves. */
struct fold_frames {
    size_t n, first; /* a ring: where the oldest is */
    struct span items[PROFILE_DEPTH + 1];
};

void fold_push(struct fold_frames *frames, struct span frame);

/* Adds the stack, where there is one, below `root` (empty = none), and empties it. */
void fold_flush(struct fold_frames *frames, struct span root, int side, struct profile_tree *tree);

#endif
