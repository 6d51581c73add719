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

/* Another part's tables. Rows of differences with equal keys add up; else the first part's stay. A
 * table with other columns adds nothing, and neither do rows over REPORT_TABLE_ROWS. */
void resource_tables_add(struct resource_source *source, const struct resource_source *part,
                         struct arena *arena);

/* Most of `by` first, and no more than `top` of them. */
void resource_table_sort(struct resource_table *table, size_t top);

#endif
