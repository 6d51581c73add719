#include "stats/changes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/spread.h"

#define MOST_VALUE 1e300
#define CLIP       3.0    /* scaled median absolute deviations */
#define MAD_SCALE  1.4826 /* makes it the standard deviation of what is normal */
#define REVERTED   0.8    /* what a split counts for whose second part ends early */
/* A permuted sum may differ from the same one in the last bits. */
#define SAME 1e-9
/* Permutations: so many for a segment of up to so many runs, which takes a twentieth of a second;
 * then ever fewer, down to the last. */
#define MOST_PERMUTATIONS   999.0
#define MOST_RUNS           250.0
#define FEWEST_PERMUTATIONS 199.0
/* Autocorrelation: its prior has a standard deviation of 0.2 = 1 / sqrt(25), and less than that is
 * let pass. */
#define PRIOR_RUNS      25.0
#define LET_PASS        0.17
#define MOST_CORRELATED 0.8

/* Arrays for the longest segment, used over and over. */
struct room {
    double *values;    /* the segment, clipped */
    double *to_before; /* of each value, the distances to all values before the split */
    double *within;    /* [k]: of all pairs among the first k values */
    double *inverse;   /* [k]: 1 / k */
    void *block;
};

static void room_init(struct room *room, size_t n)
{
    room->block = mem_array(4 * (n + 1), sizeof(double));
    room->values = room->block;
    room->to_before = room->values + n + 1;
    room->within = room->to_before + n + 1;
    room->inverse = room->within + n + 1;
    for (size_t k = 1; k <= n; k++)
        room->inverse[k] = 1 / (double)k;
}

/* ---- one pass ---- */

static void fill_within(const struct room *room, const double *values, size_t n)
{
    room->within[0] = 0;
    for (size_t j = 0; j < n; j++) {
        double sum = 0;
        for (size_t i = 0; i < j; i++)
            sum += fabs(values[i] - values[j]);
        room->within[j + 1] = room->within[j] + sum;
    }
}

/* Looks for the best end of the second part, the first being the first `at` values. When the end
 * moves by one, the distances across grow by one element of room->to_before. */
static void try_ends(const struct room *room, size_t at, size_t n, struct changes_split *best)
{
    const double *inverse = room->inverse;
    double first = room->within[at], mean_first = first * inverse[at - 1], across = 0;
    for (size_t end = at + 1; end <= n; end++) {
        across += room->to_before[end - 1];
        if (end < at + CHANGES_SEGMENT)
            continue;
        double second = room->within[end] - first - across;
        double length = (double)(end - at);
        double distance =
            2 * inverse[end] *
            (across - mean_first * length - second * (double)at * inverse[end - at - 1]);
        if (end < n)
            distance *= REVERTED;
        if (distance > best->distance)
            *best = (struct changes_split){at, end, distance};
    }
}

static struct changes_split best_split(const struct room *room, const double *values, size_t n)
{
    struct changes_split best = {0};
    fill_within(room, values, n);
    memset(room->to_before, 0, n * sizeof *room->to_before);
    for (size_t at = 1; at + CHANGES_SEGMENT <= n; at++) {
        for (size_t j = at; j < n; j++)
            room->to_before[j] += fabs(values[j] - values[at - 1]);
        if (at >= CHANGES_SEGMENT)
            try_ends(room, at, n, &best);
    }
    return best;
}

struct changes_split changes_best_split(const double *values, size_t n)
{
    struct room room;
    room_init(&room, n);
    struct changes_split best = best_split(&room, values, n);
    free(room.block);
    return best;
}

/* ---- a segment ---- */

/* The scaled median of the deviations; where most of them are 0, of the others. */
static double scale_of(double *deviations, size_t n)
{
    size_t n_kept = 0;
    double median = spread_median(deviations, n);
    if (median > 0)
        return MAD_SCALE * median;
    for (size_t i = 0; i < n; i++)
        if (deviations[i] > 0)
            deviations[n_kept++] = deviations[i];
    return n_kept ? MAD_SCALE * spread_median(deviations, n_kept) : 1;
}

/* Centres, scales and clips a segment, into room->values. */
static void clip(const struct room *room, const double *values, size_t n)
{
    double median = spread_median(values, n);
    for (size_t i = 0; i < n; i++) {
        room->values[i] = values[i] - median;
        room->to_before[i] = fabs(room->values[i]);
    }
    double scale = scale_of(room->to_before, n);
    for (size_t i = 0; i < n; i++)
        room->values[i] = fmax(-CLIP, fmin(CLIP, room->values[i] / scale));
}

static void shuffle(double *values, size_t n, struct rng *rng)
{
    for (size_t i = n; i > 1; i--) {
        size_t other = (size_t)rng_below(rng, i);
        double value = values[other];
        values[other] = values[i - 1];
        values[i - 1] = value;
    }
}

/* A series, what its distances shrink to, and the room to look at it. */
struct search {
    const double *values;
    size_t n;
    double shrink;
    struct rng *rng;
    struct room room;
};

/* As many as a pass over 250 runs takes the time for, within bounds. */
static size_t permutations_for(size_t n)
{
    double affordable = MOST_PERMUTATIONS * MOST_RUNS * MOST_RUNS / (double)(n * n);
    return (size_t)fmax(FEWEST_PERMUTATIONS, fmin(affordable, MOST_PERMUTATIONS));
}

/* The share of permutations of room->values with a distance as large, this one counted. Where it is
 * clear that they are too many, it is only known to be over CHANGES_LEVEL. */
static double permutation_p(struct search *search, size_t n, double distance)
{
    double reached = 1, drawn = 1 + (double)permutations_for(n);
    for (size_t i = 1; i < (size_t)drawn && reached <= CHANGES_LEVEL * drawn; i++) {
        shuffle(search->room.values, n, search->rng);
        struct changes_split other = best_split(&search->room, search->room.values, n);
        reached += other.distance >= distance * search->shrink * (1 - SAME);
    }
    return reached / drawn;
}

/* Splits values[start, end) where that is significant. */
static bool split(struct search *search, size_t start, size_t end, struct changes_point *out)
{
    size_t n = end - start;
    if (n < CHANGES_FEWEST)
        return false;
    clip(&search->room, search->values + start, n);
    struct changes_split best = best_split(&search->room, search->room.values, n);
    if (best.distance <= 0)
        return false;
    *out =
        (struct changes_point){.at = start + best.at, .p = permutation_p(search, n, best.distance)};
    return out->p <= CHANGES_LEVEL;
}

/* ---- a series ---- */

/* From left to right. `open` are the changes to the right of `start` that were found already, the
 * nearest last, and below them the end of the series. */
static size_t find(struct search *search, struct changes_point *points)
{
    size_t n = 0, n_open = 1, start = 0;
    struct changes_point *open = mem_array(search->n / CHANGES_SEGMENT + 2, sizeof *open);
    open[0].at = search->n;
    while (n_open) {
        if (split(search, start, open[n_open - 1].at, &open[n_open])) {
            n_open++;
            continue;
        }
        start = open[--n_open].at;
        if (n_open)
            points[n++] = open[n_open];
    }
    free(open);
    return n;
}

/* The lag-1 autocorrelation about the means of the segments. Its bias of -(1 + 4 r) / n for each
 * mean (Marriott and Pope 1954, Biometrika 41:390) is taken out; then it is shrunk: its variance is
 * 1 / n (Bartlett 1946). */
static double autocorrelation(const struct search *search, const struct changes_point *points,
                              size_t n_points)
{
    const double *values = search->room.values;
    double products = 0, squares = 0;
    for (size_t s = 0; s <= n_points; s++) {
        size_t start = s ? points[s - 1].at : 0;
        size_t n = (s < n_points ? points[s].at : search->n) - start;
        double mean = 0;
        clip(&search->room, search->values + start, n);
        for (size_t i = 0; i < n; i++)
            mean += values[i] / (double)n;
        for (size_t i = 0; i < n; i++) {
            squares += (values[i] - mean) * (values[i] - mean);
            products += i ? (values[i] - mean) * (values[i - 1] - mean) : 0;
        }
    }
    if (squares <= 0)
        return 0;
    double n = (double)search->n, segments = (double)(n_points + 1);
    double unbiased = (n * products / squares + segments) / fmax(n - 4 * segments, n / 2);
    return fmin(unbiased * n / (n + PRIOR_RUNS), MOST_CORRELATED);
}

static void fill_medians(const double *values, size_t n, struct changes_point *points,
                         size_t n_points)
{
    for (size_t i = 0; i < n_points; i++) {
        size_t start = i ? points[i - 1].at : 0;
        size_t end = i + 1 < n_points ? points[i + 1].at : n;
        points[i].before = spread_median(values + start, points[i].at - start);
        points[i].after = spread_median(values + points[i].at, end - points[i].at);
    }
}

int changes_find(const double *values, size_t n, struct rng *rng, struct changes_point *points,
                 size_t *n_points)
{
    *n_points = 0;
    for (size_t i = 0; i < n; i++)
        if (!(fabs(values[i]) <= MOST_VALUE))
            return -1;
    if (n < CHANGES_FEWEST)
        return 0;
    struct search search = {.values = values, .n = n, .shrink = 1, .rng = rng};
    room_init(&search.room, n);
    *n_points = find(&search, points);
    double correlation = *n_points ? autocorrelation(&search, points, *n_points) : 0;
    if (correlation >= LET_PASS) {
        /* The variance of a mean of such runs is larger by the inverse of this (Bartlett 1946), and
         * the distance grows with the square of a shift. */
        search.shrink = (1 - correlation) / (1 + correlation);
        *n_points = find(&search, points);
    }
    free(search.room.block);
    fill_medians(values, n, points, *n_points);
    return 0;
}
