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

/* An object with target and critical, either of which may be left out. */
int policy_decode_bounds(const struct js_at *at, double low, double high,
                         struct policy_limit *limit, struct err *err)
    __attribute__((warn_unused_result));
void policy_put_bounds(struct js_writer *writer, const char *key, const struct policy_limit *limit);

/* "metrics"; `out` and `in` are the policy. */
int policy_decode_metrics(const struct js_at *at, void *out, struct arena *arena, struct err *err)
    __attribute__((warn_unused_result));
void policy_encode_metrics(struct js_writer *writer, const char *key, const void *in);

/* Rules that ask for nothing. */
void policy_rules_unset(struct policy_rules *rules);

#endif
