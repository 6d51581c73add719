/*
 * Named metrics: figures of the target or the application that a policy asks of by name, each a row
 * of the whole run.
 *
 * In a paired run the monitor saw both sides in the same seconds. What they had in NAMED_BATCHES
 * stretches of them is compared as batches of requests are (gate/paired.h): the error of log R by
 * leaving out one after the other, a t-tail, and the swap of labels. Requests of two batches have
 * little to do with each other; a queue, a heap or a cache moves slowly, so that the error is that
 * of as many independent stretches as these are worth, n (1 - r) / (1 + r) for the autocorrelation
 * r (Bayley and Hammersley 1946). The spread between starts is the stated one (gate/starts.h). With
 * stored runs it is as for other figures (gate/stored.h), but from the row's own spread and the
 * prior of public data. Where there is too little of either, the threshold alone decides, and the
 * row says so.
 *
 * A metric that the candidate's report lacks is errored, and fails no less than one of requests
 * would: only "optional" lets it pass.
 */
#ifndef PERFGATE_GATE_NAMED_H
#define PERFGATE_GATE_NAMED_H

#include "gate/compare.h"
#include "gate/decide.h"
#include "gate/gate.h"
#include "model/policy.h"

/* As many as DECIDE_MIN_BATCHES, each of at least one interval that both sides have a value of. */
#define NAMED_BATCHES DECIDE_MIN_BATCHES

/* Fills numbers->named with what the input's policies name. After compare_reports(). */
void named_compare(const struct gate_input *in, struct numbers *numbers);

/* The draft of one, opened; not used where the policy does not name it. */
void named_draft(const struct numbers *numbers, const struct policy *policy,
                 const struct named_metric *named, struct draft *out);

#endif
