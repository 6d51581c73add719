#include "cmd/run_check_monitor.h"

#include <inttypes.h>

#include "base/num.h"
#include "cmd/run_sources.h"
#include "render/utf8.h"

static void add_key(struct buf *out, const char *key)
{
    buf_addf(out, "%-11s", key);
}

static const char *side_text(int side, bool paired)
{
    static const char *const texts[] = {[SCENARIO_BOTH] = "",
                                        [SCENARIO_CANDIDATE] = ", of the candidate",
                                        [SCENARIO_BASE] = ", of the base",
                                        [SCENARIO_SIDES] = ", of each side"};
    return paired ? texts[side] : "";
}

static void add_process(struct buf *out, const struct scenario_process *process, bool paired)
{
    utf8_add_safe(out, process->name);
    if (process->process) {
        buf_add_str(out, ": processes called ");
        utf8_add_safe(out, process->process);
    } else if (process->pid > 0) {
        buf_addf(out, ": process %" PRId64, process->pid);
    } else {
        buf_addf(out, ": processes that listen at port %" PRId64, process->port);
    }
    buf_addf(out, "%s\n", side_text(process->side, paired));
}

static void add_watched(struct buf *out, const struct scenario_monitor *monitor, bool paired)
{
    add_key(out, "watched");
    if (monitor->machine || monitor->target)
        buf_addf(out, "%s%s%s, each second\n", monitor->machine ? "the machine" : "",
                 monitor->machine && monitor->target ? " and " : "",
                 monitor->target ? "the target's processes, where they are on this one" : "");
    for (size_t i = 0; i < monitor->n_processes; i++) {
        if (i || monitor->machine || monitor->target)
            add_key(out, "");
        add_process(out, &monitor->processes[i], paired);
    }
    if (!monitor->machine && !monitor->target && !monitor->n_processes)
        buf_add_str(out, "no process\n");
}

static void add_metrics(struct buf *out, const struct scenario_source *source)
{
    const struct scenario_metrics *metrics = &source->metrics;
    buf_add_str(out, ": ");
    if (source->health)
        buf_addf(out, "availability%s", metrics->n ? ", " : "");
    for (size_t i = 0; i < metrics->n; i++)
        buf_addf(out, "%s%s%s", i ? ", " : "", metrics->items[i].name,
                 metrics->items[i].each ? ".*" : "");
    if (source->table) {
        buf_addf(out, "%sa table by ", metrics->n ? ", " : "");
        utf8_add_safe(out, source->table->key);
    }
}

static void add_when(struct buf *out, const struct scenario_source *source)
{
    static const char *const texts[] = {[WHEN_BEFORE] = ", before the run",
                                        [WHEN_AFTER] = ", after the run",
                                        [WHEN_AROUND] = ", before and after the run"};
    if (source->when == WHEN_DURING) {
        buf_add_str(out, ", every ");
        num_add_duration(out, source->every_ns);
    } else {
        buf_add_str(out, texts[source->when]);
    }
}

static void add_source(struct buf *out, const struct scenario_source *source, bool paired)
{
    utf8_add_safe(out, source->name);
    buf_add_str(out, source->n_command ? ", by" : ", of ");
    if (source->path || source->url)
        utf8_add_safe(out, source->path ? source->path : source->url);
    for (size_t i = 0; i < source->n_command; i++) {
        buf_add_char(out, ' ');
        utf8_add_safe(out, source->command[i]);
    }
    add_when(out, source);
    buf_add_str(out, side_text(source->side, paired));
    add_metrics(out, source);
    buf_add_char(out, '\n');
}

void run_check_add_monitor(struct buf *out, const struct scenario *scenario, bool paired)
{
    const struct scenario_monitor *monitor = &scenario->monitor;
    add_watched(out, monitor, paired);
    for (size_t i = 0; i < monitor->n_endpoints; i++) {
        add_key(out, i ? "" : "polled");
        add_source(out, &monitor->endpoints[i], paired);
    }
    for (size_t i = 0; i < monitor->n_probes; i++) {
        add_key(out, i ? "" : "probed");
        add_source(out, &monitor->probes[i], paired);
    }
}

int run_check_polls(const struct scenario *scenario, const struct load_options *load,
                    const struct io_log *log)
{
    struct scenario polled = *scenario;
    struct run_sources sources;
    struct err err = {0};
    polled.monitor.n_probes = 0;
    int status = run_sources_init(&sources, &polled, load, &err);
    if (status < 0)
        io_warn(log, "%s", err.text);
    run_sources_release(&sources);
    return status;
}
