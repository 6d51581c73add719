/*
 * Sources for tests, decoded from a scenario as a user writes it.
 */
#ifndef PERFGATE_TESTS_MONITOR_WANTED_H
#define PERFGATE_TESTS_MONITOR_WANTED_H

#include "model/scenario.h"

/* The only endpoint, or probe, of these members: `"metrics": {…}` and what else it needs. */
const struct scenario_source *wanted_endpoint(struct scenario *scenario, const char *members);
const struct scenario_source *wanted_probe(struct scenario *scenario, const char *members);

#endif
