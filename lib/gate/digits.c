#include "gate/digits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* 3 + this many digits tell any two doubles apart. */
#define MOST_DIGITS 14

static double figure(const struct draft *draft, enum side side)
{
    return draft->estimate->figure[side];
}

static double rounded(double value, int digits)
{
    char text[64];
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    return strtod(text, NULL);
}

static double percent_rounded(double base, double current, int decimals)
{
    char text[64];
    snprintf(text, sizeof text, "%.*f", decimals, (current / base - 1) * 100);
    return strtod(text, NULL);
}

/* Whether three digits and `extra` show on which side of the threshold the figures are. */
static bool shows_breach(const struct draft *draft, int extra)
{
    double base = figure(draft, SIDE_BASE), current = figure(draft, SIDE_CANDIDATE),
           threshold = draft->threshold;
    double seen_base = rounded(base, 3 + extra), seen_current = rounded(current, 3 + extra);
    bool breach = decide_breach(draft->metric, base, current, threshold);
    if (decide_breach(draft->metric, seen_base, seen_current, threshold) != breach)
        return false;
    if (metric_info(draft->metric)->higher_is_better)
        return true;
    double allowed = rounded((threshold - 1) * 100, 12);
    return (percent_rounded(base, current, 1 + extra) > allowed) == breach;
}

/* … that they differ by more than the least change, or do not. */
static bool shows_least(const struct draft *draft, int extra)
{
    double seen = rounded(figure(draft, SIDE_CANDIDATE), 3 + extra) -
                  rounded(figure(draft, SIDE_BASE), 3 + extra);
    bool more = figure(draft, SIDE_CANDIDATE) - figure(draft, SIDE_BASE) > draft->min_change;
    return !(draft->min_change > 0) || (seen > draft->min_change) == more;
}

/* … on which side of what the stored runs leave room for. */
static bool shows_reach(const struct draft *draft, int extra)
{
    double reach = draft->estimate->reach, current = figure(draft, SIDE_CANDIDATE);
    bool beyond = metric_is_beyond(draft->metric, current, reach);
    return draft->cause != CAUSE_NOISE || !(reach > 0) ||
           metric_is_beyond(draft->metric, rounded(current, 3 + extra),
                            rounded(reach, 3 + extra)) == beyond;
}

/* Whether so many digits show all that is compared with a threshold. */
static bool shows_change(const struct draft *draft, int extra)
{
    return shows_breach(draft, extra) && shows_least(draft, extra) && shows_reach(draft, extra);
}

/* … on which side of the accepted value the candidate's is. */
static bool shows_excess(const struct draft *draft, int extra)
{
    double seen = rounded(figure(draft, SIDE_CANDIDATE), 3 + extra);
    double value = rounded(draft->estimate->acceptance->value, 3 + extra);
    return draft->effect != EFFECT_BEYOND || metric_is_beyond(draft->metric, seen, value);
}

int digits_of(const struct draft *draft)
{
    bool compared = !isnan(draft->threshold) && figure(draft, SIDE_BASE) > 0;
    bool accepted = draft->effect != EFFECT_NONE;
    if (!isfinite(figure(draft, SIDE_CANDIDATE)))
        return 0;
    for (int extra = 0; extra < MOST_DIGITS; extra++)
        if ((!compared || shows_change(draft, extra)) && (!accepted || shows_excess(draft, extra)))
            return extra;
    return MOST_DIGITS;
}

int digits_beyond(const struct draft *draft, double limit)
{
    double current = figure(draft, SIDE_CANDIDATE);
    int extra = 0;
    while (extra < MOST_DIGITS &&
           !metric_is_beyond(draft->metric, rounded(current, 3 + extra), rounded(limit, 3 + extra)))
        extra++;
    return extra;
}
