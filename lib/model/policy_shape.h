/* The tables of the policy's document. Only for the policy*.c files; what it all means is in
 * policy.h and perfgate-policy(5). */
#ifndef PERFGATE_MODEL_POLICY_SHAPE_H
#define PERFGATE_MODEL_POLICY_SHAPE_H

#include "base/json.h"
#include "model/policy.h"

/* A ratio outside these is a slip of the pen, such as a percentage. */
#define THRESHOLD_MIN 0.01
#define THRESHOLD_MAX 1000.0

extern const struct js_shape policy_shape;

/* Rules that ask for nothing. */
void policy_rules_unset(struct policy_rules *rules);

#endif
