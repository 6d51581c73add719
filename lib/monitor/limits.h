/*
 * What a process may use: cores and memory, by its control groups (versions 1 and 2), its affinity
 * and the machine.
 *
 * A limit holds for all below it, so that those of the groups above count as well; within a
 * container, whose own group is the root that it sees, that is the root's. The formats are those of
 * the kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst, and of
 * Documentation/scheduler/sched-bwc.rst.
 */
#ifndef PERFGATE_MONITOR_LIMITS_H
#define PERFGATE_MONITOR_LIMITS_H

#include <stdint.h>

#include "base/span.h"
#include "monitor/tree.h"

/* NAN = not known, INFINITY = none. */
struct limits {
    double cores, memory_kb;
};

/* The three groups that matter here, of /proc/PID/cgroup; their length is 0 where there is none. */
struct limits_groups {
    struct span unified, cpu, memory; /* version 2; the two controllers of version 1 */
};

void limits_parse_groups(const char *text, struct limits_groups *out);

/* cpu.max, as in "150000 100000" or "max 100000": cores. */
double limits_parse_cpu_max(const char *text);

/* memory.max or memory.limit_in_bytes: kB. */
double limits_parse_memory(const char *text);

/* cpu.cfs_quota_us and cpu.cfs_period_us: cores. */
double limits_parse_quota(const char *quota, const char *period);

/* Of a process, on a machine with these. */
struct limits limits_read(struct tree *tree, int64_t pid, const struct limits *machine);

#endif
