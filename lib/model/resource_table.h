/*
 * Tables of a report's resources: their shape, and several parts' as one. What a table is, is in
 * report_resources.h.
 */
#ifndef PERFGATE_MODEL_RESOURCE_TABLE_H
#define PERFGATE_MODEL_RESOURCE_TABLE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "model/report_resources.h"

extern const struct js_shape resource_table_shape;

/* What the shape cannot say: rows are as long as there are columns, no key is there twice, and `by`
 * and `per` are columns. `at` is the source. */
int resource_table_check(const struct js_at *at, const struct resource_table *table,
                         struct err *err) __attribute__((warn_unused_result));

/* An empty table of the same columns, for resource_table_add(); NULL for NULL. */
struct resource_table *resource_table_start(const struct resource_table *from, struct arena *arena);

/* Another part's rows. Of differences, equal keys add up; else the first part's stay. A part with
 * other columns adds nothing, and neither do rows over REPORT_TABLE_ROWS. */
void resource_table_add(struct resource_table *table, const struct resource_table *part,
                        struct arena *arena);

/* Most of `by` first, and no more than `top` of them. */
void resource_table_sort(struct resource_table *table, size_t top);

#endif
