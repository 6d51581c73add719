#include "render/resources.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

#define MOST_WHOLE 1e9

enum { C_SOURCE, C_SERIES, C_FIGURES };
enum { F_AVERAGE, F_P95, F_MAXIMUM, F_GROWTH, F_COUNT };

static const struct table_column columns[] = {
    {.title = "Source", .name = true, .max_width = 40},
    {.title = "Resource", .name = false},
    {.title = "Base average", .right = true},
    {.title = "Average", .right = true},
    {.title = "Base p95", .right = true},
    {.title = "p95", .right = true},
    {.title = "Base max", .right = true},
    {.title = "Max", .right = true},
    {.title = "Base growth", .right = true},
    {.title = "Growth", .right = true},
};
#define N_COLUMNS (sizeof columns / sizeof columns[0])

/* With its unit: "35.1 %", "80.5 MiB", "1.20 MiB/s", "12.0 /s", "3.00 ms". */
static void add_figure(struct buf *out, int unit, double figure)
{
    static const char *const suffixes[] = {
        [RESOURCE_PLAIN] = "",         [RESOURCE_RATIO] = " %", [RESOURCE_COUNT] = "",
        [RESOURCE_PER_S] = " /s",      [RESOURCE_MS] = " ms",   [RESOURCE_MB] = " MiB",
        [RESOURCE_MB_PER_S] = " MiB/s"};
    if (!isfinite(figure))
        return;
    if (unit == RESOURCE_COUNT && figure == floor(figure) && fabs(figure) < MOST_WHOLE) {
        buf_addf(out, "%.0f", figure);
        return;
    }
    num_add_rounded(out, unit == RESOURCE_RATIO ? figure * 100 : figure, 0);
    buf_add_str(out, suffixes[unit]);
}

static double figure_of(const struct resource_series *series, int figure)
{
    switch (figure) {
    case F_AVERAGE:
        return series->average;
    case F_P95:
        return series->p95;
    case F_MAXIMUM:
        return series->maximum;
    default:
        return series->slope_per_min;
    }
}

static void fill_row(struct table *table, const struct resource_series *const *sides)
{
    struct table_row *row = &table->rows[table->n_rows - 1];
    struct buf text = {0};
    for (int figure = 0; figure < F_COUNT; figure++)
        for (int side = 0; side < RENDER_SIDES; side++) {
            const struct resource_series *series = sides[side];
            if (!series || isnan(figure_of(series, figure)))
                continue;
            add_figure(&text, series->unit, figure_of(series, figure));
            if (figure == F_GROWTH)
                buf_add_str(&text, "/min");
            row->cells[C_FIGURES + RENDER_SIDES * figure + side] = table_keep(table, &text);
        }
    buf_release(&text);
}

static bool is_brief(const char *series)
{
    static const char *const names[] = {"cpu", "memory", "memory_used"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(series, names[i]) == 0)
            return true;
    return false;
}

static const struct resource_series *series_of(const struct report *report, const char *source,
                                               const char *name)
{
    const struct resource_source *from =
        report && report->resources ? resource_source_find(report->resources, source) : NULL;
    return from ? resource_series_find(from, name) : NULL;
}

/* Something of it happened: a machine has many counters that never move. What a scenario chose is
 * shown nevertheless. */
static bool has_moved(const struct resource_series *const *sides)
{
    for (int side = 0; side < RENDER_SIDES; side++)
        if (sides[side] && (sides[side]->maximum < 0 || sides[side]->maximum > 0))
            return true;
    return false;
}

/* A source's rows, with what the base side has of the same name. What is of both sides is the same
 * in both reports, and shown once. */
static void add_source(struct table *table, const struct resource_source *source,
                       const struct report *base, bool brief)
{
    for (size_t i = 0; i < source->n_series; i++) {
        const struct resource_series *series = &source->series[i];
        bool chosen = source->kind == RESOURCE_APPLICATION && !strchr(series->name, '.');
        if (brief && !is_brief(series->name) && source->kind != RESOURCE_APPLICATION)
            continue;
        const struct resource_series *const sides[RENDER_SIDES] = {
            [RENDER_BASE] = source->shared ? NULL : series_of(base, source->name, series->name),
            [RENDER_CANDIDATE] = series};
        if (!chosen && !has_moved(sides))
            continue;
        struct buf text = {0};
        table_add(table);
        buf_add_str(&text, source->name);
        table->rows[table->n_rows - 1].cells[C_SOURCE] = table_keep(table, &text);
        buf_add_str(&text, resource_title(series->name));
        table->rows[table->n_rows - 1].cells[C_SERIES] = table_keep(table, &text);
        buf_release(&text);
        fill_row(table, sides);
    }
}

static void add_kind(struct table *table, const struct report *candidate, const struct report *base,
                     bool brief, int kind)
{
    const struct report_resources *resources = candidate->resources;
    for (size_t i = 0; i < resources->n_sources; i++)
        if (resources->sources[i].kind == kind)
            add_source(table, &resources->sources[i], base, brief);
}

void resources_rows(const struct render_side *sides, bool brief, struct table *out)
{
    const struct report *candidate = sides[RENDER_CANDIDATE].whole;
    *out = (struct table){.columns = columns, .n_columns = N_COLUMNS};
    if (!sides[RENDER_CANDIDATE].n || !candidate->resources)
        return;
    const struct report *base = sides[RENDER_BASE].n ? sides[RENDER_BASE].whole : NULL;
    add_kind(out, candidate, base, brief, RESOURCE_APPLICATION);
    add_kind(out, candidate, base, brief, RESOURCE_PROCESS);
    add_kind(out, candidate, base, brief, RESOURCE_MACHINE);
}

void resources_rows_of(const struct report *report, bool brief, struct table *out)
{
    const struct report *const reports[] = {report};
    const struct render_side sides[RENDER_SIDES] = {[RENDER_CANDIDATE] = {1, reports, report}};
    resources_rows(sides, brief, out);
}
