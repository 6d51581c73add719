#include "cmd/run_alerts.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

/* Sooner the figures of the whole run so far say little: the first requests are often the slowest.
 */
#define SETTLED_S 10

static struct metrics figures_of(const struct histogram *latencies, int64_t failures, int64_t ns)
{
    struct metrics metrics = metrics_unknown();
    if (latencies->count) {
        metrics.total_failures = failures;
        metrics_from_histogram(&metrics, latencies);
    }
    metrics.requests_per_s = (double)latencies->count * (double)NS_PER_S / (double)ns;
    return metrics;
}

static void say(struct run_alerts *alerts)
{
    for (size_t i = 0; i < alerts->watch.n; i++) {
        const struct alert *alert = &alerts->watch.all[i];
        if (alert->state != ALERT_FIRED || alerts->said[i])
            continue;
        alerts->said[i] = true;
        run_progress_clear(&alerts->progress);
        io_note(&alerts->progress.log, "%s alert '%s': %s (%s)",
                alert_severity_names[alert->of->severity], alert->of->name, alert->of->message,
                alert->figures);
    }
}

/* The first that wants the run to end. */
static bool find_end(struct run_alerts *alerts)
{
    for (size_t i = 0; i < alerts->watch.n && !alerts->ended; i++) {
        const struct alert *alert = &alerts->watch.all[i];
        if (alert->state == ALERT_FIRED && alert->of->action == ALERT_ABORTS)
            alerts->ended = alert;
    }
    return alerts->ended != NULL;
}

/* A second, with what was seen beside it. */
struct beside {
    struct alert_watch *watch;
    struct alert_figures *interval;
};

static void ask_interval(const struct report_resources *const sides[2], void *context)
{
    const struct beside *beside = context;
    beside->interval->latest = sides[0];
    alert_watch_interval(beside->watch, beside->interval);
}

static bool see_second(const struct load_second *second, void *context)
{
    struct run_alerts *alerts = context;
    int64_t to_ns = (second->number + 1) * NS_PER_S;
    struct metrics metrics = figures_of(second->latencies, second->failures, NS_PER_S);
    struct alert_figures interval = {
        .metrics = &metrics, .from_ns = to_ns - NS_PER_S, .to_ns = to_ns};
    struct beside beside = {&alerts->watch, &interval};
    if (alerts->monitor && alerts->monitor->monitor)
        monitor_latest(alerts->monitor->monitor, ask_interval, &beside);
    else
        alert_watch_interval(&alerts->watch, &interval);
    histogram_merge(&alerts->so_far, second->latencies);
    alerts->failures += second->failures;
    if (second->number + 1 >= SETTLED_S) {
        struct metrics whole = figures_of(&alerts->so_far, alerts->failures, to_ns);
        struct alert_figures so_far = {.metrics = &whole};
        alert_watch_whole(&alerts->watch, &so_far);
    }
    say(alerts);
    return find_end(alerts);
}

int run_alerts_init(struct run_alerts *alerts, const char *policy, struct err *err)
{
    struct policy *of = &alerts->policy;
    *alerts = (struct run_alerts){.seconds = {.second = see_second, .context = alerts}};
    if (!policy)
        policy_init_default(of);
    else if (policy_read(policy, of, err) < 0)
        return -1;
    alerts->said = mem_array(of->n_alerts + 1, sizeof *alerts->said);
    return alert_watch_init(&alerts->watch, of->alerts, of->n_alerts, err);
}

static void note(struct report *report, const struct alert *ended)
{
    const char *text = arena_printf(&report->arena, "ended early by the alert '%s': %s (%s)",
                                    ended->of->name, ended->of->message, ended->figures);
    arena_append(&report->arena, &report->health.notes, &report->health.n_notes, text);
}

void run_alerts_finish(struct run_alerts *alerts, struct load_result *result)
{
    const struct report *candidate = &result->sides[0].report;
    struct alert_figures whole = {.metrics = &candidate->metrics, .report = candidate};
    if (candidate->metrics.total_requests)
        alert_watch_whole(&alerts->watch, &whole);
    say(alerts);
    for (size_t i = 0; alerts->ended && i < result->n_sides; i++)
        note(&result->sides[i].report, alerts->ended);
}

void run_alerts_release(struct run_alerts *alerts)
{
    alert_watch_release(&alerts->watch);
    histogram_release(&alerts->so_far);
    free(alerts->said);
    policy_release(&alerts->policy);
    *alerts = (struct run_alerts){0};
}
