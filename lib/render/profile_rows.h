/*
 * What a profiler saw as a table: the functions that take a larger share of the samples than on the
 * base side, or, where there is nothing to compare, those that take most.
 */
#ifndef PERFGATE_RENDER_PROFILE_ROWS_H
#define PERFGATE_RENDER_PROFILE_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/profile_functions.h"
#include "model/report.h"
#include "render/table.h"

/* Of so many a text tells. */
#define PROFILE_ROWS 5

/* Fills a table, which table_release() frees; `grown`: they are those that got slower. */
void profile_rows(const struct profile_function *functions, size_t n, bool grown,
                  struct table *out);

/* Of one report: what it says itself that got slower, else what takes most. */
void profile_rows_of(const struct report *report, size_t most, struct table *out);

/* "31.0 %" */
void profile_add_share(struct buf *out, double share);

#endif
