#include "model/metric_field.h"

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
