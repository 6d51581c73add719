/*
 * How slow and how unreliable panel pretends to be.
 *
 * A plan holds the distribution that every path's latency is drawn from and the rules that add to
 * it, or fail requests, for some paths. Drawing is pure: the caller passes the generator. A rule's
 * path borrows the text it was parsed from.
 */
#ifndef PANEL_DELAY_H
#define PANEL_DELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"

enum { DELAY_MAX_RULES = 32 };

enum delay_spend { DELAY_WAIT, DELAY_CPU };
enum delay_shape { DELAY_CONSTANT, DELAY_UNIFORM, DELAY_EXP, DELAY_LOGNORMAL };

struct delay_rule {
    const char *path; /* not NUL-terminated: path_len bytes */
    size_t path_len;
    bool prefix;       /* matches every path that starts so */
    double add_ns;     /* on top of the draw */
    double factor;     /* of the draw, on top of it */
    double error_rate; /* 0 to 1 */
};

/* A zeroed plan delays nothing. */
struct delay_plan {
    enum delay_spend spend;
    enum delay_shape shape;
    double first_ns; /* the constant; low; mean; median */
    double second;   /* high in ns, or sigma */
    struct delay_rule rules[DELAY_MAX_RULES];
    size_t n_rules;
    bool has_latency, has_relative_rule;
};

/* Parses the arguments of --latency, --slow and --error into the plan. */
int delay_parse_latency(struct delay_plan *plan, const char *text, struct err *err)
    __attribute__((warn_unused_result));
int delay_parse_slow(struct delay_plan *plan, const char *text, struct err *err)
    __attribute__((warn_unused_result));
int delay_parse_error(struct delay_plan *plan, const char *text, struct err *err)
    __attribute__((warn_unused_result));

/* The delay of one request for `path`, in ns: a draw plus what the rules add; at most 10 minutes.
 */
int64_t delay_draw(const struct delay_plan *plan, const char *path, struct rng *rng);

/* Whether one request for `path` is to fail. Draws only where a rule matches. */
bool delay_fails(const struct delay_plan *plan, const char *path, struct rng *rng);

/* Computes for `ns` of the calling thread's CPU time. */
void delay_burn(int64_t ns);

#endif
