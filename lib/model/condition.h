/*
 * The condition of an alert, as the policy has it: `avg_response_time > 1000`.
 *
 *     condition  = and { "or" and }
 *     and        = term { "and" term }
 *     term       = "not" term | ( comparison | "(" condition ")" ) [ "for" DURATION ]
 *     comparison = [ "endpoint(" TEXT ")" "." ] NAME  ( < <= > >= == != )  NUMBER [UNIT]
 *
 * TEXT is a pattern of "METHOD name" between ' or ". UNIT is %, of a ratio, or ms, s and us, of a
 * latency; without one a number is in the metric's own unit (ms, ratio, per second). A NAME that
 * is none of model/metric.h is never known, which is told.
 *
 * A parsed condition is a tree in the caller's arena, which copies what it needs of the text. It
 * has at most CONDITION_NODES nodes, so that who walks it may recur. perfgate-policy(5) describes
 * it for users.
 */
#ifndef PERFGATE_MODEL_CONDITION_H
#define PERFGATE_MODEL_CONDITION_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define CONDITION_LIMIT ((size_t)4096) /* bytes of the text */
#define CONDITION_NODES 256
#define CONDITION_DEPTH 32 /* of parentheses and not */

enum condition_kind {
    CONDITION_COMPARE, /* a figure and a number */
    CONDITION_AND,     /* left, right; as below */
    CONDITION_OR,
    CONDITION_NOT, /* left */
    CONDITION_FOR  /* left, for `lasting_ns` */
};

enum condition_op {
    CONDITION_LESS,
    CONDITION_AT_MOST,
    CONDITION_MORE,
    CONDITION_AT_LEAST,
    CONDITION_EQUAL,
    CONDITION_UNEQUAL
};

struct condition_node {
    enum condition_kind kind;
    const struct condition_node *left, *right;
    const char *name;     /* of CONDITION_COMPARE: the metric */
    const char *endpoint; /* … of the endpoints that this pattern matches; NULL = the whole run */
    enum condition_op op;
    double number;      /* in the metric's unit */
    int64_t lasting_ns; /* of CONDITION_FOR, > 0 */
    size_t place;       /* of CONDITION_FOR: which one of the condition it is, from 0 */
};

struct condition {
    const struct condition_node *root;
    size_t n_for; /* nodes that are CONDITION_FOR */
};

/* Parses `text`. -1: ERR_INPUT, with the column, from 1, at which it cannot be read. */
int condition_parse(const char *text, struct arena *arena, struct condition *out, struct err *err)
    __attribute__((warn_unused_result));

#endif
