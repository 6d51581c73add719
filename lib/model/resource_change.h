/*
 * What changed between two sides' tables of resources, such as the time that each query took for a
 * call.
 */
#ifndef PERFGATE_MODEL_RESOURCE_CHANGE_H
#define PERFGATE_MODEL_RESOURCE_CHANGE_H

#include "base/arena.h"
#include "model/report_resources.h"

/* A row of the candidate. Unknown numbers are NAN. */
struct resource_change {
    const struct resource_row *row;
    const struct resource_row *base; /* NULL = the base has none of the key */
    double each, base_each;          /* `by` divided by `per`, or `by` itself */
    double ratio;                    /* of these two */
};

/* A side's `by` divided by `per`, or `by` itself where the table has no `per`. */
double resource_row_each(const struct resource_table *table, const struct resource_row *row);

/* All rows of the candidate's table, n_rows of them: those first that took most more or less than
 * at the base's rate, in all calls together. One that the base's table has not is new, or was not
 * among those that it kept, and then had no more than the last of these: it took at least so much
 * more. `base` may be NULL: then in the table's order. */
struct resource_change *resource_changes(const struct resource_table *candidate,
                                         const struct resource_table *base, struct arena *arena);

#endif
