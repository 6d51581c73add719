#include "import/seconds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

static double ms(double ns)
{
    return ns / (double)NS_PER_MS;
}

static void close_second(struct seconds *seconds, size_t slot)
{
    struct histogram *histogram = &seconds->open[slot].histogram;
    if (!histogram->count)
        return;
    struct second *second = &seconds->items[seconds->open[slot].second - seconds->first];
    second->p50_ms = ms(histogram_quantile(histogram, 0.5));
    second->p95_ms = ms(histogram_quantile(histogram, 0.95));
    histogram_reset(histogram);
}

/* Room for `more` seconds before the first or behind the last; false where they are too many. */
static bool extend(struct seconds *seconds, bool before, size_t more)
{
    if (more > SECONDS_LIMIT || seconds->n + more > SECONDS_LIMIT)
        return false;
    size_t n = seconds->n + more;
    if (n > seconds->capacity) {
        seconds->capacity = 2 * n;
        seconds->items = mem_resize(seconds->items, seconds->capacity, sizeof *seconds->items);
    }
    struct second *fresh = seconds->items + (before ? 0 : seconds->n);
    if (before)
        memmove(seconds->items + more, seconds->items, seconds->n * sizeof *seconds->items);
    for (size_t i = 0; i < more; i++)
        fresh[i] = (struct second){.p50_ms = (double)NAN, .p95_ms = (double)NAN};
    seconds->n = n;
    seconds->first -= before ? (int64_t)more : 0;
    return true;
}

/* NULL where the run is too long. */
static struct second *find(struct seconds *seconds, int64_t at)
{
    if (!seconds->n)
        seconds->first = at;
    int64_t index = at - seconds->first;
    /* With room for more of them: of a file in the other order, each second would move all. */
    if (index < 0 && !extend(seconds, true, (size_t)-index + seconds->n / 4) &&
        !extend(seconds, true, (size_t)-index))
        return NULL;
    index = at - seconds->first;
    if (index >= (int64_t)seconds->n && !extend(seconds, false, (size_t)index + 1 - seconds->n))
        return NULL;
    return &seconds->items[at - seconds->first];
}

static void add_sample(struct seconds *seconds, struct second *second, int64_t at,
                       int64_t duration_ns)
{
    size_t slot = (size_t)at % SECONDS_OPEN;
    if (seconds->open[slot].second > at) {
        second->p50_ms = second->p95_ms = (double)NAN;
        return;
    }
    if (seconds->open[slot].second < at) {
        close_second(seconds, slot);
        seconds->open[slot].second = at;
    }
    histogram_record(&seconds->open[slot].histogram, duration_ns);
}

void seconds_add(struct seconds *seconds, int64_t end_ns, int64_t duration_ns, bool failed,
                 int64_t users)
{
    int64_t at = end_ns / NS_PER_S;
    struct second *second = seconds->over_limit ? NULL : find(seconds, at);
    if (!second) {
        seconds->over_limit = true;
        return;
    }
    second->requests++;
    second->failures += failed;
    second->sum_ns += duration_ns;
    if (users > second->users)
        second->users = users;
    add_sample(seconds, second, at, duration_ns);
}

struct report_series *seconds_series(struct seconds *seconds, int64_t start_ns, struct arena *arena)
{
    int64_t start = start_ns / NS_PER_S;
    if (!seconds->n || seconds->over_limit || !find(seconds, start))
        return NULL;
    for (size_t slot = 0; slot < SECONDS_OPEN; slot++)
        close_second(seconds, slot);
    size_t before = (size_t)(start - seconds->first), n = seconds->n - before;
    struct report_series *series = report_series_new(NS_PER_S, n, arena);
    for (size_t i = 0; i < n; i++) {
        const struct second *second = &seconds->items[before + i];
        series->users[i] = second->users;
        series->requests[i] = second->requests;
        series->failures[i] = second->failures;
        series->average_ms[i] =
            second->requests ? ms((double)second->sum_ns / (double)second->requests) : (double)NAN;
        series->p50_ms[i] = second->p50_ms;
        series->p95_ms[i] = second->p95_ms;
    }
    return series;
}

void seconds_release(struct seconds *seconds)
{
    for (size_t slot = 0; slot < SECONDS_OPEN; slot++)
        histogram_release(&seconds->open[slot].histogram);
    free(seconds->items);
    *seconds = (struct seconds){0};
}
