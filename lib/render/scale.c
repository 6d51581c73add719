#include "render/scale.h"

#include <float.h>
#include <math.h>

/* The reach of an axis either way. Documents may hold figures up to the largest of a double, of
 * which sums and ratios would no longer be figures. */
#define MOST 1e300

void scale_fix(struct scale *scale)
{
    double least = scale->log ? 1 / MOST : -MOST;
    if (scale->log && !(scale->low > 0))
        scale->low = scale->high > 0 ? scale->high / 10 : 1;
    scale->low = fmin(fmax(scale->low, least), MOST);
    scale->high = fmin(fmax(scale->high, least), MOST);
    if (scale->high > scale->low)
        return;
    scale->high = scale->log ? scale->low * 2 : scale->low + fmax(1, fabs(scale->low));
    if (scale->log)
        scale->low /= 2;
}

double scale_place(const struct scale *scale, double figure)
{
    double low = scale->log ? log(scale->low) : scale->low;
    double high = scale->log ? log(scale->high) : scale->high;
    double at = !scale->log ? figure : figure > 0 ? log(figure) : low;
    double share = fmin(fmax((at - low) / (high - low), 0), 1);
    return scale->from + share * (scale->to - scale->from);
}

static void add_tick(struct ticks *ticks, double figure)
{
    if (ticks->n < SCALE_TICKS)
        ticks->at[ticks->n++] = figure;
}

static double distance(const struct scale *scale, double a, double b)
{
    return fabs(scale_place(scale, a) - scale_place(scale, b));
}

static struct ticks linear_ticks(const struct scale *scale, double room)
{
    static const double steps[] = {1, 2, 5, 10};
    struct ticks ticks = {0};
    double span = scale->high - scale->low;
    double least = span / fabs(scale->to - scale->from) * room;
    double decade = pow(10, floor(log10(least)));
    double step = decade * 10;
    for (int i = 3; i >= 0; i--)
        step = steps[i] * decade >= least ? steps[i] * decade : step;
    for (double k = ceil(scale->low / step - 1e-9); k * step <= scale->high + span * 1e-9; k++) {
        add_tick(&ticks, k * step + 0.0); /* not -0 */
        if (ticks.n == SCALE_TICKS)
            break;
    }
    return ticks;
}

/* Powers of ten, where there is room for it also twice and five times, or only each n-th power. */
static struct ticks log_ticks(const struct scale *scale, double room)
{
    static const double within[] = {1, 2, 5};
    struct ticks ticks = {0};
    double decade = fabs(scale->to - scale->from) / (log10(scale->high) - log10(scale->low));
    int each = decade >= room ? 1 : (int)ceil(room / decade);
    int parts = decade * log10(2) >= room ? 3 : 1;
    int first = (int)floor(log10(scale->low) / each) * each;
    for (int power = first; pow(10, power) <= scale->high * (1 + 1e-9); power += each) {
        for (int i = 0; i < parts; i++) {
            double figure = within[i] * pow(10, power);
            if (figure >= scale->low * (1 - 1e-9) && figure <= scale->high * (1 + 1e-9))
                add_tick(&ticks, figure);
        }
    }
    return ticks;
}

/* Leaves out what is too near to the one before. */
static void thin_out(struct ticks *ticks, const struct scale *scale, double room)
{
    size_t kept = ticks->n > 0;
    for (size_t i = 1; i < ticks->n; i++) {
        if (distance(scale, ticks->at[i], ticks->at[kept - 1]) >= room - 1e-6)
            ticks->at[kept++] = ticks->at[i];
    }
    ticks->n = kept;
}

struct ticks scale_ticks(const struct scale *scale, double room)
{
    struct ticks ticks = scale->log ? log_ticks(scale, room) : linear_ticks(scale, room);
    /* Within less than a decade a logarithmic axis has no round powers to go by. */
    if (ticks.n < 2)
        ticks = linear_ticks(scale, room);
    thin_out(&ticks, scale, room);
    return ticks;
}

struct ticks scale_ratio_ticks(const struct scale *scale, double room)
{
    static const double ratios[] = {0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 1,  1.02, 1.05,
                                    1.1, 1.2, 1.5, 2,   3,   5,    10,   20, 50,   100};
    enum { N = sizeof ratios / sizeof ratios[0], ONE = 7 };
    struct ticks ticks = {0};
    bool taken[N] = {0};
    double last = (double)NAN; /* outwards from no change */
    for (int i = ONE; i < N; i++) {
        bool on = ratios[i] >= scale->low && ratios[i] <= scale->high;
        taken[i] = on && (isnan(last) || distance(scale, ratios[i], last) >= room);
        last = taken[i] ? ratios[i] : last;
    }
    last = taken[ONE] ? 1 : (double)NAN;
    for (int i = ONE - 1; i >= 0; i--) {
        bool on = ratios[i] >= scale->low && ratios[i] <= scale->high;
        taken[i] = on && (isnan(last) || distance(scale, ratios[i], last) >= room);
        last = taken[i] ? ratios[i] : last;
    }
    for (int i = 0; i < N; i++)
        if (taken[i])
            add_tick(&ticks, ratios[i]);
    return ticks;
}

void scale_add_ratio(struct buf *out, double ratio)
{
    double percent = fmin((ratio - 1) * 100, DBL_MAX);
    if (fabs(percent) < 1e-9)
        buf_add_char(out, '0');
    else
        buf_addf(out, "%+.6g %%", percent);
}
