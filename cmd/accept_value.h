/*
 * Which figure of a report an acceptance is about, and up to what it accepts.
 *
 * An acceptance of the bare figure would fail every other time, by noise alone. So there is room
 * above it: the tenth that the built-in policy lets an average grow by. What would pass with this
 * run as the baseline passes beside the acceptance, and little more. An error rate gets two
 * standard errors of its count where those are more, because a handful of failures says no more
 * than that.
 */
#ifndef PERFGATE_CMD_ACCEPT_VALUE_H
#define PERFGATE_CMD_ACCEPT_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/metric.h"
#include "model/report.h"

#define ACCEPT_OVERALL "overall" /* the scope that is the whole run */

/* The metrics of a scope, "overall" or an endpoint as "GET /forum". ERR_INPUT where the report has
 * none such, with those that are most like it. `path` names the report in messages. */
int accept_scope(const struct report *report, const char *path, const char *scope,
                 const struct metrics **out, struct err *err) __attribute__((warn_unused_result));

/* The figure with room for noise, rounded away from what is better to 3 digits; in the document's
 * unit. `n_requests` are those behind the figure. */
double accept_value(enum metric metric, double figure, int64_t n_requests);

/* `value` is worse than `than`. */
bool accept_is_worse(enum metric metric, double value, double than);

#endif
