/*
 * The base's report beside the candidate's of a paired run, as perf-run writes them: X.json and
 * X.base.json.
 */
#ifndef PERFGATE_CMD_REPORT_BESIDE_H
#define PERFGATE_CMD_REPORT_BESIDE_H

#include "model/report.h"
#include "render/render.h"

/* Zeroed it is empty. */
struct report_beside {
    struct report base;
    const struct report *candidates[1], *bases[1];
    struct render_side sides[RENDER_SIDES];
};

/* Both sides of a candidate that was read from `path` and has something to compare, where the base
 * is beside it; else NULL. Release it in either case. */
const struct render_side *report_beside_find(struct report_beside *beside, const char *path,
                                             const struct report *candidate);

void report_beside_release(struct report_beside *beside);

#endif
