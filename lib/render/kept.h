/*
 * The tables that probes kept, such as a database's statements: of a side alone, or with what
 * changed from the base to the candidate.
 */
#ifndef PERFGATE_RENDER_KEPT_H
#define PERFGATE_RENDER_KEPT_H

#include <stdbool.h>
#include <stddef.h>

#include "render/render.h"
#include "render/table.h"

/* The candidate's table number `i`, counted over all its sources, beside the base's of the same
 * name where both have their own; false where there is none. Release the table. */
bool kept_rows(const struct render_side *sides, size_t i, struct table *out);

/* The sides of one report, with those beside it where they are given. */
struct kept_sides {
    const struct report *reports[1];
    struct render_side sides[RENDER_SIDES];
};
const struct render_side *kept_sides_of(const struct report *report,
                                        const struct render_options *options,
                                        struct kept_sides *own);

#endif
