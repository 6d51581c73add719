/*
 * The kernel's file trees: where /proc and the control groups are, and reading small files there.
 *
 * Tests have trees of their own. What cannot be read is an empty text: processes end between two
 * looks, and not every kernel has every file. One thread uses a tree.
 */
#ifndef PERFGATE_MONITOR_TREE_H
#define PERFGATE_MONITOR_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct tree {
    const char *proc, *cgroup; /* "/proc", "/sys/fs/cgroup" */
    double ticks_per_s;        /* of CPU times */
    double page_kb;
    bool counts_descriptors; /* the size of /proc/PID/fd is their number (Linux 6.2) */
    struct buf path, text;
};

/* The machine's own, or with the directories given. */
void tree_init(struct tree *tree, const char *proc, const char *cgroup);
void tree_release(struct tree *tree);

/* A path below /proc, or below the control groups; valid until the next call. */
const char *tree_proc_path(struct tree *tree, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The text of a file below /proc, or below the control groups; "" where there is none. Valid until
 * the next read. */
const char *tree_read(struct tree *tree, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *tree_read_cgroup(struct tree *tree, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether a name is a number, as those of processes and threads are, and which. */
bool tree_number(const char *name, int64_t *out);

#endif
