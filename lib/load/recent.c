#include "load/recent.h"

#include <stddef.h>

#include "base/clock.h"

static const struct recent_record *published(const struct crew *crew, int worker, int arm)
{
    const struct recorder *recorder = &crew->workers[worker].lanes[arm].recorder;
    return atomic_load_explicit(&recorder->recent, memory_order_acquire);
}

static double quantile_ms(const struct histogram *histogram, double q)
{
    return histogram_quantile(histogram, q) / (double)NS_PER_MS;
}

/* Workers close the same second at moments of their own: a worker's last one but one second counts
 * as the latest as well. */
void recent_read(const struct crew *crew, int arm, struct load_recent *recent)
{
    struct histogram sum = {0};
    int64_t second = 0;
    for (int i = 0; i < crew->n; i++) {
        const struct recent_record *record = published(crew, i, arm);
        if (record && record->second > second)
            second = record->second;
    }
    if (second <= recent->second)
        return;
    for (int i = 0; i < crew->n; i++) {
        const struct recent_record *record = published(crew, i, arm);
        if (record && record->second >= second - 1)
            histogram_merge_sparse(&sum, &record->latencies);
    }
    *recent = (struct load_recent){.second = second,
                                   .p50_ms = quantile_ms(&sum, 0.5),
                                   .p95_ms = quantile_ms(&sum, 0.95),
                                   .p99_ms = quantile_ms(&sum, 0.99)};
    histogram_release(&sum);
}
