#include "model/history.h"

#include <math.h>

#include "base/clock.h"

const double history_percentiles[HISTORY_PERCENTILES] = {0.5,  0.66, 0.75,  0.8,    0.9, 0.95,
                                                         0.98, 0.99, 0.999, 0.9999, 1};

/* The window of the rates, in seconds before the second of the newest request. */
#define WINDOW_FROM 12
#define WINDOW_TO   2

static double ms(double ns)
{
    return ns / (double)NS_PER_MS;
}

static void fill_percentiles(const struct histogram *histogram, struct history_figures *out)
{
    for (size_t i = 0; i < HISTORY_PERCENTILES; i++)
        out->percentile_ms[i] = ms(histogram_quantile(histogram, history_percentiles[i]));
}

/* What the document says; a report whose histograms were left out still has its median and so on.
 */
static void from_metrics(const struct metrics *metrics, const struct histogram *histogram,
                         struct history_figures *out)
{
    out->requests = metrics->total_requests;
    out->failures = metrics->total_failures;
    out->requests_per_s = metrics->requests_per_s;
    out->failures_per_s = metrics->total_requests > 0
                              ? metrics->requests_per_s * (double)metrics->total_failures /
                                    (double)metrics->total_requests
                              : 0;
    out->average_ms = metrics->average_ms;
    out->min_ms = metrics->min_ms;
    out->max_ms = metrics->max_ms;
    fill_percentiles(histogram, out);
}

static void fill_endpoints(const struct report *report, struct history *out)
{
    struct histogram all = {0}, one = {0};
    double bytes = 0;
    int64_t requests = 0;
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &report->endpoints[i];
        histogram_reset(&one);
        histogram_merge_sparse(&one, &endpoint->histogram);
        histogram_merge(&all, &one);
        from_metrics(&endpoint->metrics, &one, &out->endpoints[i]);
        out->endpoints[i].content_bytes = endpoint->content_bytes;
        bytes += endpoint->content_bytes * (double)endpoint->metrics.total_requests;
        requests += endpoint->metrics.total_requests;
    }
    from_metrics(&report->metrics, &all, &out->total);
    out->total.content_bytes = requests > 0 ? bytes / (double)requests : (double)NAN;
    histogram_release(&all);
    histogram_release(&one);
}

/* The mean per second over the window that ends before `last`. `rows` hold cumulative counts. */
static void fill_rates(const struct history_row *rows, size_t n, int64_t last,
                       struct history_figures *out)
{
    int64_t from = last - WINDOW_FROM > rows[0].unix_s ? last - WINDOW_FROM : rows[0].unix_s;
    int64_t to = last - WINDOW_TO;
    const struct history_figures none = {0};
    const struct history_figures *before = &none, *end = &none;
    if (to <= from)
        return;
    for (size_t i = n; i > 0 && before == &none; i--) {
        if (rows[i - 1].unix_s < from)
            before = &rows[i - 1].figures;
        if (end == &none && rows[i - 1].unix_s < to)
            end = &rows[i - 1].figures;
    }
    out->requests_per_s = (double)(end->requests - before->requests) / (double)(to - from);
    out->failures_per_s = (double)(end->failures - before->failures) / (double)(to - from);
}

static void fill_row(const struct history_second *second, const struct histogram *so_far,
                     struct history_row *row)
{
    struct history_figures *figures = &row->figures;
    double requests = (double)second->requests;
    bool any = second->requests > 0;
    row->unix_s = second->unix_s;
    row->users = second->users;
    figures->requests = second->requests;
    figures->failures = second->failures;
    figures->average_ms = any ? ms((double)second->sum_ns) / requests : (double)NAN;
    figures->min_ms = any ? ms((double)second->min_ns) : (double)NAN;
    figures->max_ms = any ? ms((double)second->max_ns) : (double)NAN;
    figures->content_bytes = any ? (double)second->content_bytes / requests : (double)NAN;
    fill_percentiles(so_far, figures);
}

static void fill_rows(const struct history_second *seconds, size_t n, struct history *out)
{
    struct histogram so_far = {0};
    int64_t last = 0;
    for (size_t i = 0; i < n; i++) {
        histogram_merge_sparse(&so_far, &seconds[i].latencies);
        fill_row(&seconds[i], &so_far, &out->rows[i]);
        if (seconds[i].requests > (i ? seconds[i - 1].requests : 0))
            last = seconds[i].unix_s;
        fill_rates(out->rows, i + 1, last, &out->rows[i].figures);
    }
    histogram_release(&so_far);
}

void history_build(const struct report *report, const struct history_second *seconds, size_t n,
                   struct arena *arena, struct history *out)
{
    *out = (struct history){.n_rows = n, .n_endpoints = report->n_endpoints};
    out->rows = arena_array(arena, n, sizeof *out->rows);
    out->endpoints = arena_array(arena, report->n_endpoints, sizeof *out->endpoints);
    fill_endpoints(report, out);
    fill_rows(seconds, n, out);
}
