/*
 * A group of processes that is watched as one: found by who listens where, by name or by pid, with
 * all that descends from them.
 *
 * A process is its pid and the time of its start, so that another one with an old pid is never
 * taken for it. Children are looked for where new processes were made since the last look, because
 * that means reading all of /proc. What the group used in all is exact over the end of a child: its
 * parent's times then have it. Processes that leave their parents (daemons) are no part of it.
 */
#ifndef PERFGATE_MONITOR_GROUP_H
#define PERFGATE_MONITOR_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/listeners.h"
#include "monitor/process.h"
#include "monitor/tree.h"

enum group_by { GROUP_BY_PLACE, GROUP_BY_NAME, GROUP_BY_PID };

/* Whom to look for. */
struct group_key {
    enum group_by by;
    struct listen_place place;
    const char *name; /* of the program, as in "postgres" */
    int64_t pid;
};

struct group_member {
    int64_t pid;
    uint64_t started;
    bool root; /* found by the key, not as a child */
};

struct group {
    size_t n, capacity;
    struct group_member *members;
};

/* Sums over the members; NAN = not known. */
struct group_reading {
    double cpu_ticks, memory_kb, threads, descriptors, switches;
    size_t n; /* members that were there */
};

/* All processes there are, in the order of their pids. */
void group_list_all(struct tree *tree, struct process_list *out);

/* Whom the key means, with their children; empty where there is nobody. Reads the descriptors of
 * all processes where the key is a place. */
void group_find(struct tree *tree, const struct group_key *key, const struct process_list *all,
                struct group *group);

/* The roots that are still there, and their children as they are now. */
void group_refresh(const struct process_list *all, struct group *group);

/* What its members are doing. Those that are gone are left out of the group. */
void group_read(struct tree *tree, struct group *group, struct group_reading *out);

/* True where the two have a member in common. */
bool group_meets(const struct group *a, const struct group *b);

void group_release(struct group *group);

#endif
