/*
 * A load that changes over time in stages: arrivals per second, or users.
 *
 * The level is linear within a stage: from `from`, by `slope` a second. The last stage has no end,
 * so that what holds at the end of a scenario's stages holds on. The integral of a rate is how many
 * arrivals there should have been by then. Within a stage, s seconds after its begin, it is
 *     before + from s + slope s^2 / 2,
 * and so an integral of before + x is reached after
 *     s = 2 x / (from + sqrt(from^2 + 2 slope x)),
 * the positive root of the quadratic, written so that nothing cancels (its usual form expanded by
 * the conjugate) and so that a slope of 0 gives x / from.
 *
 * Only read once it is made, from any thread. Times are seconds from the curve's beginning.
 */
#ifndef PERFGATE_LOAD_CURVE_H
#define PERFGATE_LOAD_CURVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "model/scenario.h"

struct curve_stage {
    double begin_s, end_s; /* INFINITY: the end of the last */
    double from, slope;
    double before; /* the integral up to its begin */
};

struct curve {
    size_t n; /* 0 = there is no curve */
    struct curve_stage *stages;
};

/* A level that never changes. */
void curve_init_level(struct curve *curve, double level, struct arena *arena);

void curve_init_stages(struct curve *curve, const struct scenario_stages *stages,
                       struct arena *arena);

/* Where one stage ends and the next begins at another level, the next one's. */
double curve_level(const struct curve *curve, double at_s);

/* The integral up to a moment. */
double curve_integral(const struct curve *curve, double at_s);

/* When the integral is `integral`; INFINITY: never. *stage is where to look from, 0 at first, for
 * calls whose integrals do not fall. */
double curve_when(const struct curve *curve, double integral, size_t *stage);

/* The first moment from `from_s` on at which the level is `level` or more; INFINITY: never. */
double curve_reaches(const struct curve *curve, double from_s, double level);

#endif
