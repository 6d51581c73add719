/*
 * What machines and processes were busy with, in Prometheus' text exposition format, version 0.0.4:
 * of a report, and of a run under way.
 *
 * A family for each unit, in base units (seconds, bytes, ratios, per second), with kind and name of
 * the source and the name of the series as labels, whatever they are: those that an application's
 * own endpoint has are no others. What each source may use are two families more.
 */
#ifndef PERFGATE_RENDER_PROMETHEUS_H
#define PERFGATE_RENDER_PROMETHEUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/report_resources.h"

/* Those of one report, or of one side. */
struct prometheus_resources {
    const char *label, *value; /* of each sample: "side", "base"; no label where `value` is NULL */
    const struct report_resources *resources; /* NULL = nothing was watched */
};

/* Appends `n` of them as perfgate_PREFIX_ratio and so on. `latest`: only the averages, which are
 * those of one moment; else average, p95 and maximum, with a label `stat`. What is `shared` comes
 * once, of the first, and without their label where there are several. */
void prometheus_add_resources(const struct prometheus_resources *all, size_t n, const char *prefix,
                              bool latest, struct buf *out);

#endif
