/*
 * Figures of a report's resources by the names that policies and alerts have for them:
 *
 *     NAME                     of the application: what the scenario calls a metric
 *     SOURCE.SERIES            of any source: "target.memory", "database.threads"
 *
 * which are averages over the run; ".p95", ".maximum" and ".slope_per_minute" behind a name are the
 * series' other figures, the slope of memory alone.
 */
#ifndef PERFGATE_MODEL_REPORT_NAMED_H
#define PERFGATE_MODEL_REPORT_NAMED_H

#include "model/report_resources.h"

struct named_figure {
    double figure;                        /* NAN = not known */
    const struct resource_source *source; /* NULL where nothing has the name */
    const struct resource_series *series; /* whose average it is; NULL = it is another figure */
};

/* `resources` may be NULL. */
struct named_figure report_named(const struct report_resources *resources, const char *name);

/* The value of the interval that holds this time since measuring began; NAN = not known. */
double report_named_at(const struct report_resources *resources, const char *name, int64_t at_ns);

#endif
