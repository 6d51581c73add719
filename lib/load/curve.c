#include "load/curve.h"

#include <math.h>

#include "base/clock.h"

/* The integral `s` seconds after a stage's begin. */
static double integral_in(const struct curve_stage *stage, double s)
{
    return stage->before + s * (stage->from + stage->slope * s / 2);
}

static struct curve_stage *add(struct curve *curve, double length_s, double from, double to)
{
    struct curve_stage *stage = &curve->stages[curve->n], *last = stage - 1;
    *stage = (struct curve_stage){.from = from};
    if (curve->n) {
        stage->begin_s = last->end_s;
        stage->before = integral_in(last, last->end_s - last->begin_s);
    }
    stage->end_s = stage->begin_s + length_s;
    stage->slope = isinf(length_s) ? 0 : (to - from) / length_s;
    curve->n++;
    return stage;
}

void curve_init_level(struct curve *curve, double level, struct arena *arena)
{
    *curve = (struct curve){.stages = arena_array(arena, 1, sizeof *curve->stages)};
    add(curve, (double)INFINITY, level, level);
}

void curve_init_stages(struct curve *curve, const struct scenario_stages *stages,
                       struct arena *arena)
{
    double level = 0;
    *curve = (struct curve){.stages = arena_array(arena, stages->n + 1, sizeof *curve->stages)};
    for (size_t i = 0; i < stages->n; i++) {
        const struct scenario_stage *stage = &stages->items[i];
        double from = stage->shape == STAGE_RAMP ? level : stage->level;
        level = stage->level;
        add(curve, (double)stage->duration_ns / (double)NS_PER_S, from, level);
    }
    add(curve, (double)INFINITY, level, level);
}

static const struct curve_stage *stage_at(const struct curve *curve, double at_s)
{
    size_t i = 0;
    while (at_s >= curve->stages[i].end_s)
        i++;
    return &curve->stages[i];
}

double curve_level(const struct curve *curve, double at_s)
{
    const struct curve_stage *stage = stage_at(curve, at_s);
    return stage->from + stage->slope * (at_s - stage->begin_s);
}

double curve_integral(const struct curve *curve, double at_s)
{
    const struct curve_stage *stage = stage_at(curve, at_s);
    return integral_in(stage, at_s - stage->begin_s);
}

double curve_when(const struct curve *curve, double integral, size_t *stage)
{
    while (*stage + 1 < curve->n && integral >= curve->stages[*stage + 1].before)
        ++*stage;
    const struct curve_stage *at = &curve->stages[*stage];
    double left = integral - at->before;
    if (left <= 0 && at->slope > 0)
        return at->begin_s;
    /* What rounding makes of the end of a ramp to 0. */
    double square = fmax(at->from * at->from + 2 * at->slope * left, 0);
    double speed = at->from + sqrt(square);
    if (speed <= 0)
        return (double)INFINITY;
    return fmin(at->begin_s + 2 * left / speed, at->end_s);
}

/* As curve_reaches(), within one stage. */
static double reaches(const struct curve_stage *stage, double from_s, double level)
{
    double start_s = fmax(from_s, stage->begin_s);
    if (stage->from + stage->slope * (start_s - stage->begin_s) >= level)
        return start_s;
    double at_s =
        stage->slope > 0 ? stage->begin_s + (level - stage->from) / stage->slope : (double)INFINITY;
    return at_s <= stage->end_s ? fmax(at_s, start_s) : (double)INFINITY;
}

double curve_reaches(const struct curve *curve, double from_s, double level)
{
    for (size_t i = 0; i < curve->n; i++) {
        double at_s = (double)INFINITY;
        if (from_s < curve->stages[i].end_s)
            at_s = reaches(&curve->stages[i], from_s, level);
        if (at_s < (double)INFINITY)
            return at_s;
    }
    return (double)INFINITY;
}
