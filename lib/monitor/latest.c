#include "monitor/latest.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

void latest_init(struct latest *latest, size_t n)
{
    pthread_mutex_init(&latest->lock, NULL);
    latest->n = n;
    latest->parts = mem_array(n + 1, sizeof *latest->parts);
}

void latest_release(struct latest *latest)
{
    for (size_t i = 0; i < latest->n; i++)
        arena_release(&latest->parts[i].arena);
    free(latest->parts);
    pthread_mutex_destroy(&latest->lock);
}

void latest_set(struct latest *latest, size_t i, const struct latest_part *part)
{
    pthread_mutex_lock(&latest->lock);
    struct latest_part before = latest->parts[i];
    latest->parts[i] = *part;
    pthread_mutex_unlock(&latest->lock);
    arena_release(&before.arena);
}

/* All parts of a side as one. */
static const struct report_resources *join(const struct latest *latest, size_t side,
                                           struct arena *arena)
{
    struct report_resources *out = arena_array(arena, 1, sizeof *out);
    size_t n = 0;
    *out = (struct report_resources){.cpu_usage = (double)NAN, .memory_usage = (double)NAN};
    for (size_t i = 0; i < latest->n; i++)
        n += latest->parts[i].sides[side] ? latest->parts[i].sides[side]->n_sources : 0;
    out->sources = arena_array(arena, n + 1, sizeof *out->sources);
    for (size_t i = 0; i < latest->n; i++) {
        const struct report_resources *part = latest->parts[i].sides[side];
        for (size_t k = 0; part && k < part->n_sources; k++)
            out->sources[out->n_sources++] = part->sources[k];
    }
    return n ? out : NULL;
}

void latest_use(struct latest *latest,
                void (*use)(const struct report_resources *const sides[2], void *context),
                void *context)
{
    struct arena arena = {0};
    const struct report_resources *sides[2];
    pthread_mutex_lock(&latest->lock);
    for (size_t side = 0; side < 2; side++)
        sides[side] = join(latest, side, &arena);
    use(sides, context);
    pthread_mutex_unlock(&latest->lock);
    arena_release(&arena);
}
