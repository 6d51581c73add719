/*
 * The stored form of a report's endpoints: a column per figure, one line each, so that a run of 50
 * endpoints needs less than 2 KiB of a packed repository. Private to the report_*.c files;
 * perfgate-report(5) describes it.
 *
 * Figures are rounded to what they can carry: means and rates to 5 digits, quantiles, whose
 * histogram is exact to 0.8 %, to 4, the smallest and the largest to 3, those of the whole run to
 * 6. Rounding twice is rounding once, so that a stored run stored again is the same bytes.
 * Rejected: an object per endpoint on a line (the keys alone cost 500 bytes a run, in deltas).
 */
#ifndef PERFGATE_MODEL_REPORT_COLUMNS_H
#define PERFGATE_MODEL_REPORT_COLUMNS_H

#include "base/json.h"
#include "model/report.h"

/* n is 0 where no endpoint has tags. */
struct tag_column {
    size_t n;
    struct tags *items;
};

/* All columns have n elements, but the tags, and the rates, which are left out (0) where each
 * endpoint's is its share of the run's. Figures that are not known are NAN. */
struct report_columns {
    size_t n, n_rates;
    const char **name, **method;
    struct tag_column tags;
    int64_t *requests, *failures;
    double *requests_per_s, *average_ms, *p95_ms, *p99_ms, *median_ms, *min_ms, *max_ms;
};

/* The report's endpoints as columns in the arena, and the run's own figures rounded. */
void report_fold(struct report *report, struct arena *arena);

/* The endpoints of the columns, which then are gone. A report has either. `at` is the root. */
int report_unfold(const struct js_at *at, struct report *report, struct arena *arena,
                  struct err *err) __attribute__((warn_unused_result));

#endif
