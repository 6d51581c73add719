#include "load/walk.h"

uint32_t walk_next(const struct plan_sequence *sequence, uint32_t from, struct rng *rng)
{
    for (; from < sequence->n; from += sequence->steps[from].members) {
        double taken = sequence->steps[from].source->taken;
        if (taken >= 1 || rng_unit(rng) < taken)
            break;
    }
    return from;
}

uint32_t walk_times(const struct plan_step *step, struct rng *rng)
{
    const struct scenario_step *source = step->source;
    if (source->repeat_low == source->repeat_high)
        return (uint32_t)source->repeat_low;
    return (uint32_t)rng_between(rng, source->repeat_low, source->repeat_high);
}
