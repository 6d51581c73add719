#include "cmd/run_metrics.h"

#include <inttypes.h>
#include <math.h>

#include "base/clock.h"
#include "base/num.h"
#include "render/prometheus.h"

#define PREFIX "perfgate_live_"

static const char *const sides[] = {"candidate", "base"};
#define N_SIDES (sizeof sides / sizeof sides[0])

static void add_family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_addf(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help, name, type);
}

/* Of the whole run. */
static void add_gauge(struct buf *out, const char *name, const char *help, double value)
{
    add_family(out, name, "gauge", help);
    buf_addf(out, PREFIX "%s ", name);
    num_add_double(out, value);
    buf_add_char(out, '\n');
}

static void add_counters(struct buf *out, const char *name, const char *help,
                         const struct load_progress *now, const int64_t *counts)
{
    add_family(out, name, "counter", help);
    for (size_t i = 0; i < now->n_sides && i < N_SIDES; i++)
        buf_addf(out, PREFIX "%s{side=\"%s\"} %" PRId64 "\n", name, sides[i], counts[i]);
}

/* What is not known has no sample. */
static void add_figure(struct buf *out, size_t side, const char *metric, double ms)
{
    if (!isfinite(ms))
        return;
    buf_addf(out, PREFIX "latency_seconds{side=\"%s\",metric=\"%s\"} ", sides[side], metric);
    num_add_double(out, ms / 1000);
    buf_add_char(out, '\n');
}

static void add_latencies(struct buf *out, const struct load_progress *now)
{
    add_family(out, "latency_seconds", "gauge", "Latencies of the latest complete second.");
    for (size_t i = 0; i < now->n_sides && i < N_SIDES; i++) {
        const struct load_recent *recent = &now->recent[i];
        if (!recent->second)
            continue;
        add_figure(out, i, "median_response_time", recent->p50_ms);
        add_figure(out, i, "95th_percentile", recent->p95_ms);
        add_figure(out, i, "99th_percentile", recent->p99_ms);
    }
}

static void add_all(struct buf *out, const struct load_progress *now)
{
    add_counters(out, "requests_total", "Requests completed, those of the warm-up included.", now,
                 now->requests);
    add_counters(out, "failures_total", "Of these, those that failed.", now, now->failures);
    add_latencies(out, now);
    add_gauge(out, "users", "Users that were started.", (double)now->users);
    add_gauge(out, "requests_per_second", "Of both sides together, lately.", now->requests_per_s);
    add_gauge(out, "elapsed_seconds", "Since the run began.",
              (double)now->elapsed_ns / (double)NS_PER_S);
    add_gauge(out, "duration_seconds", "What the run will take, about.",
              (double)now->total_ns / (double)NS_PER_S);
    add_gauge(out, "warming_up", "1 until measuring begins.", now->warming_up ? 1 : 0);
    if (now->n_sides > 1)
        add_gauge(out, "pairs", "Pairs of blocks that are complete.", (double)now->pairs);
}

/* What was seen last of both sides, which one sample has made. */
static void add_resources(const struct report_resources *const seen[2], void *context)
{
    struct prometheus_resources all[N_SIDES];
    for (size_t i = 0; i < N_SIDES; i++)
        all[i] = (struct prometheus_resources){"side", sides[i], seen[i]};
    prometheus_add_resources(all, seen[1] ? N_SIDES : 1, "live_resource", true, context);
}

void run_metrics_progress(const struct load_progress *progress, void *context)
{
    const struct run_metrics *metrics = context;
    struct buf text = {0};
    if (metrics->serve) {
        add_all(&text, progress);
        if (metrics->monitor && metrics->monitor->monitor)
            monitor_latest(metrics->monitor->monitor, add_resources, &text);
        serve_set(metrics->serve, &text);
    }
    if (metrics->also)
        metrics->also(progress, metrics->context);
    buf_release(&text);
}

int run_metrics_start(struct run_metrics *metrics, const char *at, struct err *err)
{
    *metrics = (struct run_metrics){0};
    if (!at)
        return 0;
    return serve_start(at, "text/plain; version=0.0.4; charset=utf-8", &metrics->serve, err);
}

void run_metrics_stop(struct run_metrics *metrics)
{
    serve_stop(metrics->serve);
    *metrics = (struct run_metrics){0};
}
