#include "monitor/group.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* Threads of a group that are asked for their context switches; of more the number is unknown. */
#define MOST_THREADS 64
/* Descriptors that are counted one by one, on kernels that do not tell their number. */
#define MOST_DESCRIPTORS 4096

void group_list_all(struct tree *tree, struct process_list *out)
{
    DIR *directory = opendir(tree->proc);
    const struct dirent *entry;
    out->n = 0;
    while (directory && (entry = readdir(directory))) {
        struct process process;
        int64_t pid;
        if (tree_number(entry->d_name, &pid) &&
            process_parse_stat(tree_read(tree, "%s/stat", entry->d_name), &process) == 0)
            process_list_add(out, &process);
    }
    if (directory)
        closedir(directory);
    process_list_sort(out);
}

/* ---- finding ---- */

static bool has_socket(struct tree *tree, int64_t pid, const struct listeners *listeners)
{
    DIR *directory = opendir(tree_proc_path(tree, "%lld/fd", (long long)pid));
    const struct dirent *entry;
    bool found = false;
    while (directory && !found && (entry = readdir(directory))) {
        char link[64];
        ssize_t len = readlinkat(dirfd(directory), entry->d_name, link, sizeof link - 1);
        if (len <= 0)
            continue;
        link[len] = 0;
        found = listeners_have(listeners, link);
    }
    if (directory)
        closedir(directory);
    return found;
}

static void find_listeners(struct tree *tree, const struct listen_place *place,
                           struct listeners *out)
{
    *out = (struct listeners){0};
    listeners_parse_tcp(tree_read(tree, "net/tcp"), false, place, out);
    listeners_parse_tcp(tree_read(tree, "net/tcp6"), true, place, out);
    listeners_parse_unix(tree_read(tree, "net/unix"), place, out);
}

/* By the name that the kernel has, which is cut at 15 bytes, or the last part of the first
 * argument. */
static bool has_name(struct tree *tree, const struct process *process, const char *name)
{
    if (strcmp(process->name, name) == 0)
        return true;
    const char *program = tree_read(tree, "%lld/cmdline", (long long)process->pid);
    const char *slash = strrchr(program, '/');
    return strcmp(slash ? slash + 1 : program, name) == 0;
}

static bool is_meant(struct tree *tree, const struct group_key *key,
                     const struct listeners *listeners, const struct process *process)
{
    switch (key->by) {
    case GROUP_BY_PLACE:
        return listeners->n && has_socket(tree, process->pid, listeners);
    case GROUP_BY_NAME:
        return has_name(tree, process, key->name);
    case GROUP_BY_PID:
        return process->pid == key->pid;
    }
    return false;
}

static void add_member(struct group *group, const struct process *process, bool root)
{
    group->members = mem_grow(group->members, group->n, &group->capacity, sizeof *group->members);
    group->members[group->n++] = (struct group_member){process->pid, process->started, root};
}

static void fill(const struct process_list *all, const bool *roots, struct group *group)
{
    bool *marked = mem_array(all->n + 1, sizeof *marked);
    if (all->n)
        memcpy(marked, roots, all->n * sizeof *marked);
    process_mark_children(all, marked);
    group->n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (marked[i] && !all->items[i].dead)
            add_member(group, &all->items[i], roots[i]);
    free(marked);
}

void group_find(struct tree *tree, const struct group_key *key, const struct process_list *all,
                struct group *group)
{
    bool *roots = mem_array(all->n + 1, sizeof *roots);
    struct listeners listeners = {0};
    if (key->by == GROUP_BY_PLACE)
        find_listeners(tree, &key->place, &listeners);
    for (size_t i = 0; i < all->n; i++)
        roots[i] = is_meant(tree, key, &listeners, &all->items[i]);
    fill(all, roots, group);
    free(roots);
}

void group_refresh(const struct process_list *all, struct group *group)
{
    bool *roots = mem_array(all->n + 1, sizeof *roots);
    for (size_t i = 0; i < group->n; i++) {
        const struct group_member *member = &group->members[i];
        const struct process *now = process_list_find(all, member->pid);
        if (member->root && now && now->started == member->started && !now->dead)
            roots[now - all->items] = true;
    }
    fill(all, roots, group);
    free(roots);
}

/* ---- reading ---- */

static double count_descriptors(struct tree *tree, int64_t pid)
{
    const char *path = tree_proc_path(tree, "%lld/fd", (long long)pid);
    struct stat info;
    if (tree->counts_descriptors)
        return stat(path, &info) == 0 ? (double)info.st_size : (double)NAN;
    DIR *directory = opendir(path);
    double n = directory ? 0 : (double)NAN;
    const struct dirent *entry;
    while (directory && n <= MOST_DESCRIPTORS && (entry = readdir(directory)))
        n += *entry->d_name != '.';
    if (directory)
        closedir(directory);
    return n <= MOST_DESCRIPTORS ? n : (double)NAN;
}

static double count_switches(struct tree *tree, int64_t pid)
{
    DIR *directory = opendir(tree_proc_path(tree, "%lld/task", (long long)pid));
    double sum = directory ? 0 : (double)NAN;
    const struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        int64_t thread;
        if (tree_number(entry->d_name, &thread))
            sum += process_parse_switches(
                tree_read(tree, "%lld/task/%lld/status", (long long)pid, (long long)thread));
    }
    if (directory)
        closedir(directory);
    return sum;
}

/* Pages that processes share count once: those of the one that shares most. */
struct pages {
    double own, shared;
};

/* False where the process is gone. */
static bool read_member(struct tree *tree, const struct group_member *member,
                        struct group_reading *out, struct pages *pages)
{
    struct process process;
    double resident, shared;
    long long pid = member->pid;
    if (process_parse_stat(tree_read(tree, "%lld/stat", pid), &process) < 0 ||
        process.started != member->started || process.dead)
        return false;
    out->n++;
    out->cpu_ticks += process.cpu_ticks;
    out->threads += process.threads;
    if (process_parse_statm(tree_read(tree, "%lld/statm", pid), &resident, &shared)) {
        pages->own += resident - shared;
        pages->shared = fmax(pages->shared, shared);
    }
    out->descriptors += count_descriptors(tree, member->pid);
    out->switches += out->threads <= MOST_THREADS ? count_switches(tree, member->pid) : (double)NAN;
    return true;
}

void group_read(struct tree *tree, struct group *group, struct group_reading *out)
{
    struct pages pages = {0};
    size_t left = 0;
    *out = (struct group_reading){0};
    for (size_t i = 0; i < group->n; i++)
        if (read_member(tree, &group->members[i], out, &pages))
            group->members[left++] = group->members[i];
    group->n = left;
    out->memory_kb = (pages.own + pages.shared) * tree->page_kb;
}

bool group_meets(const struct group *a, const struct group *b)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (a->members[i].pid == b->members[k].pid)
                return true;
    return false;
}

void group_release(struct group *group)
{
    free(group->members);
    *group = (struct group){0};
}
