/*
 * The label swap of whole batches, on reports: what identical sides could as well have shown.
 *
 * Within a batch of pairs everything of one side goes to the other, for all endpoints together.
 * Where both sides run the same program each pattern of swaps is as likely as the one that was
 * recorded, so that one trace makes many verdicts. They are not independent: the trace is the unit
 * of what can be said of rates.
 */
#ifndef PERFGATE_TESTS_STAT_RELABEL_H
#define PERFGATE_TESTS_STAT_RELABEL_H

#include <stdbool.h>

#include "base/rng.h"
#include "model/report.h"

/* Whether the two sides have the same endpoints, all with evidence. */
bool relabel_can(const struct report *base, const struct report *candidate);

/* Both sides with each batch swapped by coin, their figures those of what they got. Texts are
 * borrowed from the originals; the caller releases both. */
void relabel(const struct report *base, const struct report *candidate, struct rng *rng,
             struct report *base_out, struct report *candidate_out);

/* One side with all latencies of the endpoint called `name` (NULL: of all) times `factor`, and of
 * the requests that did not fail this share failing. */
struct slower {
    const char *name;
    double factor, failing;
};
void relabel_slower(const struct report *from, const struct slower *how, struct report *out);

#endif
