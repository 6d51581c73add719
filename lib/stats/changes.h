/*
 * Change points of a series: where it moved to another level, and whether that may be chance.
 *
 * E-Divisive (Matteson and James 2014, "A nonparametric approach for multiple change point analysis
 * of multivariate data", JASA 109:334-345) with alpha = 1, in one dimension. A segment is split
 * where its two parts are farthest apart in energy distance, and the parts are split in turn for as
 * long as a permutation test of the segment says that this is no chance. What is found are changes
 * of distribution; one of the spread alone has to be large.
 *
 * Changes are at least CHANGES_SEGMENT runs apart, and as many from either end, so that a spike or
 * two are no change. Each segment is clipped at three scaled median absolute deviations from its
 * median, so that spikes do not hide one: a step of 3 deviations at the eighth run from the end,
 * among 40 runs of which one in twenty is a spike, is found in 90 of 100 series, unclipped in 72.
 *
 * The second part may end before the segment does (the paper's kappa), or what went up and came
 * back is averaged away: 3 deviations for 10 runs in the middle of 90 are found in 99 of 100
 * series, without it in 5. Such a split counts for 0.8 of its distance, because a change that lasts
 * is the more likely one: a step of 2 deviations at the eighth run from the end of 40 is then found
 * in 83 of 100 series, as without kappa, instead of in 76.
 *
 * A permutation test takes independence for granted. Where the runs resemble their neighbours after
 * the changes are taken out (lag-1 autocorrelation, shrunk towards 0, of 0.17 or more), all is done
 * again with distances that are smaller by so much. The public series need no more than that: those
 * of mongodb/signal-processing-algorithms have up to 0.15, and their expected changes are found.
 *
 * False alarms in series of 20 to 100 runs in which nothing changes, simulated: 1 in 100 series
 * (CHANGES_LEVEL) of independent runs, whatever their distribution; with an autocorrelation of 0.1,
 * 1 to 3; of 0.2, 3 to 5; of 0.3, 5 to 7, where a test that does not look at it has 6 to 17.
 *
 * A pass over a segment of n runs takes O(n^2) time and O(n) memory; k changes take 2k + 1 passes,
 * each over its own segment. A permutation is a pass as well. 1,000 runs: some 1.5 ms a pass, and a
 * third of a second for each change. Pure; nothing is kept.
 */
#ifndef PERFGATE_STATS_CHANGES_H
#define PERFGATE_STATS_CHANGES_H

#include <stddef.h>

#include "base/rng.h"

#define CHANGES_SEGMENT 5                     /* fewest runs between two changes */
#define CHANGES_FEWEST  (2 * CHANGES_SEGMENT) /* with fewer runs there is no change */
#define CHANGES_LEVEL   0.01                  /* of the test of each segment */

struct changes_point {
    size_t at;            /* index of the first run after the change */
    double p;             /* that the segment looks split by chance alone; at least 1 / 1000 for a
                             segment of up to 250 runs, 1 / 200 for one of 560 or more */
    double before, after; /* the medians of the segments on either side */
};

/* Finds the changes in `values`, which are in the order of time, into `points`, which has room for
 * n / CHANGES_SEGMENT of them. Ties and series that do not vary are fine. -1, and nothing is found,
 * where a value is not finite or its size is over 1e300. */
int changes_find(const double *values, size_t n, struct rng *rng, struct changes_point *points,
                 size_t *n_points) __attribute__((warn_unused_result));

/* values[0, at) against values[at, end) */
struct changes_split {
    size_t at, end;
    double distance;
};

/* The split with the largest distance. As in section 2.2 of the paper, with a = at and
 * b = end - at, the sums over the pairs across, within the first and within the second part,
 *     a b / (a + b) (2 / (a b) across - 2 / (a (a - 1)) first - 2 / (b (b - 1)) second),
 * times 0.8 where end < n. All is 0 where no split has a distance over 0. */
struct changes_split changes_best_split(const double *values, size_t n);

#endif
