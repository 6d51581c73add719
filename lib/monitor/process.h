/*
 * What the kernel says of processes: pure parsers of the texts below /proc/PID, and which processes
 * belong together. proc(5) has the formats.
 */
#ifndef PERFGATE_MONITOR_PROCESS_H
#define PERFGATE_MONITOR_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a command's name, with the NUL. */
#define PROCESS_NAME 64

/* One of all processes. */
struct process {
    int64_t pid, parent;
    uint64_t started; /* ticks since the machine started: with the pid, who it is */
    char name[PROCESS_NAME];
    double cpu_ticks; /* its own and that of children that it has waited for */
    double threads;
    bool dead; /* a zombie: it has a pid, and does nothing any more */
};

/* /proc/PID/stat. -1 where the text is none. */
int process_parse_stat(const char *text, struct process *out) __attribute__((warn_unused_result));

/* /proc/PID/statm, in pages; false where the text is none. */
bool process_parse_statm(const char *text, double *resident, double *shared);

/* /proc/PID/task/TID/status: both kinds of context switches together; NAN where they are not
 * there. */
double process_parse_switches(const char *text);

/* /proc/PID/status: on how many cores it may run; 0 where it does not say. */
int64_t process_parse_cores(const char *text);

/* Processes in the order of their pids. */
struct process_list {
    size_t n, capacity;
    struct process *items;
};

void process_list_release(struct process_list *list);
void process_list_add(struct process_list *list, const struct process *process);
void process_list_sort(struct process_list *list);
const struct process *process_list_find(const struct process_list *list, int64_t pid);

/* Marks, besides those that are marked, all that descend from one of them. `marked` has an element
 * for each process of the list. */
void process_mark_children(const struct process_list *list, bool *marked);

#endif
