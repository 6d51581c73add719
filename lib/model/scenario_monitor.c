#include "model/scenario_monitor.h"

#include <string.h>

#include "model/scenario_shape.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

static const char *const side_names[] = {
    [SCENARIO_BOTH] = "both", [SCENARIO_CANDIDATE] = "candidate", [SCENARIO_BASE] = "base", NULL};

static const struct js_field process_fields[] = {
    {JS_FIELD(scenario_process, "name", JS_CUSTOM, name), JS_REQUIRED,
     .decode = scenario_decode_name},
    {JS_FIELD(scenario_process, "process", JS_CUSTOM, process), .decode = scenario_decode_name},
    {JS_FIELD(scenario_process, "pid", JS_INT, pid), .low = 1, .high = 1 << 22},
    {JS_FIELD(scenario_process, "port", JS_INT, port), .low = 1, .high = 65535},
    {JS_FIELD(scenario_process, "side", JS_ENUM, side), .names = side_names},
};
static const struct js_shape process_shape = {.size = sizeof(struct scenario_process),
                                              FIELDS(process_fields)};

static void set_defaults(void *out)
{
    *(struct scenario_monitor *)out = (struct scenario_monitor){.machine = true, .target = true};
}

static const struct js_field monitor_fields[] = {
    {JS_FIELD(scenario_monitor, "machine", JS_BOOL, machine)},
    {JS_FIELD(scenario_monitor, "target", JS_BOOL, target)},
    {JS_LIST(scenario_monitor, "processes", JS_OBJECTS, processes, n_processes),
     .shape = &process_shape},
    {JS_LIST(scenario_monitor, "endpoints", JS_OBJECTS, endpoints, n_endpoints),
     .shape = &scenario_endpoint_shape},
    {JS_LIST(scenario_monitor, "probes", JS_OBJECTS, probes, n_probes),
     .shape = &scenario_probe_shape},
};
static const struct js_shape monitor_shape = {
    .size = sizeof(struct scenario_monitor), FIELDS(monitor_fields), .defaults = set_defaults};

static int check_process(const struct js_at *at, const struct scenario_monitor *monitor, size_t i,
                         struct err *err)
{
    const struct scenario_process *process = &monitor->processes[i];
    int ways = (process->process != NULL) + (process->pid > 0) + (process->port > 0);
    if (ways != 1)
        return js_fail(at, err, "expected one of \"process\", \"pid\" and \"port\", found %d",
                       ways);
    if (strcmp(process->name, "machine") == 0 || strcmp(process->name, "target") == 0)
        return js_fail(at, err, "'%s' is a source of every report; choose another name",
                       process->name);
    for (size_t k = 0; k < i; k++)
        if (strcmp(monitor->processes[k].name, process->name) == 0)
            return js_fail(at, err, "the name '%.80s' is there twice", process->name);
    return 0;
}

int scenario_decode_monitor(const struct js_at *at, void *out, struct arena *arena, struct err *err)
{
    struct scenario_monitor *monitor = out;
    struct js_at processes;
    if (js_kind(at) == JS_K_BOOL) {
        set_defaults(monitor);
        if (js_get_bool(at, &monitor->machine, err) < 0)
            return -1;
        monitor->target = monitor->machine;
        return 0;
    }
    if (js_decode(at, &monitor_shape, monitor, arena, err) < 0)
        return -1;
    if (scenario_check_sources(at, monitor, err) < 0)
        return -1;
    if (!js_member(at, "processes", &processes))
        return 0;
    if (monitor->n_processes > SCENARIO_PROCESSES)
        return js_fail(&processes, err, "expected up to %d, found %zu", SCENARIO_PROCESSES,
                       monitor->n_processes);
    for (size_t i = 0; i < monitor->n_processes; i++) {
        struct js_at item = js_item(&processes, i);
        if (check_process(&item, monitor, i, err) < 0)
            return -1;
    }
    return 0;
}
