#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"

void world_open(struct world *world)
{
    *world = (struct world){.root = "/tmp/world-XXXXXX"};
    assert_non_null(mkdtemp(world->root));
    snprintf(world->proc, sizeof world->proc, "%s/proc", world->root);
    snprintf(world->cgroup, sizeof world->cgroup, "%s/cgroup", world->root);
    tree_init(&world->tree, world->proc, world->cgroup);
    world->tree.ticks_per_s = 100;
    world->tree.page_kb = 4;
}

void world_remove(const struct world *world, const char *path)
{
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s/%s'", world->root, path);
    assert_int_equal(system(command), 0);
}

void world_close(struct world *world)
{
    tree_release(&world->tree);
    world_remove(world, "");
}

static void make_directories(const char *path)
{
    struct err err = {0};
    char above[256];
    snprintf(above, sizeof above, "%.*s", (int)(strrchr(path, '/') - path), path);
    if (fs_make_dirs(above, &err) < 0)
        fail_msg("%s", err.text);
}

void world_write(const struct world *world, const char *path, const char *format, ...)
{
    char whole[256], text[4096];
    struct err err = {0};
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(whole, sizeof whole, "%s/%s", world->root, path);
    make_directories(whole);
    if (fs_write(whole, text, strlen(text), &err) < 0)
        fail_msg("%s", err.text);
}

void world_process(const struct world *world, int64_t pid, int64_t parent, const char *name,
                   int64_t ticks)
{
    char path[64];
    long long number = pid;
    snprintf(path, sizeof path, "proc/%lld/stat", number);
    world_write(world, path, "%lld (%s) S %lld 1 1 0 -1 0 0 0 0 0 %lld 0 0 0 20 0 1 0 %lld 1 120\n",
                number, name, (long long)parent, (long long)ticks, 1000 + number);
    snprintf(path, sizeof path, "proc/%lld/statm", number);
    world_write(world, path, "500 120 20 1 0 90 0\n");
    snprintf(path, sizeof path, "proc/%lld/fd/0", number);
    world_write(world, path, "x");
    snprintf(path, sizeof path, "proc/%lld/task/%lld/status", number, number);
    world_write(world, path, "voluntary_ctxt_switches:\t%lld\nnonvoluntary_ctxt_switches:\t0\n",
                (long long)ticks);
}

void world_socket(const struct world *world, int64_t pid, int number, int64_t inode)
{
    char path[256], target[64];
    snprintf(path, sizeof path, "%s/proc/%lld/fd/%d", world->root, (long long)pid, number);
    snprintf(target, sizeof target, "socket:[%lld]", (long long)inode);
    make_directories(path);
    assert_int_equal(symlink(target, path), 0);
}
