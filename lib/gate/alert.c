#include "gate/alert.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "model/report_named.h"

/* Figures that are named where an alert fires. */
#define MOST_FIGURES 4

/* Ordered: and is the least of two, or the greatest, not the opposite. */
enum answer { ANSWER_NO, ANSWER_UNKNOWN, ANSWER_YES };

/* One question to one alert. */
struct asked {
    struct arena *arena;
    struct alert *alert;
    const struct alert_figures *figures;
    size_t n_named;
    struct buf named; /* the figures of the comparisons that were true, for people */
};

static bool holds(const struct condition_node *node, double value)
{
    switch (node->op) {
    case CONDITION_LESS:
        return value < node->number;
    case CONDITION_AT_MOST:
        return value <= node->number;
    case CONDITION_MORE:
        return value > node->number;
    case CONDITION_AT_LEAST:
        return value >= node->number;
    case CONDITION_EQUAL:
        return value == node->number;
    case CONDITION_UNEQUAL:
        return value != node->number;
    }
    return false;
}

/* ---- figures ---- */

/* What the target was busy with; the whole machine's is none of it, because a load fills a machine.
 */
static double target_figure(const struct report *report, enum metric metric)
{
    const struct report_resources *resources = report->resources;
    return resources && !resources->of_machine ? report_figure(report, metric) : (double)NAN;
}

/* Of an interval. The memory that a target may use is not among its series. */
static double interval_figure(const struct alert_figures *figures, const char *name)
{
    bool cpu = metric_find(name) == METRIC_CPU_USAGE;
    if (figures->latest)
        return report_named(figures->latest, cpu ? "target.cpu" : name).figure;
    return report_named_at(figures->resources, cpu ? "target.cpu" : name, figures->from_ns);
}

/* The figure of a whole run, or of an interval; NAN where it is not known. */
static double run_figure(const struct alert_figures *figures, const char *name)
{
    enum metric metric = metric_find(name);
    if ((figures->resources || figures->latest) &&
        (metric == METRIC_COUNT || metric == METRIC_CPU_USAGE))
        return interval_figure(figures, name);
    if (metric == METRIC_COUNT)
        return figures->report ? report_named(figures->report->resources, name).figure
                               : (double)NAN;
    double value = metric_value(figures->metrics, metric);
    return isnan(value) && figures->report ? target_figure(figures->report, metric) : value;
}

static double endpoint_figure(const struct report_endpoint *endpoint, const char *name)
{
    enum metric metric = metric_find(name);
    return metric == METRIC_COUNT ? (double)NAN : metric_value(&endpoint->metrics, metric);
}

static void name_figure(struct asked *asked, const struct condition_node *node, double value,
                        const struct report_endpoint *endpoint)
{
    enum metric metric = metric_find(node->name);
    bool known = metric != METRIC_COUNT;
    if (asked->n_named++ >= MOST_FIGURES)
        return;
    if (asked->named.len)
        buf_add_str(&asked->named, ", ");
    if (endpoint)
        buf_addf(&asked->named, "%s %s ", endpoint->method, endpoint->name);
    buf_addf(&asked->named, "%s ", known ? metric_info(metric)->title : node->name);
    metric_add_text(&asked->named, known ? metric : METRIC_NAMED, value, 0);
}

/* The first figure that was not known. */
static enum answer unknown(struct asked *asked, const struct condition_node *node)
{
    if (!asked->alert->missing)
        asked->alert->missing =
            node->endpoint ? arena_printf(asked->arena, "%s of '%s'", node->name, node->endpoint)
                           : node->name;
    return ANSWER_UNKNOWN;
}

static enum answer compare_one(struct asked *asked, const struct condition_node *node, double value,
                               const struct report_endpoint *endpoint)
{
    if (isnan(value))
        return ANSWER_UNKNOWN;
    if (!holds(node, value))
        return ANSWER_NO;
    name_figure(asked, node, value, endpoint);
    return ANSWER_YES;
}

/* True of one of them is true. */
static enum answer compare_endpoints(struct asked *asked, const struct condition_node *node)
{
    const struct report *report = asked->figures->report;
    const struct policy_entry entry = {.pattern = node->endpoint};
    bool known = false;
    for (size_t i = 0; report && i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &report->endpoints[i];
        if (!policy_entry_matches(&entry, endpoint->method, endpoint->name, NULL))
            continue;
        enum answer answer =
            compare_one(asked, node, endpoint_figure(endpoint, node->name), endpoint);
        if (answer == ANSWER_YES)
            return ANSWER_YES;
        known |= answer == ANSWER_NO;
    }
    return known ? ANSWER_NO : unknown(asked, node);
}

static enum answer compare(struct asked *asked, const struct condition_node *node)
{
    if (node->endpoint)
        return compare_endpoints(asked, node);
    enum answer answer = compare_one(asked, node, run_figure(asked->figures, node->name), NULL);
    return answer == ANSWER_UNKNOWN ? unknown(asked, node) : answer;
}

/* ---- conditions ---- */

static enum answer lasting(const struct asked *asked, const struct condition_node *node,
                           enum answer now)
{
    int64_t *since_ns = &asked->alert->since_ns[node->place];
    const struct alert_figures *figures = asked->figures;
    if (now == ANSWER_UNKNOWN)
        return ANSWER_UNKNOWN;
    if (now == ANSWER_NO)
        *since_ns = -1;
    else if (*since_ns < 0)
        *since_ns = figures->from_ns;
    bool long_enough = *since_ns >= 0 && figures->to_ns - *since_ns >= node->lasting_ns;
    return long_enough ? ANSWER_YES : ANSWER_NO;
}

/* Both sides are always asked, so that each `for` sees every interval. */
static enum answer ask(struct asked *asked, const struct condition_node *node)
{
    if (node->kind == CONDITION_COMPARE)
        return compare(asked, node);
    enum answer left = ask(asked, node->left);
    enum answer right = node->right ? ask(asked, node->right) : left;
    switch (node->kind) {
    case CONDITION_AND:
        return left < right ? left : right;
    case CONDITION_OR:
        return left > right ? left : right;
    case CONDITION_NOT:
        return (enum answer)(ANSWER_YES - left);
    default:
        return lasting(asked, node, left);
    }
}

/* ---- alerts ---- */

static void fire(struct asked *asked)
{
    struct alert *alert = asked->alert;
    alert->state = ALERT_FIRED;
    if (alert->condition.n_for) {
        buf_addf(&asked->named, "%sat ", asked->named.len ? ", " : "");
        num_add_duration(&asked->named, asked->figures->to_ns);
    }
    alert->figures = arena_strdup(asked->arena, buf_text(&asked->named));
}

static void ask_alert(struct alert_watch *watch, struct alert *alert,
                      const struct alert_figures *figures)
{
    struct asked asked = {.arena = &watch->arena, .alert = alert, .figures = figures};
    if (alert->state == ALERT_FIRED)
        return;
    enum answer answer = ask(&asked, alert->condition.root);
    if (answer == ANSWER_YES)
        fire(&asked);
    else if (answer == ANSWER_NO)
        alert->state = ALERT_CLEAR;
    buf_release(&asked.named);
}

int alert_watch_init(struct alert_watch *watch, const struct policy_alert *alerts, size_t n,
                     struct err *err)
{
    *watch = (struct alert_watch){0};
    watch->all = arena_array(&watch->arena, n + 1, sizeof *watch->all);
    for (; watch->n < n; watch->n++) {
        struct alert *alert = &watch->all[watch->n];
        alert->of = &alerts[watch->n];
        alert->state = ALERT_NOT_KNOWN;
        if (condition_parse(alert->of->condition, &watch->arena, &alert->condition, err) < 0)
            return err_prefix(err, "the alert '%s': ", alert->of->name);
        alert->since_ns =
            arena_array(&watch->arena, alert->condition.n_for + 1, sizeof *alert->since_ns);
        for (size_t i = 0; i < alert->condition.n_for; i++)
            alert->since_ns[i] = -1;
    }
    return 0;
}

void alert_watch_interval(struct alert_watch *watch, const struct alert_figures *figures)
{
    for (size_t i = 0; i < watch->n; i++)
        if (watch->all[i].condition.n_for)
            ask_alert(watch, &watch->all[i], figures);
}

void alert_watch_whole(struct alert_watch *watch, const struct alert_figures *figures)
{
    for (size_t i = 0; i < watch->n; i++)
        if (!watch->all[i].condition.n_for)
            ask_alert(watch, &watch->all[i], figures);
}

/* What the series have of an interval. */
static struct metrics interval_metrics(const struct report_series *series, size_t i)
{
    struct metrics metrics = metrics_unknown();
    if (i < series->n_requests) {
        metrics.total_requests = series->requests[i];
        metrics.requests_per_s =
            (double)series->requests[i] * (double)NS_PER_S / (double)series->interval_ns;
    }
    if (i < series->n_failures && metrics.total_requests) {
        metrics.total_failures = series->failures[i];
        metrics.error_rate = (double)series->failures[i] / (double)metrics.total_requests;
    }
    metrics.average_ms = i < series->n_average ? series->average_ms[i] : (double)NAN;
    metrics.median_ms = i < series->n_p50 ? series->p50_ms[i] : (double)NAN;
    metrics.p95_ms = i < series->n_p95 ? series->p95_ms[i] : (double)NAN;
    return metrics;
}

void alert_watch_report(struct alert_watch *watch, const struct report *report)
{
    const struct report_series *series = report->series;
    size_t n = series && series->interval_ns > 0 ? series->n_requests : 0;
    /* The seconds of a side of a paired run are its own, and what was watched is by the clock's. */
    const struct report_resources *resources = report->pair ? NULL : report->resources;
    for (size_t i = 0; i < n; i++) {
        struct metrics metrics = interval_metrics(series, i);
        struct alert_figures figures = {.metrics = &metrics,
                                        .resources = resources,
                                        .from_ns = (int64_t)i * series->interval_ns,
                                        .to_ns = (int64_t)(i + 1) * series->interval_ns};
        alert_watch_interval(watch, &figures);
    }
    struct alert_figures whole = {.metrics = &report->metrics, .report = report};
    alert_watch_whole(watch, &whole);
}

void alert_add_missing(struct buf *out, const struct alert *alert)
{
    if (!alert->missing)
        buf_add_str(out, "the report has no figures by interval");
    else if (alert->condition.n_for)
        buf_addf(out, "no interval's %s is known", alert->missing);
    else
        buf_addf(out, "nothing measured %s", alert->missing);
}

void alert_watch_release(struct alert_watch *watch)
{
    arena_release(&watch->arena);
    *watch = (struct alert_watch){0};
}
