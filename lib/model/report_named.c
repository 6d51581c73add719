#include "model/report_named.h"

#include <math.h>
#include <string.h>

static bool is_name(const char *name, const char *text, size_t len)
{
    return strncmp(name, text, len) == 0 && !name[len];
}

static const struct resource_series *find_in(const struct resource_source *source, const char *text,
                                             size_t len)
{
    for (size_t i = 0; i < source->n_series; i++)
        if (is_name(source->series[i].name, text, len))
            return &source->series[i];
    return NULL;
}

/* By its own name where it is the application's, else by its source's and its own. */
static const struct resource_series *find(const struct report_resources *resources,
                                          const char *name, size_t len)
{
    const struct resource_series *found = NULL;
    for (size_t i = 0; resources && !found && i < resources->n_sources; i++) {
        const struct resource_source *source = &resources->sources[i];
        size_t head = strlen(source->name);
        if (source->kind == RESOURCE_APPLICATION)
            found = find_in(source, name, len);
        if (!found && head < len && name[head] == '.' && strncmp(source->name, name, head) == 0)
            found = find_in(source, name + head + 1, len - head - 1);
    }
    return found;
}

const struct resource_series *report_named_series(const struct report_resources *resources,
                                                  const char *name)
{
    return find(resources, name, strlen(name));
}

double report_named(const struct report_resources *resources, const char *name)
{
    const struct resource_series *series = report_named_series(resources, name);
    const char *last = strrchr(name, '.');
    if (series)
        return series->average;
    series = last ? find(resources, name, (size_t)(last - name)) : NULL;
    if (!series)
        return (double)NAN;
    if (strcmp(last, ".p95") == 0)
        return series->p95;
    if (strcmp(last, ".maximum") == 0)
        return series->maximum;
    return strcmp(last, ".slope_per_minute") == 0 ? series->slope_per_min : (double)NAN;
}
