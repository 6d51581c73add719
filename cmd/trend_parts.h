/* The parts of `perf-baseline trend` that are in files of their own. */
#ifndef PERFGATE_CMD_TREND_PARTS_H
#define PERFGATE_CMD_TREND_PARTS_H

#include "cmd/baseline_call.h"
#include "model/trend.h"

#define TREND_MOST_RUNS 1000

/* Adds the anchors and the acceptances of the trend's scope; its runs must be there. What they say
 * is in the call's arena. */
int trend_load_marks(struct call *call, const struct baseline_place *place,
                     const struct baseline_key *key, struct trend *trend, struct err *err)
    __attribute__((warn_unused_result));

/* The changes as text, and what there is to say of the rest. */
void trend_add_text(const struct trend *trend, struct buf *out);

/* The names of the forms, for --format; NULL after the last. */
const char *trend_form_name(int i);

/* The trend in one of them; text where `form` is negative. */
void trend_add(const struct trend *trend, int form, struct buf *out);

#endif
