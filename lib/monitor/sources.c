#include "monitor/sources.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* The threads' name, for who looks at what they cost. */
#define THREAD "perfgate-ask"

struct worker {
    struct asked *asked;
    struct pulse *pulse;
    struct latest *latest;
    size_t part; /* of the latest */
    size_t sides;
    pthread_t thread;
    bool runs;
};

struct sources {
    size_t sides, n;
    struct worker *workers;
    struct pulse *pulse;
    bool stopped;
};

struct sources *sources_new(const struct sources_setup *setup, struct pulse *pulse,
                            struct latest *latest, size_t first)
{
    struct sources *sources = mem_new(sizeof *sources);
    sources->sides = setup->sides;
    sources->pulse = pulse;
    sources->workers = mem_array(setup->n + 1, sizeof *sources->workers);
    for (size_t i = 0; i < setup->n; i++)
        sources->workers[sources->n++] = (struct worker){.asked = asked_new(&setup->items[i]),
                                                         .pulse = pulse,
                                                         .latest = latest,
                                                         .part = first + i,
                                                         .sides = setup->sides};
    return sources;
}

static void keep_latest(const struct asked *asked, void *context)
{
    const struct worker *worker = context;
    struct latest_part part = {0};
    for (size_t side = 0; side < worker->sides; side++)
        if (asked_is_of(asked, side))
            part.sides[side] = asked_latest(asked, worker->sides > 1, &part.arena);
    latest_set(worker->latest, worker->part, &part);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    pthread_setname_np(pthread_self(), THREAD);
    asked_during(worker->asked, worker->pulse, keep_latest, worker);
    return NULL;
}

int sources_start(struct sources *sources, struct err *err)
{
    for (size_t i = 0; i < sources->n; i++)
        asked_before(sources->workers[i].asked);
    for (size_t i = 0; i < sources->n; i++) {
        struct worker *worker = &sources->workers[i];
        if (asked_spec(worker->asked)->when != WHEN_DURING)
            continue;
        if (pulse_start_thread(&worker->thread, work, worker, "a thread that polls", err) < 0)
            return -1;
        worker->runs = true;
    }
    return 0;
}

void sources_stop(struct sources *sources)
{
    if (sources->stopped)
        return;
    sources->stopped = true;
    for (size_t i = 0; i < sources->n; i++)
        if (sources->workers[i].runs)
            pthread_join(sources->workers[i].thread, NULL);
    if (!pulse_has_begun(sources->pulse))
        return;
    for (size_t i = 0; i < sources->n; i++)
        asked_after(sources->workers[i].asked);
    for (size_t i = 0; i < sources->n; i++)
        for (size_t k = 0; k < i; k++)
            asked_compare(sources->workers[i].asked, sources->workers[k].asked);
}

/* The report's resources, with room for `n` more sources. */
static struct report_resources *resources_of(struct report *report, size_t n)
{
    struct arena *arena = &report->arena;
    struct report_resources *resources = report->resources;
    if (!resources) {
        resources = report->resources = arena_array(arena, 1, sizeof *resources);
        *resources = (struct report_resources){
            .interval_ns = NS_PER_S, .cpu_usage = (double)NAN, .memory_usage = (double)NAN};
    }
    struct resource_source *all = arena_array(arena, resources->n_sources + n, sizeof *all);
    if (resources->n_sources)
        memcpy(all, resources->sources, resources->n_sources * sizeof *all);
    resources->sources = all;
    return resources;
}

void sources_report(const struct sources *sources, size_t side, struct report *report)
{
    struct report_health *health = &report->health;
    if (!pulse_has_begun(sources->pulse))
        return;
    for (size_t i = 0; i < sources->n; i++) {
        const struct asked *asked = sources->workers[i].asked;
        struct resource_source source;
        if (!asked_is_of(asked, side) ||
            !asked_report(asked, sources->sides > 1, &report->arena, &source))
            continue;
        struct report_resources *resources = resources_of(report, 1);
        resources->sources[resources->n_sources++] = source;
        asked_notes(asked, &report->arena, &health->notes, &health->n_notes);
    }
}

void sources_free(struct sources *sources)
{
    if (!sources)
        return;
    sources_stop(sources);
    for (size_t i = 0; i < sources->n; i++)
        asked_free(sources->workers[i].asked);
    free(sources->workers);
    free(sources);
}
