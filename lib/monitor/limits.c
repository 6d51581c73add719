#include "monitor/limits.h"

#include <math.h>
#include <string.h>

#include "monitor/process.h"
#include "monitor/words.h"

/* Version 1 writes "no limit" as the largest number of pages, in bytes. */
#define NO_LIMIT 0x1p60
/* Of a group's path. */
#define MOST_PATH  400
#define MOST_DEPTH 32

/* A list of controllers, as in "cpu,cpuacct", that has one. */
static bool names(struct span controllers, const char *name)
{
    struct words left = {.at = controllers.at, .end = controllers.at + controllers.len};
    for (;;) {
        struct span one = words_until(&left, ',');
        if (!one.len)
            return words_is(words_next(&left), name);
        if (words_is(one, name))
            return true;
    }
}

/* ID:CONTROLLERS:PATH; of version 2 there are no controllers. */
void limits_parse_groups(const char *text, struct limits_groups *out)
{
    struct words line;
    *out = (struct limits_groups){0};
    while (words_line(&text, &line)) {
        struct span id = words_until(&line, ':');
        struct span controllers = words_until(&line, ':');
        struct span path = {.at = line.at, .len = (size_t)(line.end - line.at)};
        if (!id.len || !path.len || *path.at != '/' || path.len > MOST_PATH)
            continue;
        if (words_is(id, "0") && !controllers.len)
            out->unified = path;
        else if (names(controllers, "cpu"))
            out->cpu = path;
        else if (names(controllers, "memory"))
            out->memory = path;
    }
}

static double first_number(const char *text)
{
    struct words line;
    double value;
    return words_line(&text, &line) && words_numbers(&line, &value, 1) ? value : (double)NAN;
}

double limits_parse_cpu_max(const char *text)
{
    struct words line;
    double numbers[2];
    if (!words_line(&text, &line) || words_numbers(&line, numbers, 2) < 2 || !(numbers[1] > 0))
        return (double)INFINITY;
    return numbers[0] / numbers[1];
}

double limits_parse_memory(const char *text)
{
    double bytes = first_number(text);
    return bytes > 0 && bytes < NO_LIMIT ? bytes / 1024 : (double)INFINITY;
}

double limits_parse_quota(const char *quota, const char *period)
{
    double us = first_number(quota), of_us = first_number(period);
    return us > 0 && of_us > 0 ? us / of_us : (double)INFINITY;
}

/* ---- reading ---- */

/* Numbers of 19 digits are "no limit" as well: they are no numbers here. */
static double unified_cores(struct tree *tree, const char *path)
{
    double at_root = limits_parse_cpu_max(tree_read_cgroup(tree, "%s/cpu.max", path));
    return fmin(at_root, limits_parse_cpu_max(tree_read_cgroup(tree, "unified%s/cpu.max", path)));
}

static double unified_memory(struct tree *tree, const char *path)
{
    double at_root = limits_parse_memory(tree_read_cgroup(tree, "%s/memory.max", path));
    return fmin(at_root, limits_parse_memory(tree_read_cgroup(tree, "unified%s/memory.max", path)));
}

static double old_cores(struct tree *tree, const char *path)
{
    char quota[64];
    strncpy(quota, tree_read_cgroup(tree, "cpu%s/cpu.cfs_quota_us", path), sizeof quota - 1);
    quota[sizeof quota - 1] = 0;
    return limits_parse_quota(quota, tree_read_cgroup(tree, "cpu%s/cpu.cfs_period_us", path));
}

static double old_memory(struct tree *tree, const char *path)
{
    return limits_parse_memory(tree_read_cgroup(tree, "memory%s/memory.limit_in_bytes", path));
}

/* The least over a group and all above it. A path that leaves the tree ("/../x", of a process in
 * another namespace) is not followed. */
static double least(struct tree *tree, struct span group,
                    double (*read)(struct tree *tree, const char *path))
{
    char path[MOST_PATH + 1];
    double limit = (double)INFINITY;
    if (!group.len)
        return limit;
    memcpy(path, group.at, group.len);
    path[group.len] = 0;
    if (strstr(path, ".."))
        *path = 0;
    for (size_t depth = 0; depth < MOST_DEPTH; depth++) {
        char *slash = strrchr(path, '/');
        if (slash && !slash[1]) /* the root is "" */
            *slash = 0;
        limit = fmin(limit, read(tree, path));
        slash = strrchr(path, '/');
        if (!slash)
            break;
        *slash = 0;
    }
    return limit;
}

struct limits limits_read(struct tree *tree, int64_t pid, const struct limits *machine)
{
    struct limits limits = *machine;
    struct limits_groups groups;
    struct buf text = {0};
    int64_t allowed = process_parse_cores(tree_read(tree, "%lld/status", (long long)pid));
    if (allowed > 0)
        limits.cores = fmin(limits.cores, (double)allowed);
    buf_add_str(&text, tree_read(tree, "%lld/cgroup", (long long)pid));
    limits_parse_groups(buf_text(&text), &groups);
    limits.cores = fmin(limits.cores, fmin(least(tree, groups.unified, unified_cores),
                                           least(tree, groups.cpu, old_cores)));
    limits.memory_kb = fmin(limits.memory_kb, fmin(least(tree, groups.unified, unified_memory),
                                                   least(tree, groups.memory, old_memory)));
    buf_release(&text);
    return limits;
}
