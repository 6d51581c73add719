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

/* NAN where it is not known; `resources` may be NULL. */
double report_named(const struct report_resources *resources, const char *name);

/* The series whose average the name is; NULL where it is none, or of a report without resources. */
const struct resource_series *report_named_series(const struct report_resources *resources,
                                                  const char *name);

#endif
