/*
 * Comparison with stored runs: which of them count, their medians, and from RUNS_MIN on what
 * the next run of unchanged code may show, which a breach must be beyond. That is two bounds.
 *
 * A prediction bound on logs: median * exp(t * s * sqrt(1/m + pi/2N)) for the mean of m new runs,
 * pi/2N being the variance of a median of N (Laplace; Kenney and Keeping 1962, 5.11). s is the
 * row's moderated deviation (stats/moderate.h), so that five runs of one row which agree by luck do
 * not make it look quiet; where there are too few rows to tell what rows have in common, the prior
 * is that of public data.
 *
 * And the worst of the runs, with a margin: a machine's noise is no normal distribution, but on
 * hosted runners a mixture of kinds of machine, of which the last ten may lack one. Of ten runs the
 * margin is 10 %, of fewer more (a worst of five is less bad); never more than four deviations, so
 * that it is small where the machine is quiet.
 *
 * Held against 28 series of hosted runners, each of 3,901 points against the ten before it, one
 * row, threshold 10 % (ci/bench/stored-noise); what fails of the points as they are, and made
 * slower: the threshold alone          13.46 %    +50 % 98.2 %   +100 % 99.5 % t, own spread, 1 %
 * 1.44 %          80.7 %          96.2 %   (what was here before) t, moderated, 1
 * %             1.64 %          84.5 %          97.1 % t, moderated, 5 %             5.43 % 93.4 %
 * 98.8 % 4 MAD                         4.67 %          77.3 %          93.1 % the range of the runs
 * 1.33 %          81.8 %          96.6 % the worst run + 1.5 spreads   0.85 %          79.9 % 95.8
 * % both bounds, as here          0.97 %          87.6 %          98.0 % With series drawn anew, 95
 * % of the false alarm rates lie in 0.74 to 1.24 %. The margin was chosen on these data; chosen on
 * half of the suites it gives the other half 0.8 and 1.2 %. Against five to nine runs 0.9 to 1.1 %
 * fail, and 82 to 88 % of +50 %.
 *
 * For error rates the pooled counts are tested, their variance widened by what the runs differ by
 * (Pearson's chi-square over its degrees of freedom; McCullagh and Nelder 1989, 4.5).
 */
#ifndef PERFGATE_GATE_STORED_H
#define PERFGATE_GATE_STORED_H

#include <stdbool.h>

#include "gate/compare.h"
#include "gate/runs.h"

/* What the worst of ten runs leaves room for, as a log; of fewer, in inverse proportion more; but
 * never more than so many deviations. */
#define STORED_MARGIN_10      0.0953 /* log 1.1 */
#define STORED_MARGIN_SPREADS 4

/* The runs among in->bases that may be compared with `candidate`; fills counting[in->n_bases] from
 * the front and returns how many. Where there are none, says why in numbers->base_state. */
size_t stored_select(const struct gate_input *in, const struct report *candidate,
                     struct numbers *numbers, const struct report **counting);

/* Fills the base figures of every scope (medians), and the noise of the `wanted` metrics where
 * n >= RUNS_MIN. `replicates` is how many runs are behind the candidate's figures. */
void stored_estimate(const struct report *const *reports, size_t n, size_t replicates,
                     const bool wanted[METRIC_COUNT], struct numbers *numbers);

/* Fills the noise of one row, the logs of whose n >= RUNS_MIN figures are in runs->values. */
void stored_estimate_logs(const struct runs *runs, size_t n, const struct runs_pool *pool,
                          enum metric metric, struct estimate *estimate);

/* Figures of the candidate that a merge of its repeats cannot have, as they keep no histograms:
 * their medians. */
void stored_fill_repeats(const struct report *const *repeats, size_t n, struct numbers *numbers);

#endif
