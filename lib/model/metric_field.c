#include "model/metric_field.h"

#include <string.h>

#include "model/metric.h"

int metric_field_decode(const struct js_at *at, void *member, struct arena *arena, struct err *err)
{
    (void)arena;
    const char *name;
    if (js_get_string(at, &name, err) < 0)
        return -1;
    enum metric metric = metric_find(name);
    if (metric == METRIC_COUNT)
        return js_fail(at, err, "expected the name of a metric, found '%.80s'", name);
    *(int *)member = (int)metric;
    return 0;
}

void metric_field_encode(struct js_writer *writer, const char *key, const void *member)
{
    js_put_string(writer, key, metric_info((enum metric) * (const int *)member)->name);
}

int metric_named_decode(const struct js_at *at, int *metric, const char **name, struct arena *arena,
                        struct err *err)
{
    const char *key;
    struct js_at better;
    if (js_get_string(at, &key, err) < 0)
        return -1;
    if (metric_find(key) != METRIC_COUNT || !js_member(at->up, "better", &better))
        return metric_field_decode(at, metric, arena, err);
    *name = arena_strdup(arena, key);
    return 0;
}

int metric_better_decode(const struct js_at *at, int *metric, const char *name, struct err *err)
{
    const char *better;
    if (js_get_string(at, &better, err) < 0)
        return -1;
    bool higher = strcmp(better, "higher") == 0;
    if (!name || !*name || (!higher && strcmp(better, "lower") != 0))
        return js_fail(at, err,
                       "expected \"lower\" or \"higher\", beside a metric that has a name of its "
                       "own");
    *metric = higher ? METRIC_NAMED_HIGHER : METRIC_NAMED;
    return 0;
}

void metric_better_encode(struct js_writer *writer, const char *key, int metric, const char *name)
{
    if (name)
        js_put_string(writer, key, metric == METRIC_NAMED_HIGHER ? "higher" : "lower");
}
