/* What is watched, in a world that is made up. */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/watch.h"
#include "world.h"

static const bool here[] = {true, true};
static const struct watch_time second = {1, {1, 0}};

static struct watch_process target_at(uint16_t port, int side)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct watch_process process = {
        .name = "target", .key.by = GROUP_BY_PLACE, .side = side, .is_target = true};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(&process.key.place.address, &in, sizeof in);
    return process;
}

static void write_machine(const struct world *world, int busy, int idle, int forks)
{
    world_write(world, "proc/stat",
                "cpu %d 0 0 %d 0 0 0 0\ncpu0 %d 0 0 %d 0 0 0 0\ncpu1 0 0 0 %d 0 0 0 0\n"
                "processes %d\n",
                busy, idle, busy, idle / 2, idle / 2, forks);
    world_write(world, "proc/meminfo", "MemTotal: 8192 kB\nMemAvailable: 6144 kB\n");
}

/* A server of port 8080 with a worker, and another program. */
static void furnish(struct world *world)
{
    world_open(world);
    write_machine(world, 100, 100, 1);
    world_write(world, "proc/net/tcp",
                " 0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 4242 1 0\n"
                " 1: 0100007F:1F91 00000000:0000 0A 0:0 0:0 0 0 0 4343 1 0\n");
    world_process(world, 20, 1, "server", 1000);
    world_socket(world, 20, 3, 4242);
    world_process(world, 21, 20, "worker", 500);
    world_process(world, 30, 1, "other", 9);
}

static const struct resource_source *source_of(const struct report_resources *resources,
                                               const char *name)
{
    const struct resource_source *source = resource_source_find(resources, name);
    assert_non_null(source);
    return source;
}

static const struct resource_series *series_of(const struct report_resources *resources,
                                               const char *source, const char *name)
{
    const struct resource_series *series = resource_series_find(source_of(resources, source), name);
    if (!series)
        fail_msg("no series '%s'", name);
    return series;
}

static void test_watch__a_target_is_found_by_its_port_with_its_children(void **state)
{
    (void)state;
    struct world world;
    struct arena arena = {0};
    furnish(&world);
    const struct watch_process processes[] = {target_at(8080, 0)};
    const struct watch_setup setup = {
        .machine = true, .sides = 1, .n_processes = 1, .processes = processes, .is_local = here};
    struct watch *watch = watch_new(&world.tree, &setup);
    assert_null(watch_report(watch, 0, &arena)); /* nothing was sampled */
    watch_begin(watch);
    world_process(&world, 20, 1, "server", 1040);
    world_process(&world, 21, 20, "worker", 520);
    write_machine(&world, 150, 150, 1);
    watch_sample(watch, &second);
    world_process(&world, 20, 1, "server", 1140);
    watch_sample(watch, &second);
    const struct report_resources *resources = watch_report(watch, 0, &arena);
    const struct resource_series *cpu = series_of(resources, "target", "cpu");
    assert_int_equal(cpu->n_values, 2);
    assert_float_equal(cpu->values[0], 0.3, 1e-6); /* 60 ticks of two cores */
    assert_float_equal(cpu->values[1], 0.5, 1e-6);
    assert_float_equal(resources->cpu_usage, 0.4, 1e-6);
    /* 100 pages of each, and 20 that they share. */
    assert_float_equal(series_of(resources, "target", "memory")->maximum, (880 / 1024.0), 1e-3);
    assert_float_equal(resources->memory_usage, (880 / 8192.0), 1e-4);
    assert_float_equal(series_of(resources, "target", "threads")->maximum, 2, 0);
    assert_float_equal(series_of(resources, "target", "descriptors")->maximum, 3, 0);
    assert_float_equal(series_of(resources, "target", "context_switches")->values[0], 60, 1e-6);
    assert_float_equal(series_of(resources, "machine", "cpu")->values[0], 0.5, 1e-6);
    assert_float_equal(series_of(resources, "machine", "cpu1")->values[0], 0, 0);
    assert_int_equal(source_of(resources, "target")->processes, 2);
    assert_false(resources->of_machine);
    assert_null(resource_series_find(source_of(resources, "machine"), "swap"));
    watch_free(watch);
    arena_release(&arena);
    world_close(&world);
}

static void test_watch__an_end_and_a_new_start_are_marked(void **state)
{
    (void)state;
    struct world world;
    struct arena arena = {0};
    const char **notes = NULL;
    size_t n_notes = 0;
    furnish(&world);
    const struct watch_process processes[] = {target_at(8080, 0)};
    const struct watch_setup setup = {
        .machine = true, .sides = 1, .n_processes = 1, .processes = processes, .is_local = here};
    struct watch *watch = watch_new(&world.tree, &setup);
    watch_begin(watch);
    watch_sample(watch, &second);
    world_remove(&world, "proc/20");
    world_remove(&world, "proc/21");
    watch_sample(watch, &second);
    const struct report_resources *resources = watch_report(watch, 0, &arena);
    assert_true(source_of(resources, "target")->gone);
    assert_true(isnan(series_of(resources, "target", "memory")->values[1]));
    watch_notes(watch, 0, &arena, &notes, &n_notes);
    assert_int_equal(n_notes, 1);
    assert_string_equal(notes[0], "monitoring: 'target' was gone when the run ended");
    world_process(&world, 40, 1, "server", 7000);
    world_socket(&world, 40, 3, 4242);
    for (size_t i = 0; i < WATCH_LOOK_EVERY; i++)
        watch_sample(watch, &second);
    world_process(&world, 40, 1, "server", 7100);
    watch_sample(watch, &second);
    resources = watch_report(watch, 0, &arena);
    assert_false(source_of(resources, "target")->gone);
    assert_int_equal(source_of(resources, "target")->restarts, 1);
    const struct resource_series *cpu = series_of(resources, "target", "cpu");
    assert_float_equal(cpu->values[cpu->n_values - 1], 0.5, 1e-6);
    assert_float_equal(cpu->maximum, 0.5, 1e-6); /* what it used before we knew it is not counted */
    n_notes = 0;
    watch_notes(watch, 0, &arena, &notes, &n_notes);
    assert_int_equal(n_notes, 1);
    assert_string_equal(notes[0], "monitoring: 'target' was started anew during the run");
    watch_free(watch);
    arena_release(&arena);
    world_close(&world);
}

/* What the new one used before is not what the old one's children used since. */
static void test_watch__a_new_start_beside_an_orphan(void **state)
{
    (void)state;
    struct world world;
    struct arena arena = {0};
    furnish(&world);
    const struct watch_process processes[] = {target_at(8080, 0)};
    const struct watch_setup setup = {
        .sides = 1, .n_processes = 1, .processes = processes, .is_local = here};
    struct watch *watch = watch_new(&world.tree, &setup);
    watch_begin(watch);
    world_remove(&world, "proc/20");
    world_process(&world, 21, 1, "worker", 500);
    world_process(&world, 40, 1, "server", 7000);
    world_socket(&world, 40, 3, 4242);
    write_machine(&world, 100, 100, 2);
    for (size_t i = 0; i <= WATCH_LOOK_EVERY; i++)
        watch_sample(watch, &second);
    const struct report_resources *resources = watch_report(watch, 0, &arena);
    const struct resource_series *cpu = series_of(resources, "target", "cpu");
    assert_true(isnan(cpu->values[WATCH_LOOK_EVERY]));
    assert_float_equal(series_of(resources, "target", "threads")->values[WATCH_LOOK_EVERY], 1, 0);
    assert_int_equal(source_of(resources, "target")->restarts, 1);
    watch_free(watch);
    arena_release(&arena);
    world_close(&world);
}

/* Its parent has waited for it and has its time. */
static void test_watch__the_end_of_a_child_loses_nothing(void **state)
{
    (void)state;
    struct world world;
    struct arena arena = {0};
    furnish(&world);
    const struct watch_process processes[] = {target_at(8080, 0)};
    const struct watch_setup setup = {
        .sides = 1, .n_processes = 1, .processes = processes, .is_local = here};
    struct watch *watch = watch_new(&world.tree, &setup);
    watch_begin(watch);
    world_remove(&world, "proc/21");
    world_process(&world, 20, 1, "server", 1000 + 500 + 20);
    watch_sample(watch, &second);
    const struct report_resources *resources = watch_report(watch, 0, &arena);
    assert_float_equal(series_of(resources, "target", "cpu")->values[0], 0.1, 1e-6);
    assert_null(resource_source_find(resources, "machine"));
    watch_free(watch);
    arena_release(&arena);
    world_close(&world);
}

/* New children are looked for where processes were made. */
static void test_watch__new_children_are_found(void **state)
{
    (void)state;
    struct world world;
    struct arena arena = {0};
    furnish(&world);
    const struct watch_process processes[] = {target_at(8080, 0)};
    const struct watch_setup setup = {
        .sides = 1, .n_processes = 1, .processes = processes, .is_local = here};
    struct watch *watch = watch_new(&world.tree, &setup);
    watch_begin(watch);
    world_process(&world, 22, 21, "grandchild", 10);
    for (size_t i = 0; i < 2 * WATCH_LOOK_EVERY; i++) {
        if (i == WATCH_LOOK_EVERY)
            write_machine(&world, 100, 100, 2);
        watch_sample(watch, &second);
    }
    watch_sample(watch, &second);
    const struct report_resources *resources = watch_report(watch, 0, &arena);
    const struct resource_series *threads = series_of(resources, "target", "threads");
    assert_float_equal(threads->values[2 * WATCH_LOOK_EVERY - 1], 2, 0);
    assert_float_equal(threads->values[2 * WATCH_LOOK_EVERY], 3, 0);
    watch_free(watch);
    arena_release(&arena);
    world_close(&world);
}

static void test_watch__sides_of_a_paired_run_have_their_own_time(void **state)
{
    (void)state;
    struct world world;
    struct arena arena = {0};
    furnish(&world);
    world_process(&world, 50, 1, "server", 0);
    world_socket(&world, 50, 3, 4343);
    const struct watch_process processes[] = {
        target_at(8080, 0),
        target_at(8081, 1),
        {.name = "db", .key = {.by = GROUP_BY_NAME, .name = "other"}, .side = -1},
        /* Both targets at once, which makes neither of them the other's. */
        {.name = "servers", .key = {.by = GROUP_BY_NAME, .name = "server"}, .side = -1}};
    const struct watch_setup setup = {
        .machine = true, .sides = 2, .n_processes = 4, .processes = processes, .is_local = here};
    struct watch *watch = watch_new(&world.tree, &setup);
    watch_begin(watch);
    world_process(&world, 20, 1, "server", 1030);
    world_process(&world, 50, 1, "server", 70);
    world_process(&world, 30, 1, "other", 109);
    watch_sample(watch, &(struct watch_time){1, {0.3, 0.7}});
    /* Hardly any time of the candidate: what it did is for the next sample. */
    world_process(&world, 20, 1, "server", 1034);
    watch_sample(watch, &(struct watch_time){1, {0.02, 0.98}});
    world_process(&world, 20, 1, "server", 1060);
    watch_sample(watch, &(struct watch_time){1, {0.28, 0.72}});
    const struct report_resources *candidate = watch_report(watch, 0, &arena);
    const struct report_resources *base = watch_report(watch, 1, &arena);
    const struct resource_series *cpu = series_of(candidate, "target", "cpu");
    assert_float_equal(cpu->values[0], (0.3 / 0.6), 1e-6);
    assert_true(isnan(cpu->values[1]));
    assert_float_equal(cpu->values[2], (0.3 / 0.6), 1e-6);
    assert_float_equal(candidate->cpu_usage, 0.5, 1e-6);
    assert_float_equal(series_of(base, "target", "cpu")->values[0], (0.7 / 1.4), 1e-6);
    assert_false(source_of(base, "target")->shared);
    assert_false(source_of(candidate, "target")->shared);
    assert_true(source_of(base, "servers")->shared);
    assert_true(source_of(base, "machine")->shared);
    assert_true(source_of(base, "db")->shared);
    assert_float_equal(series_of(base, "db", "cpu")->values[0], 0.5, 1e-6);
    assert_float_equal(series_of(candidate, "db", "cpu")->values[0], 0.5, 1e-6);
    watch_free(watch);
    arena_release(&arena);
    world_close(&world);
}

static void test_watch__a_target_of_both_sides_is_shared(void **state)
{
    (void)state;
    struct world world;
    struct arena arena = {0};
    furnish(&world);
    const struct watch_process processes[] = {target_at(8080, 0), target_at(8080, 1)};
    const struct watch_setup setup = {
        .sides = 2, .n_processes = 2, .processes = processes, .is_local = here};
    struct watch *watch = watch_new(&world.tree, &setup);
    watch_begin(watch);
    world_process(&world, 20, 1, "server", 1100);
    watch_sample(watch, &(struct watch_time){1, {0.5, 0.5}});
    for (size_t side = 0; side < 2; side++) {
        const struct report_resources *resources = watch_report(watch, side, &arena);
        assert_true(source_of(resources, "target")->shared);
        assert_float_equal(resources->cpu_usage, 0.5, 1e-6);
    }
    watch_free(watch);
    arena_release(&arena);
    world_close(&world);
}

static void test_watch__the_machine_stands_in_where_the_target_is_on_it(void **state)
{
    (void)state;
    static const bool elsewhere[] = {false};
    const bool *const places[] = {here, elsewhere};
    for (size_t i = 0; i < 2; i++) {
        struct world world;
        struct arena arena = {0};
        const char **notes = NULL;
        size_t n_notes = 0;
        furnish(&world);
        world_remove(&world, "proc/20/fd"); /* as of another user */
        const struct watch_process processes[] = {
            target_at(8080, 0),
            {.name = "cache", .key = {.by = GROUP_BY_PID, .pid = 99}, .side = -1}};
        const struct watch_setup setup = {.machine = true,
                                          .sides = 1,
                                          .n_processes = 2,
                                          .processes = processes,
                                          .is_local = places[i]};
        struct watch *watch = watch_new(&world.tree, &setup);
        watch_begin(watch);
        write_machine(&world, 150, 150, 1);
        watch_sample(watch, &second);
        const struct report_resources *resources = watch_report(watch, 0, &arena);
        assert_null(resource_source_find(resources, "target"));
        assert_int_equal(resources->of_machine, i == 0);
        assert_int_equal(isnan(resources->cpu_usage), i == 1);
        if (i == 0) {
            assert_float_equal(resources->cpu_usage, 0.5, 1e-6);
            assert_float_equal(resources->memory_usage, 0.25, 1e-6);
        }
        watch_notes(watch, 0, &arena, &notes, &n_notes);
        assert_int_equal(n_notes, 1);
        assert_non_null(strstr(notes[0], "no process of 'cache'"));
        watch_free(watch);
        arena_release(&arena);
        world_close(&world);
    }
}

/* A limit holds for all groups below it, in both versions. */
static void test_watch__control_groups_limit_what_may_be_used(void **state)
{
    (void)state;
    static const struct {
        const char *groups, *cpu_path, *cpu, *memory_path;
    } versions[] = {
        {"0::/app/web\n", "cgroup/app/cpu.max", "50000 100000\n", "cgroup/app/memory.max"},
        {"0::/app/web\n", "cgroup/unified/app/web/cpu.max", "50000 100000\n",
         "cgroup/unified/app/memory.max"},
        {"0::/\n", "cgroup/cpu.max", "50000 100000\n", "cgroup/memory.max"},
        {"3:cpu,cpuacct:/app\n2:memory:/app/web\n0::/\n", "cgroup/cpu/app/cpu.cfs_quota_us",
         "50000\n", "cgroup/memory/app/memory.limit_in_bytes"},
    };
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        struct world world;
        const struct limits machine = {.cores = 2, .memory_kb = 8192};
        world_open(&world);
        world_write(&world, "proc/20/status", "Cpus_allowed:\tf\n");
        world_write(&world, "proc/20/cgroup", "%s", versions[i].groups);
        world_write(&world, versions[i].cpu_path, "%s", versions[i].cpu);
        world_write(&world, versions[i].memory_path, "2097152\n");
        world_write(&world, "cgroup/cpu/app/cpu.cfs_period_us", "100000\n");
        struct limits limits = limits_read(&world.tree, 20, &machine);
        assert_float_equal(limits.cores, 0.5, 1e-9);
        assert_float_equal(limits.memory_kb, 2048, 1e-9);
        world_write(&world, versions[i].cpu_path, i == 3 ? "-1\n" : "max 100000\n");
        world_write(&world, versions[i].memory_path, i == 3 ? "9223372036854771712\n" : "max\n");
        world_write(&world, "proc/20/status", "Cpus_allowed:\t1\n");
        limits = limits_read(&world.tree, 20, &machine);
        assert_float_equal(limits.cores, 1, 0);
        assert_float_equal(limits.memory_kb, 8192, 0);
        world_close(&world);
    }
}

static void test_watch__a_path_out_of_the_tree_is_not_followed(void **state)
{
    (void)state;
    struct world world;
    const struct limits machine = {.cores = 2, .memory_kb = 8192};
    world_open(&world);
    world_write(&world, "proc/20/cgroup", "0::/../other\n");
    world_write(&world, "other/cpu.max", "1 100000\n");
    world_write(&world, "cgroup/x", "x");
    struct limits limits = limits_read(&world.tree, 20, &machine);
    assert_float_equal(limits.cores, 2, 0);
    world_close(&world);
}

/* A group that is larger than can be read in passing is read less often. */
static void test_watch__large_groups_are_read_less_often(void **state)
{
    (void)state;
    struct world world;
    struct arena arena = {0};
    furnish(&world);
    for (int64_t pid = 100; pid < 100 + WATCH_MEMBERS; pid++)
        world_process(&world, pid, 20, "worker", 0);
    const struct watch_process processes[] = {target_at(8080, 0)};
    const struct watch_setup setup = {
        .sides = 1, .n_processes = 1, .processes = processes, .is_local = here};
    struct watch *watch = watch_new(&world.tree, &setup);
    watch_begin(watch);
    watch_sample(watch, &second);
    world_process(&world, 20, 1, "server", 1200);
    watch_sample(watch, &second);
    const struct report_resources *resources = watch_report(watch, 0, &arena);
    const struct resource_series *cpu = series_of(resources, "target", "cpu");
    assert_true(isnan(cpu->values[0]));
    assert_float_equal(cpu->values[1], 0.5, 1e-6); /* 200 ticks in two seconds */
    assert_float_equal(resources->cpu_usage, 0.5, 1e-6);
    watch_free(watch);
    arena_release(&arena);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_watch__a_target_is_found_by_its_port_with_its_children),
        cmocka_unit_test(test_watch__an_end_and_a_new_start_are_marked),
        cmocka_unit_test(test_watch__a_new_start_beside_an_orphan),
        cmocka_unit_test(test_watch__the_end_of_a_child_loses_nothing),
        cmocka_unit_test(test_watch__new_children_are_found),
        cmocka_unit_test(test_watch__sides_of_a_paired_run_have_their_own_time),
        cmocka_unit_test(test_watch__a_target_of_both_sides_is_shared),
        cmocka_unit_test(test_watch__the_machine_stands_in_where_the_target_is_on_it),
        cmocka_unit_test(test_watch__control_groups_limit_what_may_be_used),
        cmocka_unit_test(test_watch__a_path_out_of_the_tree_is_not_followed),
        cmocka_unit_test(test_watch__large_groups_are_read_less_often),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
