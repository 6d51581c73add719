/*
 * The variables of a plan, and the values that a user holds.
 *
 * `struct vars` gives each name a slot; it is filled while the plan is compiled (first all
 * declared and captured names, then the templates) and only read afterwards, from any thread.
 * `struct values` is one user's: what its captures found, by slot; a user that captured nothing
 * owns no memory. A captured value goes before the declared one, so a variable of the scenario can
 * be the default of an optional capture.
 */
#ifndef PERFGATE_LOAD_VARS_H
#define PERFGATE_LOAD_VARS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/rng.h"
#include "load/feed.h"
#include "load/head.h"
#include "model/scenario.h"

#define VARS_VALUE_LIMIT ((size_t)64 << 10) /* bytes of a captured value */

struct var {
    const char *name;
    const struct scenario_variable *declared; /* NULL: it comes from captures alone */
    size_t n_texts;          /* one for a text, several for a choice, none for a number */
    const char **texts;      /* the declared ones, with `${NAME}` of the environment filled in */
    const struct feed *feed; /* a column of a feed, "feed.column"; NULL: it is none */
    size_t column;
    uint32_t feed_number;
};

struct vars {
    struct arena arena;
    size_t n, capacity;
    struct var *items;
    /* Returns the environment's value for a name that may be used, else NULL. */
    const char *(*lookup)(void *context, const char *name);
    void *context;
};

/* Enters the scenario's variables and all that its steps capture. The scenario must outlive it. */
int vars_init(struct vars *vars, const struct scenario *scenario,
              const char *(*lookup)(void *context, const char *name), void *context,
              struct err *err) __attribute__((warn_unused_result));

/* Enters the columns of the feeds, which must outlive it. */
void vars_add_feeds(struct vars *vars, const struct feeds *feeds);

/* The slot of a name, or -1. */
int vars_find(const struct vars *vars, const char *name, size_t len);

void vars_release(struct vars *vars);

struct value {
    char *text; /* NULL = not captured yet */
    uint32_t len, capacity;
};

struct values {
    struct value *items; /* vars->n of them, or NULL */
};

/* Keeps a copy of `text`; -1 where it is over VARS_VALUE_LIMIT. The memory of the slot's former
 * value is used again. */
int values_set(struct values *values, const struct vars *vars, int slot, struct span text);

/* Frees all values and leaves an empty struct. */
void values_release(struct values *values, const struct vars *vars);

/* What a rendering draws on. */
struct fill {
    const struct vars *vars;
    const struct values *values;
    struct rng *rng;                 /* for variables that are drawn anew at each use */
    const struct feed_place *places; /* the user's, one for each feed; NULL: there are no feeds */
};

#define FILL_SCRATCH 24

/* The value of a slot: borrowed, or built in `scratch` (FILL_SCRATCH bytes). -1: it has none yet.
 */
int fill_value(const struct fill *fill, int slot, char *scratch, struct span *value);

#endif
