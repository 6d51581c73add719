/*
 * What is watched, sample by sample, and the report's part that comes of it.
 *
 * No clock and no thread: times are passed in, and the kernel's files come from a tree, so that
 * tests bring their own. monitor.h puts it on a thread.
 */
#ifndef PERFGATE_MONITOR_WATCH_H
#define PERFGATE_MONITOR_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/report_resources.h"
#include "monitor/group.h"
#include "monitor/limits.h"
#include "monitor/machine.h"

/* Of the machine's cores so many are series of their own; of more only the busiest is one. */
#define WATCH_CORES 8
/* Members of a group that are read for a sample: larger groups are read less often. */
#define WATCH_MEMBERS 64
/* Samples between two looks for new children, or for a group that is gone. */
#define WATCH_LOOK_EVERY 5
/* Samples in which the latest one of a group is looked for: large groups are not read in each, nor
 * one whose side rests. */
#define WATCH_LATEST 8
/* Groups at most. */
#define WATCH_GROUPS 32

/* A group of processes to be watched. Texts are borrowed for the watch's life. */
struct watch_process {
    const char *name; /* of the source in the report */
    struct group_key key;
    int side;       /* of a paired run: 0 the candidate, 1 the base, -1 both */
    bool is_target; /* its CPU and memory are those of the policy's limits */
};

struct watch_setup {
    bool machine;
    size_t sides; /* 1, or 2 of a paired run */
    size_t n_processes;
    const struct watch_process *processes;
    const bool *is_local; /* by side: its target is on this machine, so that the machine's figures
                             say something of it */
};

/* The time that a sample is of, since the one before: in all, and measured of each arm. */
struct watch_time {
    double wall_s, active_s[2];
};

struct watch;

/* Finds the processes. The tree is borrowed for the watch's life. */
struct watch *watch_new(struct tree *tree, const struct watch_setup *setup);

/* Where the first sample begins; what there was before is forgotten. */
void watch_begin(struct watch *watch);

void watch_sample(struct watch *watch, const struct watch_time *time);

/* What was seen of a side, in the arena; NULL where that is nothing. */
struct report_resources *watch_report(const struct watch *watch, size_t side, struct arena *arena);

/* The same of the last sample alone: averages are its figures. What had no time in the newest
 * samples is without series. */
struct report_resources *watch_latest(const struct watch *watch, size_t side, struct arena *arena);

/* Adds sentences for people about processes that went away or were not found. */
void watch_notes(const struct watch *watch, size_t side, struct arena *arena, const char ***notes,
                 size_t *n);

void watch_free(struct watch *watch);

#endif
