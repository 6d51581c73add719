#include "load/result_series.h"

#include "base/clock.h"

static const struct recorder *recorder_of(const struct crew *crew, int worker, int arm)
{
    return &crew->workers[worker].lanes[arm].recorder;
}

static size_t longest(const struct crew *crew, int arm)
{
    size_t n = 0;
    for (int i = 0; i < crew->n; i++) {
        size_t intervals = recorder_of(crew, i, arm)->n_intervals;
        n = intervals > n ? intervals : n;
    }
    return n;
}

/* Wall time at which measuring began. */
static int64_t measured_from(const struct crew *crew, int arm)
{
    const struct lane *lane = &crew->workers[0].lanes[arm];
    int64_t monotonic_ns =
        crew->plan->n_arms > 1 ? crew->schedule.began_ns : lane->offset_ns + lane->epoch_ns;
    return monotonic_ns + lane->wall_offset_ns;
}

/* Interval `i` over all workers: latencies into `latencies`, the rest into `sum`. */
static void add_up(const struct crew *crew, int arm, size_t i, struct interval_record *sum,
                   struct histogram *latencies)
{
    *sum = (struct interval_record){0};
    histogram_reset(latencies);
    for (int worker = 0; worker < crew->n; worker++) {
        const struct recorder *recorder = recorder_of(crew, worker, arm);
        if (i >= recorder->n_intervals)
            continue;
        const struct interval_record *part = &recorder->intervals[i];
        sum->failures += part->failures;
        sum->body_bytes += part->body_bytes;
        histogram_merge_sparse(latencies, &part->latencies);
    }
}

static void fill_column(struct report_series *series, size_t i, int64_t failures,
                        const struct histogram *latencies)
{
    series->requests[i] = latencies->count;
    series->failures[i] = failures;
    series->average_ms[i] = histogram_mean(latencies) / (double)NS_PER_MS;
    series->p50_ms[i] = histogram_quantile(latencies, 0.5) / (double)NS_PER_MS;
    series->p95_ms[i] = histogram_quantile(latencies, 0.95) / (double)NS_PER_MS;
}

/* `second` continues the cumulative counts of the one `before`, which is NULL for the first. */
static void fill_second(struct history_second *second, const struct history_second *before,
                        const struct interval_record *sum, const struct histogram *latencies)
{
    static const struct history_second none = {0};
    before = before ? before : &none;
    second->requests = before->requests + latencies->count;
    second->failures = before->failures + sum->failures;
    second->sum_ns = before->sum_ns + latencies->sum_ns;
    second->content_bytes = before->content_bytes + sum->body_bytes;
    second->min_ns = before->min_ns;
    second->max_ns = before->max_ns;
    if (latencies->count && (!before->requests || latencies->min_ns < before->min_ns))
        second->min_ns = latencies->min_ns;
    if (latencies->max_ns > before->max_ns)
        second->max_ns = latencies->max_ns;
}

/* At the end of an interval. Unless they come in stages, all were there before measuring began. */
static int64_t users_at(const struct crew *crew, int arm, size_t interval)
{
    const struct plan *plan = crew->plan;
    if (!plan->users.n)
        return plan->settings.users;
    int64_t at_ns =
        crew->workers[0].lanes[arm].epoch_ns + (int64_t)(interval + 1) * RECORDER_INTERVAL_NS;
    return plan_users_at(plan, at_ns);
}

void result_add_series(const struct crew *crew, int arm, struct load_side *side)
{
    struct arena *arena = &side->report.arena;
    size_t n = longest(crew, arm);
    int64_t from_ns = measured_from(crew, arm);
    struct report_series *series = report_series_new(RECORDER_INTERVAL_NS, n, arena);
    struct histogram latencies = {0};
    struct history_second *seconds = arena_array(arena, n, sizeof *seconds), *before = NULL;
    side->seconds = seconds;
    side->n_seconds = n;
    side->report.series = series;
    for (size_t i = 0; i < n; i++) {
        struct interval_record sum;
        struct history_second *second = &seconds[i];
        add_up(crew, arm, i, &sum, &latencies);
        series->users[i] = users_at(crew, arm, i);
        fill_column(series, i, sum.failures, &latencies);
        fill_second(second, before, &sum, &latencies);
        second->users = series->users[i];
        second->unix_s = from_ns / NS_PER_S + (int64_t)i + 1;
        histogram_to_sparse(&latencies, arena, &second->latencies);
        before = second;
    }
    histogram_release(&latencies);
}
