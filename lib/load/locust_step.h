/*
 * A step of the plan for the Locust engine; see locust_plan.h.
 */
#ifndef PERFGATE_LOAD_LOCUST_STEP_H
#define PERFGATE_LOAD_LOCUST_STEP_H

#include "base/json.h"
#include "load/plan.h"

/* Writes the step as an object of an array: its texts still with their `${name}`, all else
 * resolved. `class` is its user's. */
void locust_put_step(struct js_writer *writer, const struct plan *plan,
                     const struct scenario_class *class, const struct plan_step *step);

#endif
