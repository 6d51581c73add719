#include "monitor/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static const struct scenario_metric *metric_of(const struct figures *figures,
                                               const struct figures_column *column)
{
    return &figures->source->metrics.items[column->metric];
}

/* `each` is the column's now. */
static struct figures_column *take_column(struct figures *figures, size_t metric, char **each)
{
    struct figures_column *column = &figures->columns[figures->n++];
    *column = (struct figures_column){
        .metric = metric, .each = *each, .number = (double)NAN, .whole = (double)NAN};
    *each = NULL;
    return column;
}

void figures_init(struct figures *figures, const struct scenario_source *source)
{
    const struct scenario_metrics *metrics = &source->metrics;
    char *none = NULL;
    *figures = (struct figures){.source = source};
    for (size_t i = 0; i < metrics->n; i++)
        figures->capacity += metrics->items[i].each ? FIGURES_EACH : 1;
    figures->columns = mem_array(figures->capacity + 1, sizeof *figures->columns);
    figures->readings.width = figures->capacity + 1;
    for (size_t i = 0; i < metrics->n; i++)
        if (!metrics->items[i].each)
            take_column(figures, i, &none);
}

void figures_release(struct figures *figures)
{
    for (size_t i = 0; i < figures->n; i++)
        free(figures->columns[i].each);
    free(figures->columns);
    readings_release(&figures->readings);
    *figures = (struct figures){0};
}

/* ---- a round ---- */

void figures_open(struct figures *figures)
{
    for (size_t i = 0; i < figures->n; i++) {
        struct figures_column *column = &figures->columns[i];
        column->number = column->whole = (double)NAN;
        column->has_whole = false;
    }
}

static bool is_each(const struct figures_column *column, struct span each)
{
    if (!column->each)
        return !each.at;
    return each.at && strlen(column->each) == each.len &&
           memcmp(column->each, each.at, each.len) == 0;
}

/* A copy of a name that a report can hold; NULL where it is none. */
static char *name_of(struct span each)
{
    if (!each.len || each.len > FIGURES_KEY_LIMIT)
        return NULL;
    char *name = mem_array(each.len + 1, 1);
    memcpy(name, each.at, each.len);
    name[each.len] = 0;
    const char *at = name;
    uint32_t c;
    while ((c = utf8_next(&at)) != 0)
        if (c == UTF8_INVALID || c < 0x20 || c == 0x7f)
            break;
    if (!c && at == name + each.len)
        return name;
    free(name);
    return NULL;
}

static struct figures_column *column_of(struct figures *figures, const struct readout_number *value)
{
    size_t same = 0;
    for (size_t i = 0; i < figures->n; i++) {
        struct figures_column *column = &figures->columns[i];
        if (column->metric != value->metric)
            continue;
        if (is_each(column, value->each))
            return column;
        same++;
    }
    if (!value->each.at)
        return NULL;
    char *name = same < FIGURES_EACH ? name_of(value->each) : NULL;
    figures->left_out = figures->left_out || !name;
    return name ? take_column(figures, value->metric, &name) : NULL;
}

void figures_take(void *context, const struct readout_number *value)
{
    struct figures *figures = context;
    struct figures_column *column = column_of(figures, value);
    if (!column)
        return;
    if (!value->is_whole) {
        column->number = isnan(column->number) ? value->number : column->number + value->number;
        return;
    }
    column->whole = column->has_whole ? column->whole + value->number : value->number;
    column->has_whole = true;
}

/* What it grew by, as a share or over time; NAN where one of both fell, or nothing is known. */
static double grown(const struct figures_column *column, const struct scenario_metric *metric,
                    const struct figures_round *round)
{
    double more = column->number - column->last, whole = column->whole - column->last_whole;
    if (!(more >= 0))
        return (double)NAN;
    if (metric->n_of)
        return whole > 0 ? more / whole : (double)NAN;
    return round->grown ? more : more / column->since_s;
}

static double count(struct figures_column *column, const struct scenario_metric *metric,
                    const struct figures_round *round)
{
    double figure = (double)NAN;
    column->since_s += round->elapsed_s;
    if (isnan(column->number) || (metric->n_of && isnan(column->whole)))
        return figure;
    if (column->has_last) {
        if (!(round->grown || column->since_s > 0))
            return figure;
        figure = grown(column, metric, round);
    }
    column->has_last = true;
    column->last = column->number;
    column->last_whole = column->whole;
    column->since_s = 0;
    return figure;
}

static double figure_of(struct figures_column *column, const struct scenario_metric *metric,
                        const struct figures_round *round)
{
    if (metric->counter)
        return count(column, metric, round);
    if (!metric->n_of)
        return column->number;
    return column->whole > 0 ? column->number / column->whole : (double)NAN;
}

void figures_close(struct figures *figures, const struct figures_round *round)
{
    double *row = round->is_base ? NULL : readings_add(&figures->readings, round->weight_s);
    if (row)
        row[0] = round->health;
    for (size_t i = 0; i < figures->n; i++) {
        struct figures_column *column = &figures->columns[i];
        const struct scenario_metric *metric = metric_of(figures, column);
        double figure = figure_of(column, metric, round) * metric->scale;
        if (!row || !(fabs(figure) <= RESOURCE_LIMIT))
            continue;
        row[i + 1] = figure;
        column->known = true;
    }
}

/* ---- the report ---- */

static void add_series(const struct figures *figures, size_t number, const char *name, int unit,
                       struct arena *arena, struct resource_source *out)
{
    struct resource_series *series = &out->series[out->n_series];
    if (resource_series_find(out, name))
        return;
    *series = (struct resource_series){.name = name, .unit = unit};
    out->n_series += readings_series(&figures->readings, number, false, arena, series);
}

void figures_report(const struct figures *figures, struct arena *arena, struct resource_source *out)
{
    out->series = arena_array(arena, figures->n + 1, sizeof *out->series);
    if (figures->source->health)
        add_series(figures, 0, "availability", RESOURCE_RATIO, arena, out);
    for (size_t i = 0; i < figures->n; i++) {
        const struct figures_column *column = &figures->columns[i];
        const struct scenario_metric *metric = metric_of(figures, column);
        const char *name = column->each ? arena_printf(arena, "%s.%s", metric->name, column->each)
                                        : arena_strdup(arena, metric->name);
        add_series(figures, i + 1, name, metric->unit, arena, out);
    }
}

const struct scenario_metric *figures_unknown(const struct figures *figures)
{
    const struct scenario_metrics *metrics = &figures->source->metrics;
    for (size_t m = 0; m < metrics->n; m++) {
        bool known = false;
        for (size_t i = 0; i < figures->n; i++)
            known = known || (figures->columns[i].metric == m && figures->columns[i].known);
        if (!known)
            return &metrics->items[m];
    }
    return NULL;
}
