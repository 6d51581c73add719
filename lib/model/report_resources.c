#include "model/report_resources.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/report.h"
#include "model/resource_table.h"

#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

/* ---- the document ---- */

static const char *const kind_names[] = {[RESOURCE_MACHINE] = "machine",
                                         [RESOURCE_PROCESS] = "process",
                                         [RESOURCE_APPLICATION] = "application",
                                         NULL};

const char *const resource_unit_names[] = {[RESOURCE_PLAIN] = "plain",
                                           [RESOURCE_RATIO] = "ratio",
                                           [RESOURCE_COUNT] = "count",
                                           [RESOURCE_PER_S] = "per_s",
                                           [RESOURCE_MS] = "ms",
                                           [RESOURCE_MB] = "mb",
                                           [RESOURCE_MB_PER_S] = "mb_per_s",
                                           NULL};

#define SIGNED .low = -RESOURCE_LIMIT, .high = RESOURCE_LIMIT

static const struct js_field series_fields[] = {
    {JS_FIELD(resource_series, "name", JS_STRING, name), JS_REQUIRED},
    {JS_FIELD(resource_series, "unit", JS_ENUM, unit), JS_REQUIRED, .names = resource_unit_names},
    {JS_FIELD(resource_series, "average", JS_NUMBER, average), SIGNED},
    {JS_FIELD(resource_series, "p95", JS_NUMBER, p95), SIGNED},
    {JS_FIELD(resource_series, "maximum", JS_NUMBER, maximum), SIGNED},
    {JS_FIELD(resource_series, "slope_per_minute", JS_NUMBER, slope_per_min), SIGNED},
    {JS_LIST(resource_series, "values", JS_NUMBERS, values, n_values),
     .flags = JS_OMIT_ZERO | JS_TIGHT, SIGNED},
};
static const struct js_shape series_shape = {
    .size = sizeof(struct resource_series), FIELDS(series_fields), .one_line = true};

static const struct js_field source_fields[] = {
    {JS_FIELD(resource_source, "name", JS_STRING, name), JS_REQUIRED},
    {JS_FIELD(resource_source, "kind", JS_ENUM, kind), JS_REQUIRED, .names = kind_names},
    {JS_FIELD(resource_source, "shared", JS_BOOL, shared)},
    {JS_FIELD(resource_source, "cores", JS_NUMBER, cores), .high = 1e6},
    {JS_FIELD(resource_source, "memory_mb", JS_NUMBER, memory_mb), .high = RESOURCE_LIMIT},
    {JS_FIELD(resource_source, "processes", JS_INT, processes), JS_OMIT_ZERO, .high = 1e9},
    {JS_FIELD(resource_source, "restarts", JS_INT, restarts), JS_OMIT_ZERO, .high = 1e9},
    {JS_FIELD(resource_source, "gone", JS_BOOL, gone)},
    {JS_FIELD(resource_source, "failures", JS_INT, failures), JS_OMIT_ZERO, .high = 1e9},
    {JS_FIELD(resource_source, "interval_ms", JS_MS, interval_ns), JS_OMIT_ZERO},
    {JS_LIST(resource_source, "series", JS_OBJECTS, series, n_series), .flags = JS_REQUIRED,
     .shape = &series_shape},
    {JS_LIST(resource_source, "tables", JS_OBJECTS, tables, n_tables), .flags = JS_OMIT_ZERO,
     .shape = &resource_table_shape},
};
static const struct js_shape source_shape = {.size = sizeof(struct resource_source),
                                             FIELDS(source_fields)};

/* Usage may be over 1 by what clocks of different precision leave. */
static const struct js_field resources_fields[] = {
    {JS_FIELD(report_resources, "interval_ms", JS_MS, interval_ns), JS_OMIT_ZERO},
    {JS_FIELD(report_resources, "cpu_usage", JS_NUMBER, cpu_usage), .high = 1e6},
    {JS_FIELD(report_resources, "memory_usage", JS_NUMBER, memory_usage), .high = 1e6},
    {JS_FIELD(report_resources, "of_machine", JS_BOOL, of_machine)},
    {JS_LIST(report_resources, "sources", JS_OBJECTS, sources, n_sources), .flags = JS_OMIT_ZERO,
     .shape = &source_shape},
};
const struct js_shape report_resources_shape = {.size = sizeof(struct report_resources),
                                                FIELDS(resources_fields)};

static int check_source(const struct js_at *at, const struct resource_source *source,
                        struct err *err)
{
    if (source->n_series > REPORT_SOURCE_SERIES)
        return js_fail(at, err, "series: expected up to %d, found %zu", REPORT_SOURCE_SERIES,
                       source->n_series);
    for (size_t i = 0; i < source->n_series; i++) {
        const struct resource_series *series = &source->series[i];
        if (series->n_values != source->series[0].n_values)
            return js_fail(at, err, "series: expected %zu values of '%.80s', found %zu",
                           source->series[0].n_values, series->name, series->n_values);
        if (resource_series_find(source, series->name) != series)
            return js_fail(at, err, "series: '%.80s' is there twice", series->name);
    }
    if (source->n_tables > REPORT_TABLES)
        return js_fail(at, err, "tables: expected up to %d, found %zu", REPORT_TABLES,
                       source->n_tables);
    for (size_t i = 0; i < source->n_tables; i++)
        if (resource_table_check(at, &source->tables[i], err) < 0)
            return -1;
    return 0;
}

int report_resources_check(const struct js_at *at, const struct report_resources *resources,
                           struct err *err)
{
    struct js_at sources;
    if (!js_member(at, "sources", &sources))
        return 0;
    if (resources->n_sources > REPORT_SOURCES)
        return js_fail(&sources, err, "expected up to %d, found %zu", REPORT_SOURCES,
                       resources->n_sources);
    for (size_t i = 0; i < resources->n_sources; i++) {
        struct js_at item = js_item(&sources, i);
        const struct resource_source *source = &resources->sources[i];
        if (resource_source_find(resources, source->name) != source)
            return js_fail(&item, err, "the source '%.80s' is there twice", source->name);
        if (check_source(&item, source, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- asking ---- */

double report_figure(const struct report *report, enum metric metric)
{
    const struct report_resources *resources = report->resources;
    if (metric_info(metric)->kind != KIND_RESOURCE)
        return metric_value(&report->metrics, metric);
    if (!resources)
        return (double)NAN;
    return metric == METRIC_CPU_USAGE ? resources->cpu_usage : resources->memory_usage;
}

const struct resource_source *resource_source_find(const struct report_resources *resources,
                                                   const char *name)
{
    for (size_t i = 0; i < resources->n_sources; i++)
        if (strcmp(resources->sources[i].name, name) == 0)
            return &resources->sources[i];
    return NULL;
}

const struct resource_series *resource_series_find(const struct resource_source *source,
                                                   const char *name)
{
    for (size_t i = 0; i < source->n_series; i++)
        if (strcmp(source->series[i].name, name) == 0)
            return &source->series[i];
    return NULL;
}

int64_t resource_interval_ns(const struct report_resources *resources,
                             const struct resource_source *source)
{
    return source->interval_ns ? source->interval_ns : resources->interval_ns;
}

const char *resource_kind_name(int kind)
{
    return kind_names[kind];
}

/* The monitor's series. One that is added there has its row here. */
const char *resource_title(const char *name)
{
    static const struct {
        const char *name, *title;
    } known[] = {
        {"cpu", "CPU"},
        {"cpu_busiest", "busiest core"},
        {"steal", "CPU stolen"},
        {"iowait", "CPU waiting for disks"},
        {"memory", "memory"},
        {"memory_used", "memory used"},
        {"memory_available", "memory available"},
        {"swap", "swap used"},
        {"disk_read", "read from disks"},
        {"disk_written", "written to disks"},
        {"disk_operations", "disk operations"},
        {"disk_wait", "wait per disk operation"},
        {"net_received", "received"},
        {"net_sent", "sent"},
        {"net_loopback", "over the loopback"},
        {"net_errors", "network errors"},
        {"retransmits", "TCP retransmits"},
        {"pressure_cpu", "waiting for CPU"},
        {"pressure_memory", "waiting for memory"},
        {"pressure_io", "waiting for I/O"},
        {"threads", "threads"},
        {"descriptors", "file descriptors"},
        {"context_switches", "context switches"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].title;
    return name;
}

/* ---- figures ---- */

static int compare_doubles(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

void resource_summarize(struct resource_series *series, const double *values, const double *weights,
                        size_t n)
{
    double *known = mem_array(n ? n : 1, sizeof *known);
    double sum = 0, weight = 0;
    size_t n_known = 0;
    series->average = series->p95 = series->maximum = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        known[n_known++] = values[i];
        sum += values[i] * weights[i];
        weight += weights[i];
    }
    if (n_known) {
        qsort(known, n_known, sizeof *known, compare_doubles);
        series->p95 = known[(size_t)ceil(0.95 * (double)n_known) - 1];
        series->maximum = known[n_known - 1];
    }
    if (weight > 0)
        series->average = sum / weight;
    free(known);
}

/* ---- parts ---- */

static struct resource_source brief_source(const struct resource_source *from, struct arena *arena)
{
    struct resource_source source = {.name = from->name,
                                     .kind = from->kind,
                                     .shared = from->shared,
                                     .cores = (double)NAN,
                                     .memory_mb = (double)NAN};
    source.series = arena_array(arena, from->n_series, sizeof *source.series);
    for (; source.n_series < from->n_series; source.n_series++)
        source.series[source.n_series] =
            (struct resource_series){.name = from->series[source.n_series].name,
                                     .unit = from->series[source.n_series].unit,
                                     .average = from->series[source.n_series].average,
                                     .p95 = (double)NAN,
                                     .maximum = (double)NAN,
                                     .slope_per_min = (double)NAN};
    return source;
}

struct report_resources *report_resources_brief(const struct report_resources *resources,
                                                struct arena *arena)
{
    if (!resources)
        return NULL;
    struct report_resources *brief = arena_array(arena, 1, sizeof *brief);
    *brief = (struct report_resources){.cpu_usage = resources->cpu_usage,
                                       .memory_usage = resources->memory_usage,
                                       .of_machine = resources->of_machine};
    brief->sources = arena_array(arena, resources->n_sources, sizeof *brief->sources);
    for (size_t i = 0; i < resources->n_sources; i++)
        if (resources->sources[i].kind == RESOURCE_APPLICATION)
            brief->sources[brief->n_sources++] = brief_source(&resources->sources[i], arena);
    bool known = !isnan(brief->cpu_usage) || !isnan(brief->memory_usage) || brief->n_sources;
    return known ? brief : NULL;
}

/* A series' figures over all parts; `source` is the merged one. */
static void merge_series(const struct report *const *parts, size_t n,
                         const struct resource_source *source, struct resource_series *out)
{
    double *values = NULL, *weights = NULL, sum = 0, weight = 0, maximum = (double)NAN;
    size_t n_values = 0;
    bool whole = true;
    for (size_t i = 0; i < n; i++) {
        const struct report_resources *from = parts[i]->resources;
        const struct resource_source *part = from ? resource_source_find(from, source->name) : NULL;
        const struct resource_series *series = part ? resource_series_find(part, out->name) : NULL;
        if (!series || isnan(series->average))
            continue;
        double time = (double)parts[i]->duration_ns;
        whole = whole && series->n_values;
        sum += series->average * time;
        weight += time;
        maximum = fmax(maximum, series->maximum);
        values = mem_resize(values, n_values + series->n_values + 1, sizeof *values);
        for (size_t k = 0; k < series->n_values; k++)
            values[n_values++] = series->values[k];
    }
    weights = mem_array(n_values + 1, sizeof *weights);
    resource_summarize(out, values, weights, whole ? n_values : 0);
    out->average = weight > 0 ? sum / weight : (double)NAN;
    out->maximum = maximum;
    out->slope_per_min = (double)NAN;
    free(values);
    free(weights);
}

static size_t count_sources(const struct report *const *parts, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += parts[i]->resources ? parts[i]->resources->n_sources : 0;
    return count;
}

/* The names and units of another part's series that are not there yet. */
static void add_series(const struct resource_source *from, struct resource_source *to,
                       struct arena *arena)
{
    struct resource_series *all = arena_array(arena, to->n_series + from->n_series, sizeof *all);
    if (to->n_series)
        memcpy(all, to->series, to->n_series * sizeof *all);
    to->series = all;
    for (size_t i = 0; i < from->n_series; i++)
        if (!resource_series_find(to, from->series[i].name))
            all[to->n_series++] = (struct resource_series){
                .name = arena_strdup(arena, from->series[i].name), .unit = from->series[i].unit};
}

static void add_source(const struct resource_source *from, struct report_resources *to,
                       struct arena *arena)
{
    struct resource_source *source = NULL;
    for (size_t i = 0; i < to->n_sources && !source; i++)
        if (strcmp(to->sources[i].name, from->name) == 0)
            source = &to->sources[i];
    if (!source) {
        source = &to->sources[to->n_sources++];
        *source = (struct resource_source){.name = arena_strdup(arena, from->name),
                                           .kind = from->kind,
                                           .cores = from->cores,
                                           .memory_mb = from->memory_mb};
    }
    source->shared = source->shared || from->shared;
    source->gone = source->gone || from->gone;
    source->restarts += from->restarts;
    source->failures += from->failures;
    resource_tables_add(source, from, arena);
    if (from->processes > source->processes)
        source->processes = from->processes;
    add_series(from, source, arena);
}

/* The two figures, of the targets where one part knows them. */
static void merge_usage(const struct report *const *parts, size_t n, struct report_resources *out)
{
    double sum = 0, weight = 0;
    out->of_machine = true;
    out->cpu_usage = out->memory_usage = (double)NAN;
    for (size_t i = 0; i < n; i++)
        if (parts[i]->resources && !parts[i]->resources->of_machine)
            out->of_machine = false;
    for (size_t i = 0; i < n; i++) {
        const struct report_resources *part = parts[i]->resources;
        if (!part || part->of_machine != out->of_machine)
            continue;
        out->memory_usage = fmax(out->memory_usage, part->memory_usage);
        if (isnan(part->cpu_usage))
            continue;
        sum += part->cpu_usage * (double)parts[i]->duration_ns;
        weight += (double)parts[i]->duration_ns;
    }
    if (weight > 0)
        out->cpu_usage = sum / weight;
}

struct report_resources *report_resources_merge(const struct report *const *parts, size_t n,
                                                struct arena *arena)
{
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any = any || parts[i]->resources;
    if (!any)
        return NULL;
    struct report_resources *out = arena_array(arena, 1, sizeof *out);
    merge_usage(parts, n, out);
    out->sources = arena_array(arena, count_sources(parts, n), sizeof *out->sources);
    for (size_t i = 0; i < n; i++)
        for (size_t s = 0; parts[i]->resources && s < parts[i]->resources->n_sources; s++)
            add_source(&parts[i]->resources->sources[s], out, arena);
    for (size_t i = 0; i < out->n_sources; i++)
        for (size_t s = 0; s < out->sources[i].n_series; s++)
            merge_series(parts, n, &out->sources[i], &out->sources[i].series[s]);
    return out;
}
