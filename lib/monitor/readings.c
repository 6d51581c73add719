#include "monitor/readings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/slope.h"

#define DIGITS_VALUES  3
#define DIGITS_AMOUNTS 4 /* of counts and sizes, where small steps are a leak */
#define DIGITS_FIGURES 4
#define ROWS_PER_MIN   60

double *readings_add(struct readings *readings, double weight)
{
    size_t row = readings->n;
    if (row == readings->capacity) {
        size_t room = row ? 2 * row : 64;
        readings->cells =
            mem_resize(readings->cells, room * readings->width, sizeof *readings->cells);
        readings->weights = mem_resize(readings->weights, room, sizeof *readings->weights);
        readings->capacity = room;
    }
    double *cells = &readings->cells[row * readings->width];
    for (size_t i = 0; i < readings->width; i++)
        cells[i] = (double)NAN;
    readings->weights[row] = weight;
    readings->n++;
    return cells;
}

void readings_reset(struct readings *readings)
{
    readings->n = 0;
}

void readings_release(struct readings *readings)
{
    free(readings->cells);
    free(readings->weights);
    *readings = (struct readings){.width = readings->width};
}

struct readings readings_latest(const struct readings *readings, size_t most)
{
    struct readings latest = {.width = readings->width};
    for (size_t back = 1; back <= most && back <= readings->n; back++) {
        size_t row = readings->n - back;
        if (readings->weights[row] <= 0)
            continue;
        latest.n = 1;
        latest.cells = &readings->cells[row * readings->width];
        latest.weights = &readings->weights[row];
        break;
    }
    return latest;
}

static double rounded(double value, int digits)
{
    char text[40];
    if (!isfinite(value))
        return (double)NAN;
    snprintf(text, sizeof text, "%.*g", digits, value);
    return strtod(text, NULL);
}

double readings_rounded(double figure)
{
    return rounded(figure, DIGITS_FIGURES);
}

double readings_maximum(const struct readings *readings, size_t column)
{
    double maximum = (double)NAN;
    for (size_t i = 0; i < readings->n; i++)
        maximum = fmax(maximum, readings->cells[i * readings->width + column]);
    return maximum;
}

static void round_series(struct resource_series *series)
{
    bool amount = series->unit == RESOURCE_COUNT || series->unit == RESOURCE_MB;
    series->average = rounded(series->average, DIGITS_FIGURES);
    series->p95 = rounded(series->p95, DIGITS_FIGURES);
    series->maximum = rounded(series->maximum, DIGITS_FIGURES);
    series->slope_per_min = rounded(series->slope_per_min, DIGITS_VALUES);
    for (size_t i = 0; i < series->n_values; i++)
        series->values[i] = rounded(series->values[i], amount ? DIGITS_AMOUNTS : DIGITS_VALUES);
}

bool readings_series(const struct readings *readings, size_t column, bool with_slope,
                     struct arena *arena, struct resource_series *out)
{
    bool known = false;
    out->n_values = readings->n;
    out->values = arena_array(arena, readings->n, sizeof *out->values);
    for (size_t i = 0; i < readings->n; i++) {
        out->values[i] = readings->cells[i * readings->width + column];
        known = known || isfinite(out->values[i]);
    }
    if (!known)
        return false;
    resource_summarize(out, out->values, readings->weights, readings->n);
    out->slope_per_min =
        with_slope ? slope_resistant(out->values, out->n_values) * ROWS_PER_MIN : (double)NAN;
    round_series(out);
    return true;
}
