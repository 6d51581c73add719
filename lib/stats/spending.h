/*
 * Spending: how much of a test's level each of several looks at growing data may use.
 *
 * Who tests at every look at the full level is wrong too often: with four looks one time in eight
 * instead of one in twenty. O'Brien and Fleming (1979, "A multiple testing procedure for clinical
 * trials", Biometrics 35:549-556) ask for overwhelming evidence at first and leave the last look
 * nearly all of the level. Lan and DeMets (1983, "Discrete sequential boundaries for clinical
 * trials", Biometrika 70:659-663) made that a function of the share t of the data,
 *
 *     alpha*(t) = 2 - 2 Phi(z / sqrt(t)),  z the upper alpha / 2 quantile of the normal,
 *
 * so that looks may come when they come, as long as their results do not choose the time.
 *
 * The looks' levels are used as they are, alpha*(t) less that of the look before: by Bonferroni's
 * inequality all of them together are wrong no more often than alpha, whatever the statistic and
 * however its looks hang together. Boundaries that know how they do would leave the last one more
 * (of 0.001, the fourth of four is left 0.00086), but hold for sums of normal increments alone.
 */
#ifndef PERFGATE_STATS_SPENDING_H
#define PERFGATE_STATS_SPENDING_H

/* alpha*(share), 0 < alpha < 1: what may be spent until that share of the data is seen. 0 for a
 * share <= 0, alpha itself from 1 on. */
double spending_until(double alpha, double share);

#endif
