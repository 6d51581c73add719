#include "cmd/run_monitor.h"

/* Each side's own, in a paired run. */
static void add_targets(struct run_monitor *monitor, const struct sockaddr_storage *targets,
                        size_t n)
{
    for (size_t side = 0; side < n; side++) {
        struct watch_process process = {
            .name = "target", .key = {.by = GROUP_BY_PLACE}, .side = (int)side, .is_target = true};
        process.key.place.address = targets[side];
        monitor->is_local[side] = listen_is_local(&process.key.place);
        if (monitor->wanted->target && monitor->is_local[side])
            monitor->processes[monitor->setup.n_processes++] = process;
    }
}

static void add_process(struct run_monitor *monitor, const struct scenario_process *from)
{
    static const int sides[] = {
        [SCENARIO_BOTH] = -1, [SCENARIO_CANDIDATE] = 0, [SCENARIO_BASE] = 1};
    struct watch_process *process = &monitor->processes[monitor->setup.n_processes++];
    *process = (struct watch_process){.name = from->name,
                                      .key = {.by = from->process   ? GROUP_BY_NAME
                                                    : from->pid > 0 ? GROUP_BY_PID
                                                                    : GROUP_BY_PLACE,
                                              .name = from->process,
                                              .pid = from->pid,
                                              .place.port = (uint16_t)from->port},
                                      .side = sides[from->side]};
}

static void stop(struct run_monitor *monitor)
{
    monitor_free(monitor->monitor);
    monitor->monitor = NULL;
}

/* A run that cannot be watched is still a run. */
static void begin(const struct sockaddr_storage *targets, size_t n, void *context)
{
    struct run_monitor *monitor = context;
    struct err err = {0};
    monitor->setup = (struct watch_setup){.machine = monitor->wanted->machine,
                                          .sides = n,
                                          .processes = monitor->processes,
                                          .is_local = monitor->is_local};
    const struct monitor_setup setup = {
        .watch = monitor->watches ? &monitor->setup : NULL,
        .sources = monitor->sources.setup.n ? &monitor->sources.setup : NULL};
    add_targets(monitor, targets, n);
    for (size_t i = 0; i < monitor->wanted->n_processes; i++)
        add_process(monitor, &monitor->wanted->processes[i]);
    if (monitor_start(&monitor->monitor, &setup, &err) < 0) {
        io_warn(monitor->log, "%s", err.text);
        stop(monitor);
    }
}

static void turn(int arm, int64_t now_ns, int64_t measured_ns, void *context)
{
    const struct run_monitor *monitor = context;
    if (monitor->monitor)
        monitor_turn(monitor->monitor, arm, now_ns, measured_ns);
}

int run_monitor_init(struct run_monitor *monitor, const struct scenario *scenario,
                     const struct io_log *log, struct load_options *load, struct err *err)
{
    const struct scenario_monitor *wanted = &scenario->monitor;
    *monitor =
        (struct run_monitor){.wanted = wanted,
                             .log = log,
                             .watches = wanted->machine || wanted->target || wanted->n_processes,
                             .watcher = {.begin = begin, .turn = turn, .context = monitor}};
    if (run_sources_init(&monitor->sources, scenario, load, err) < 0)
        return -1;
    if (monitor->watches || monitor->sources.setup.n)
        load->watcher = &monitor->watcher;
    return 0;
}

void run_monitor_finish(struct run_monitor *monitor, struct load_result *result)
{
    if (!monitor->monitor)
        return;
    monitor_stop(monitor->monitor);
    for (size_t side = 0; side < result->n_sides; side++)
        monitor_report(monitor->monitor, side, &result->sides[side].report);
}

void run_monitor_release(struct run_monitor *monitor)
{
    stop(monitor);
    run_sources_release(&monitor->sources);
}
