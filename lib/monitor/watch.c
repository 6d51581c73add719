#include "monitor/watch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "monitor/readings.h"

/* A paired run's sample in which a side had less time than this says nothing of it: what it did is
 * counted in the next one. */
#define LEAST_ACTIVE_S 0.05

struct info {
    const char *name;
    int unit;
};

/* In the order of enum machine_series; resource_title() and perfgate-report(5) know them too. */
static const struct info machine_infos[MACHINE_SERIES] = {
    [MACHINE_CPU] = {"cpu", RESOURCE_RATIO},
    [MACHINE_CPU_BUSIEST] = {"cpu_busiest", RESOURCE_RATIO},
    [MACHINE_STEAL] = {"steal", RESOURCE_RATIO},
    [MACHINE_IOWAIT] = {"iowait", RESOURCE_RATIO},
    [MACHINE_MEMORY_USED] = {"memory_used", RESOURCE_MB},
    [MACHINE_MEMORY_AVAILABLE] = {"memory_available", RESOURCE_MB},
    [MACHINE_SWAP] = {"swap", RESOURCE_MB},
    [MACHINE_DISK_READ] = {"disk_read", RESOURCE_MB_PER_S},
    [MACHINE_DISK_WRITTEN] = {"disk_written", RESOURCE_MB_PER_S},
    [MACHINE_DISK_OPERATIONS] = {"disk_operations", RESOURCE_PER_S},
    [MACHINE_DISK_WAIT] = {"disk_wait", RESOURCE_MS},
    [MACHINE_NET_RECEIVED] = {"net_received", RESOURCE_MB_PER_S},
    [MACHINE_NET_SENT] = {"net_sent", RESOURCE_MB_PER_S},
    [MACHINE_NET_LOOPBACK] = {"net_loopback", RESOURCE_MB_PER_S},
    [MACHINE_NET_ERRORS] = {"net_errors", RESOURCE_PER_S},
    [MACHINE_RETRANSMITS] = {"retransmits", RESOURCE_PER_S},
    [MACHINE_PRESSURE_CPU] = {"pressure_cpu", RESOURCE_RATIO},
    [MACHINE_PRESSURE_MEMORY] = {"pressure_memory", RESOURCE_RATIO},
    [MACHINE_PRESSURE_IO] = {"pressure_io", RESOURCE_RATIO},
};

enum process_series {
    PROCESS_CPU,
    PROCESS_MEMORY,
    PROCESS_THREADS,
    PROCESS_DESCRIPTORS,
    PROCESS_SWITCHES,
    PROCESS_SERIES
};

static const struct info process_infos[PROCESS_SERIES] = {
    [PROCESS_CPU] = {"cpu", RESOURCE_RATIO},
    [PROCESS_MEMORY] = {"memory", RESOURCE_MB},
    [PROCESS_THREADS] = {"threads", RESOURCE_COUNT},
    [PROCESS_DESCRIPTORS] = {"descriptors", RESOURCE_COUNT},
    [PROCESS_SWITCHES] = {"context_switches", RESOURCE_PER_S},
};

struct watched {
    struct watch_process spec;
    bool shared; /* both sides of a paired run use it */
    struct group group;
    struct limits limits;
    struct group_reading last;
    bool has_last;
    double active_s; /* since `last` */
    bool found;      /* it was ever there */
    bool gone;       /* it was, and is not */
    int64_t restarts, most;
    struct readings readings;
};

struct watch {
    struct tree *tree;
    bool machine;
    size_t sides;
    bool is_local[2];
    struct machine before, now;
    struct limits limits; /* the machine's */
    struct readings readings;
    size_t n_groups;
    struct watched groups[WATCH_GROUPS];
    struct process_list all;
    double forks_seen; /* of the last look at all processes */
    size_t ticks;      /* samples */
};

/* ---- reading ---- */

static void read_machine(struct tree *tree, struct machine *out)
{
    machine_blank(out);
    machine_parse_stat(tree_read(tree, "stat"), out);
    machine_parse_meminfo(tree_read(tree, "meminfo"), out);
    machine_parse_diskstats(tree_read(tree, "diskstats"), out);
    machine_parse_net_dev(tree_read(tree, "net/dev"), out);
    machine_parse_snmp(tree_read(tree, "net/snmp"), out);
    out->pressure_cpu_us = machine_parse_pressure(tree_read(tree, "pressure/cpu"));
    out->pressure_memory_us = machine_parse_pressure(tree_read(tree, "pressure/memory"));
    out->pressure_io_us = machine_parse_pressure(tree_read(tree, "pressure/io"));
}

static void set_limits(struct watch *watch, struct watched *watched)
{
    if (watched->group.n)
        watched->limits = limits_read(watch->tree, watched->group.members[0].pid, &watch->limits);
}

/* Looks for a group's processes: those that are new, or where all are gone, those that came. */
static void look(struct watch *watch, struct watched *watched)
{
    if (watched->group.n)
        group_refresh(&watch->all, &watched->group);
    if (watched->group.n)
        return;
    watched->gone = watched->found;
    watched->has_last = false;
    group_find(watch->tree, &watched->spec.key, &watch->all, &watched->group);
    if (!watched->group.n)
        return;
    watched->restarts += watched->found;
    watched->found = true;
    watched->gone = false;
    set_limits(watch, watched);
}

static void look_for_all(struct watch *watch)
{
    group_list_all(watch->tree, &watch->all);
    watch->forks_seen = watch->now.forks;
    for (size_t i = 0; i < watch->n_groups; i++)
        look(watch, &watch->groups[i]);
}

/* New children come only with new processes, and those that were gone as well. */
static bool is_look_due(const struct watch *watch)
{
    bool some_gone = false;
    for (size_t i = 0; i < watch->n_groups; i++)
        some_gone = some_gone || !watch->groups[i].group.n;
    return watch->n_groups && watch->ticks % WATCH_LOOK_EVERY == 0 &&
           (some_gone || !(watch->now.forks <= watch->forks_seen));
}

/* ---- setting up ---- */

/* A target of both sides, as where one server answers under two addresses. */
static void find_shared(struct watch *watch)
{
    for (size_t i = 0; i < watch->n_groups; i++) {
        struct watched *one = &watch->groups[i];
        one->shared = watch->sides > 1 && one->spec.side < 0;
        for (size_t k = 0; watch->sides > 1 && k < i; k++) {
            struct watched *other = &watch->groups[k];
            if (one->spec.side >= 0 && other->spec.side >= 0 &&
                one->spec.side != other->spec.side && group_meets(&one->group, &other->group))
                one->shared = other->shared = true;
        }
    }
}

struct watch *watch_new(struct tree *tree, const struct watch_setup *setup)
{
    struct watch *watch = mem_new(sizeof *watch);
    watch->tree = tree;
    watch->machine = setup->machine;
    watch->sides = setup->sides;
    for (size_t i = 0; i < setup->sides; i++)
        watch->is_local[i] = setup->is_local[i];
    for (size_t i = 0; i < setup->n_processes && i < WATCH_GROUPS; i++) {
        watch->groups[i].spec = setup->processes[i];
        watch->groups[i].readings.width = PROCESS_SERIES;
        watch->n_groups++;
    }
    read_machine(tree, &watch->now);
    watch->limits = (struct limits){.cores = (double)watch->now.n_online,
                                    .memory_kb = watch->now.memory_total_kb};
    watch->readings.width =
        MACHINE_SERIES + (watch->now.n_cores <= WATCH_CORES ? watch->now.n_cores : 0);
    look_for_all(watch);
    find_shared(watch);
    return watch;
}

void watch_free(struct watch *watch)
{
    if (!watch)
        return;
    for (size_t i = 0; i < watch->n_groups; i++) {
        group_release(&watch->groups[i].group);
        readings_release(&watch->groups[i].readings);
    }
    readings_release(&watch->readings);
    process_list_release(&watch->all);
    free(watch);
}

/* ---- samples ---- */

static void read_group(struct watch *watch, struct watched *watched, struct group_reading *out)
{
    group_read(watch->tree, &watched->group, out);
    if ((int64_t)out->n > watched->most)
        watched->most = (int64_t)out->n;
    if (watched->found && !out->n)
        watched->gone = true;
}

void watch_begin(struct watch *watch)
{
    read_machine(watch->tree, &watch->now);
    watch->before = watch->now;
    readings_reset(&watch->readings);
    look_for_all(watch);
    for (size_t i = 0; i < watch->n_groups; i++) {
        struct watched *watched = &watch->groups[i];
        readings_reset(&watched->readings);
        read_group(watch, watched, &watched->last);
        watched->has_last = watched->last.n > 0;
        watched->active_s = 0;
        watched->restarts = 0;
    }
}

static void add_row(const struct watch *watch, struct watched *watched,
                    const struct group_reading *now)
{
    double *cells = readings_add(&watched->readings, watched->active_s);
    if (watched->has_last) {
        cells[PROCESS_CPU] = machine_grown(watched->last.cpu_ticks, now->cpu_ticks) /
                             watch->tree->ticks_per_s / (watched->active_s * watched->limits.cores);
        cells[PROCESS_SWITCHES] =
            machine_grown(watched->last.switches, now->switches) / watched->active_s;
    }
    cells[PROCESS_MEMORY] = now->memory_kb / 1024;
    cells[PROCESS_THREADS] = now->threads;
    cells[PROCESS_DESCRIPTORS] = now->descriptors;
}

static void sample_group(struct watch *watch, struct watched *watched,
                         const struct watch_time *time)
{
    struct group_reading now;
    size_t period = 1 + watched->group.n / WATCH_MEMBERS;
    watched->active_s += watched->shared || watched->spec.side < 0
                             ? time->active_s[0] + time->active_s[1]
                             : time->active_s[watched->spec.side];
    if (watch->ticks % period || watched->active_s < LEAST_ACTIVE_S) {
        readings_add(&watched->readings, 0);
        return;
    }
    read_group(watch, watched, &now);
    if (now.n)
        add_row(watch, watched, &now);
    else
        readings_add(&watched->readings, 0);
    watched->last = now;
    watched->has_last = now.n > 0;
    watched->active_s = 0;
}

static void sample_machine(struct watch *watch, double seconds)
{
    double *cells = readings_add(&watch->readings, seconds);
    machine_between(&watch->before, &watch->now, seconds, cells);
    for (size_t i = 0; MACHINE_SERIES + i < watch->readings.width; i++)
        cells[MACHINE_SERIES + i] = machine_core_between(&watch->before, &watch->now, i);
    watch->before = watch->now;
}

void watch_sample(struct watch *watch, const struct watch_time *time)
{
    watch->ticks++;
    read_machine(watch->tree, &watch->now);
    sample_machine(watch, time->wall_s);
    for (size_t i = 0; i < watch->n_groups; i++)
        sample_group(watch, &watch->groups[i], time);
    if (is_look_due(watch))
        look_for_all(watch);
}

/* ---- the report ---- */

static void add_series(const struct readings *readings, size_t column, const struct info *info,
                       struct arena *arena, struct resource_source *source)
{
    struct resource_series *series = &source->series[source->n_series];
    *series = (struct resource_series){.name = info->name, .unit = info->unit};
    bool memory = source->kind == RESOURCE_PROCESS && column == PROCESS_MEMORY;
    if (readings_series(readings, column, memory, arena, series))
        source->n_series++;
}

/* All samples, or the last one. */
static struct readings choose(const struct readings *readings, bool latest)
{
    return latest ? readings_latest(readings, WATCH_LATEST) : *readings;
}

static void add_machine(const struct watch *watch, bool latest, struct arena *arena,
                        struct report_resources *out)
{
    struct readings readings = choose(&watch->readings, latest);
    struct resource_source *source = &out->sources[out->n_sources];
    *source = (struct resource_source){.name = "machine",
                                       .kind = RESOURCE_MACHINE,
                                       .shared = watch->sides > 1,
                                       .cores = watch->limits.cores,
                                       .memory_mb = floor(watch->limits.memory_kb / 1024)};
    size_t width = readings.width;
    source->series = arena_array(arena, width, sizeof *source->series);
    for (size_t i = 0; i < width; i++) {
        struct info core = {.unit = RESOURCE_RATIO};
        if (i >= MACHINE_SERIES)
            core.name = arena_printf(arena, "cpu%zu", i - MACHINE_SERIES);
        add_series(&readings, i, i < MACHINE_SERIES ? &machine_infos[i] : &core, arena, source);
    }
    out->n_sources += source->n_series > 0;
}

static void add_group(const struct watched *watched, bool latest, struct arena *arena,
                      struct report_resources *out)
{
    struct readings readings = choose(&watched->readings, latest);
    struct resource_source *source = &out->sources[out->n_sources];
    *source = (struct resource_source){.name = arena_strdup(arena, watched->spec.name),
                                       .kind = RESOURCE_PROCESS,
                                       .shared = watched->shared,
                                       .cores = watched->limits.cores,
                                       .memory_mb = floor(watched->limits.memory_kb / 1024),
                                       .processes = watched->most,
                                       .restarts = watched->restarts,
                                       .gone = watched->gone};
    source->series = arena_array(arena, PROCESS_SERIES, sizeof *source->series);
    for (size_t i = 0; i < PROCESS_SERIES; i++)
        add_series(&readings, i, &process_infos[i], arena, source);
    out->n_sources++; /* one that is gone before its first sample is worth telling, too */
}

static bool is_on(const struct watched *watched, size_t side)
{
    return watched->spec.side < 0 || watched->spec.side == (int)side;
}

static bool is_of(const struct watched *watched, size_t side)
{
    return watched->found && is_on(watched, side);
}

static double average_of(const struct report_resources *resources, const char *source,
                         const char *series)
{
    const struct resource_source *from = resource_source_find(resources, source);
    const struct resource_series *found = from ? resource_series_find(from, series) : NULL;
    return found ? found->average : (double)NAN;
}

/* The target's own where they are known, else the machine's where the target is on it. */
static void fill_usage(const struct watch *watch, size_t side, struct report_resources *out)
{
    for (size_t i = 0; i < watch->n_groups; i++) {
        const struct watched *watched = &watch->groups[i];
        if (!watched->spec.is_target || !is_of(watched, side))
            continue;
        out->cpu_usage = average_of(out, watched->spec.name, "cpu");
        if (out->cpu_usage > 1) /* by what is left of a tick */
            out->cpu_usage = 1;
        out->memory_usage =
            readings_maximum(&watched->readings, PROCESS_MEMORY) * 1024 / watched->limits.memory_kb;
        return;
    }
    if (!watch->is_local[side] || !watch->machine)
        return;
    out->of_machine = true;
    out->cpu_usage = average_of(out, "machine", "cpu");
    out->memory_usage =
        readings_maximum(&watch->readings, MACHINE_MEMORY_USED) * 1024 / watch->limits.memory_kb;
}

static struct report_resources *make(const struct watch *watch, size_t side, bool latest,
                                     struct arena *arena)
{
    if (!watch->readings.n)
        return NULL;
    struct report_resources *out = arena_array(arena, 1, sizeof *out);
    *out = (struct report_resources){
        .interval_ns = NS_PER_S, .cpu_usage = (double)NAN, .memory_usage = (double)NAN};
    out->sources = arena_array(arena, watch->n_groups + 1, sizeof *out->sources);
    if (watch->machine)
        add_machine(watch, latest, arena, out);
    for (size_t i = 0; i < watch->n_groups; i++)
        if (is_of(&watch->groups[i], side))
            add_group(&watch->groups[i], latest, arena, out);
    return out->n_sources ? out : NULL;
}

struct report_resources *watch_latest(const struct watch *watch, size_t side, struct arena *arena)
{
    return make(watch, side, true, arena);
}

struct report_resources *watch_report(const struct watch *watch, size_t side, struct arena *arena)
{
    struct report_resources *out = make(watch, side, false, arena);
    if (!out)
        return NULL;
    fill_usage(watch, side, out);
    out->cpu_usage = readings_rounded(out->cpu_usage);
    out->memory_usage = readings_rounded(out->memory_usage);
    return out;
}

void watch_notes(const struct watch *watch, size_t side, struct arena *arena, const char ***notes,
                 size_t *n)
{
    for (size_t i = 0; i < watch->n_groups; i++) {
        const struct watched *watched = &watch->groups[i];
        const char *name = watched->spec.name;
        if (!is_on(watched, side))
            continue;
        if (!watched->found && !watched->spec.is_target)
            arena_append(arena, notes, n,
                         arena_printf(arena,
                                      "monitoring: no process of '%s' could be read; is it on "
                                      "this machine, and of this user?",
                                      name));
        if (watched->gone)
            arena_append(arena, notes, n,
                         arena_printf(arena, "monitoring: '%s' was gone when the run ended", name));
        if (watched->restarts)
            arena_append(
                arena, notes, n,
                arena_printf(arena, "monitoring: '%s' was started anew during the run", name));
    }
}
