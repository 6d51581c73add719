#include "gate/least.h"

#include <math.h>

#include "base/clock.h"
#include "base/num.h"

static double figure(const struct draft *draft, enum side side)
{
    return draft->estimate->figure[side];
}

static enum side other(enum side side)
{
    return side == SIDE_BASE ? SIDE_CANDIDATE : SIDE_BASE;
}

enum least least_unmet(const struct draft *draft, enum side from)
{
    double change = figure(draft, other(from)) - figure(draft, from);
    return draft->min_change > 0 && !(change > draft->min_change) ? LEAST_MIN_CHANGE : LEAST_NONE;
}

double least_ratio(const struct draft *draft)
{
    double base = figure(draft, SIDE_BASE);
    if (!(draft->min_change > 0) || !(base > 0))
        return draft->threshold;
    return fmax(draft->threshold, (base + draft->min_change) / base);
}

static void add_min_change(struct buf *out, const struct draft *draft)
{
    num_add_duration(out, llround(draft->min_change * (double)NS_PER_MS));
}

void least_say_allowed(struct buf *out, const struct draft *draft)
{
    if (!(draft->min_change > 0))
        return;
    buf_add_str(out, " or ");
    add_min_change(out, draft);
}

void least_say(struct buf *out, const struct draft *draft, int digits)
{
    if (draft->least == LEAST_NONE)
        return;
    buf_add_str(out, ", but only ");
    num_add_latency(out, figure(draft, SIDE_CANDIDATE) - figure(draft, SIDE_BASE), digits);
    buf_add_str(out, " more, within min_change");
}
