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
static struct named_figure find(const struct report_resources *resources, const char *name,
                                size_t len)
{
    for (size_t i = 0; resources && i < resources->n_sources; i++) {
        const struct resource_source *source = &resources->sources[i];
        const struct resource_series *series = NULL;
        size_t head = strlen(source->name);
        if (source->kind == RESOURCE_APPLICATION)
            series = find_in(source, name, len);
        if (!series && head < len && name[head] == '.' && strncmp(source->name, name, head) == 0)
            series = find_in(source, name + head + 1, len - head - 1);
        if (series)
            return (struct named_figure){series->average, source, series};
    }
    return (struct named_figure){.figure = (double)NAN};
}

static double other_figure(const struct resource_series *series, const char *which)
{
    if (strcmp(which, ".p95") == 0)
        return series->p95;
    if (strcmp(which, ".maximum") == 0)
        return series->maximum;
    return strcmp(which, ".slope_per_minute") == 0 ? series->slope_per_min : (double)NAN;
}

struct named_figure report_named(const struct report_resources *resources, const char *name)
{
    const char *last = strrchr(name, '.');
    struct named_figure found = find(resources, name, strlen(name));
    if (found.series || !last)
        return found;
    found = find(resources, name, (size_t)(last - name));
    if (found.series)
        found.figure = other_figure(found.series, last);
    found.series = NULL;
    return found;
}

double report_named_at(const struct report_resources *resources, const char *name, int64_t at_ns)
{
    struct named_figure found = report_named(resources, name);
    if (!found.series)
        return (double)NAN;
    int64_t own_ns = found.source->interval_ns;
    int64_t interval_ns = own_ns ? own_ns : resources->interval_ns;
    size_t place = interval_ns > 0 && at_ns >= 0 ? (size_t)(at_ns / interval_ns) : SIZE_MAX;
    return place < found.series->n_values ? found.series->values[place] : (double)NAN;
}
