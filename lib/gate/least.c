#include "gate/least.h"

#include <math.h>
#include <stdbool.h>

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

double least_rounding(int64_t resolution_ns, enum metric metric)
{
    if (metric_info(metric)->unit != UNIT_MS)
        return 0;
    return (double)resolution_ns / (double)NS_PER_MS / 2;
}

static bool is_rounded(const struct draft *draft)
{
    return draft->rounding[SIDE_BASE] > 0 || draft->rounding[SIDE_CANDIDATE] > 0;
}

enum least least_unmet(const struct draft *draft, enum side from)
{
    enum side to = other(from);
    double change = figure(draft, to) - figure(draft, from);
    if (draft->min_change > 0 && !(change > draft->min_change))
        return LEAST_MIN_CHANGE;
    if (is_rounded(draft) &&
        !decide_breach(draft->metric, figure(draft, from) + draft->rounding[from],
                       figure(draft, to) - draft->rounding[to], draft->threshold))
        return LEAST_RESOLUTION;
    return LEAST_NONE;
}

double least_ratio(const struct draft *draft)
{
    double base = figure(draft, SIDE_BASE), ratio = draft->threshold;
    if (!(base > 0))
        return ratio;
    if (draft->min_change > 0)
        ratio = fmax(ratio, (base + draft->min_change) / base);
    if (is_rounded(draft))
        ratio = fmax(ratio, ((base + draft->rounding[SIDE_BASE]) * draft->threshold +
                             draft->rounding[SIDE_CANDIDATE]) /
                                base);
    return ratio;
}

static void add_ms(struct buf *out, double ms)
{
    num_add_duration(out, llround(ms * (double)NS_PER_MS));
}

void least_say_allowed(struct buf *out, const struct draft *draft)
{
    if (!(draft->min_change > 0))
        return;
    buf_add_str(out, " or ");
    add_ms(out, draft->min_change);
}

void least_say(struct buf *out, const struct draft *draft, int digits)
{
    switch (draft->least) {
    case LEAST_NONE:
        return;
    case LEAST_MIN_CHANGE:
        buf_add_str(out, ", but only ");
        num_add_latency(out, figure(draft, SIDE_CANDIDATE) - figure(draft, SIDE_BASE), digits);
        buf_add_str(out, " more, within min_change");
        return;
    case LEAST_RESOLUTION:
        buf_add_str(out, ", but the figures are known to ");
        add_ms(out, 2 * fmax(draft->rounding[SIDE_BASE], draft->rounding[SIDE_CANDIDATE]));
        buf_add_str(out, " only");
        return;
    }
}
