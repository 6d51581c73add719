/*
 * A tree of the kernel's files, made up for a test: /proc and control groups in a temporary
 * directory.
 */
#ifndef PERFGATE_TESTS_MONITOR_WORLD_H
#define PERFGATE_TESTS_MONITOR_WORLD_H

#include <stdint.h>

#include "monitor/tree.h"

struct world {
    char root[64], proc[80], cgroup[80];
    struct tree tree; /* 100 ticks a second, pages of 4 kB */
};

void world_open(struct world *world);
void world_close(struct world *world);

/* Writes a file below the world's root, and the directories above it. */
void world_write(const struct world *world, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void world_remove(const struct world *world, const char *path);

/* A process: 100 pages of its own and 20 shared, one thread. */
void world_process(const struct world *world, int64_t pid, int64_t parent, const char *name,
                   int64_t ticks);

/* Descriptor `number` of a process is the socket with this inode. */
void world_socket(const struct world *world, int64_t pid, int number, int64_t inode);

#endif
