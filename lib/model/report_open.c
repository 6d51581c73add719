#include "model/report_open.h"

#include <math.h>

#include "model/report.h"

struct report_sent *report_sent_new(const struct histogram *histogram, bool keep,
                                    struct arena *arena)
{
    struct report_sent *sent = arena_array(arena, 1, sizeof *sent);
    struct metrics all = metrics_unknown();
    metrics_from_histogram(&all, histogram);
    sent->metrics = metrics_unknown();
    sent->metrics.average_ms = all.average_ms;
    sent->metrics.median_ms = all.median_ms;
    sent->metrics.p95_ms = all.p95_ms;
    sent->metrics.p99_ms = all.p99_ms;
    sent->metrics.max_ms = all.max_ms;
    if (keep)
        histogram_to_sparse(histogram, arena, &sent->histogram);
    return sent;
}

struct report_sent *report_sent_merge(const struct report_endpoint *const *items, size_t n,
                                      struct histogram *all, struct arena *arena)
{
    struct histogram sum = {0};
    bool whole = true;
    for (size_t i = 0; whole && i < n; i++) {
        const struct report_sent *sent = items[i]->from_send;
        whole = sent && sent->histogram.count == items[i]->metrics.total_requests;
        if (whole)
            histogram_merge_sparse(&sum, &sent->histogram);
    }
    struct report_sent *merged = whole ? report_sent_new(&sum, true, arena) : NULL;
    if (whole)
        histogram_merge(all, &sum);
    histogram_release(&sum);
    return merged;
}

struct report_arrivals *report_arrivals_merge(const struct report *const *parts, size_t n,
                                              bool at_once, struct arena *arena)
{
    struct report_arrivals sum = {0};
    for (size_t i = 0; i < n; i++) {
        const struct report_arrivals *part = parts[i]->arrivals;
        if (!part || (i && part->process != sum.process) ||
            __builtin_add_overflow(sum.started, part->started, &sum.started) ||
            __builtin_add_overflow(sum.missed, part->missed, &sum.missed))
            return NULL;
        sum.process = part->process;
        if (i == 0)
            sum.rate = part->rate;
        else if (at_once)
            sum.rate += part->rate;
        else if (part->rate < sum.rate || part->rate > sum.rate)
            sum.rate = (double)NAN;
    }
    if (!n)
        return NULL;
    struct report_arrivals *merged = arena_array(arena, 1, sizeof *merged);
    *merged = sum;
    return merged;
}
