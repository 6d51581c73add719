#include "load/timeline.h"

static const struct recent_record *published(const struct crew *crew, int worker, int arm)
{
    const struct recorder *recorder = &crew->workers[worker].lanes[arm].recorder;
    return atomic_load_explicit(&recorder->recent, memory_order_acquire);
}

/* Adds what a worker closed up to this second, and was not taken yet. */
static void take(struct timeline *timeline, int worker, const struct recent_record *record,
                 struct load_second *second)
{
    int64_t before = timeline->taken[worker];
    for (; record && record->second > before; record = record->before) {
        if (record->second > second->number + 1)
            continue;
        second->failures += record->failures;
        histogram_merge_sparse(&timeline->latencies, &record->latencies);
        if (record->second > timeline->taken[worker])
            timeline->taken[worker] = record->second;
    }
}

bool timeline_next(struct timeline *timeline, const struct crew *crew, int arm,
                   struct load_second *second)
{
    const struct recent_record *records[LOAD_MAX_THREADS];
    int64_t newest = 0;
    for (int i = 0; i < crew->n; i++) {
        records[i] = published(crew, i, arm);
        if (records[i] && records[i]->second > newest)
            newest = records[i]->second;
    }
    if (newest < timeline->shown + 2)
        return false;
    *second = (struct load_second){.number = timeline->shown++, .latencies = &timeline->latencies};
    histogram_reset(&timeline->latencies);
    for (int i = 0; i < crew->n; i++)
        take(timeline, i, records[i], second);
    return true;
}

void timeline_release(struct timeline *timeline)
{
    histogram_release(&timeline->latencies);
    *timeline = (struct timeline){0};
}
