/*
 * A scenario compiled for a run: what every user does, and where to.
 *
 * Endpoints are the rows of the reports: steps of one name and method are one endpoint. Each step
 * is compiled once for each arm, because requests name their host; all else is the same for both.
 * A plan is only read once it is compiled, from any thread; the scenario and the options must
 * outlive it. Extracts (captures and expectations) are not in it: each worker compiles its own,
 * see extract.h.
 */
#ifndef PERFGATE_LOAD_PLAN_H
#define PERFGATE_LOAD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "load/apportion.h"
#include "load/curve.h"
#include "load/extract.h"
#include "load/faults.h"
#include "load/feed.h"
#include "load/origin.h"
#include "load/run.h"
#include "load/settings.h"
#include "load/step.h"
#include "load/vars.h"

struct plan_step {
    const struct scenario_step *source;
    struct step wire[2]; /* per arm */
    uint32_t endpoint;
    uint32_t number;      /* among all steps */
    uint32_t origin;      /* of plan_arm.origins */
    uint32_t members;     /* steps from this one on that start together; 1 = it alone */
    uint32_t connections; /* that they may use at a time with HTTP/1.1 */
    bool follow;          /* redirects */
};

struct plan_sequence {
    size_t n;
    struct plan_step *steps;
    uint32_t feeds;                   /* which of them its steps name, a bit each */
    const struct scenario_task *task; /* NULL: the steps of on_start */
};

struct plan_class {
    const struct scenario_class *source;
    struct plan_sequence on_start;
    size_t n_tasks;
    struct plan_sequence *tasks;
    struct choice choice;
};

struct plan_endpoint {
    const char *name, *method;
};

struct plan_arm {
    struct origin *origins; /* n_origins: the target, then the allowed hosts */
    char run_id[17];        /* of this run; 16 hexadecimal digits */
};

struct plan {
    struct arena arena;
    const struct scenario *scenario;
    struct plan_settings settings;
    struct feeds feeds;
    struct vars vars;
    size_t n_arms;
    struct plan_arm arms[2];
    size_t n_origins;
    size_t n_steps;
    size_t n_classes;
    struct plan_class *classes;
    size_t n_endpoints;
    struct plan_endpoint *endpoints;
    uint32_t *class_of;    /* of each user, in the order of their start */
    struct choice choice;  /* of an arrival's class */
    struct curve rate;     /* of arrivals per second and arm; n = 0: the closed model */
    struct curve users;    /* n = 0: all of them, always */
    struct faults *faults; /* gathers what is wrong; NULL: the first fault ends compiling */
};

/* Compiles and checks everything that can be checked without a connection. On failure `plan` is
 * released. */
int plan_compile(struct plan *plan, const struct scenario *scenario,
                 const struct load_options *options, struct err *err)
    __attribute__((warn_unused_result));

/* Where users come in stages: how many there are at a time of the arm's clock. */
int64_t plan_users_at(const struct plan *plan, int64_t at_ns);

/* Where users come in stages: the first moment from `from_ns` on, on the arm's clock, at which user
 * `number`, from 0, is one of them; INT64_MAX: never. */
int64_t plan_user_from(const struct plan *plan, int64_t number, int64_t from_ns);

/* As plan_compile(), but goes on behind whatever is wrong and puts it into `faults`. What could not
 * be compiled is missing in `plan`, which is to be looked at and not run. */
void plan_compile_all(struct plan *plan, const struct scenario *scenario,
                      const struct load_options *options, struct faults *faults);

/* Resolves and tries all hosts. */
int plan_reach(struct plan *plan, const volatile sig_atomic_t *stop, struct err *err)
    __attribute__((warn_unused_result));

/* Compiles the extracts of all steps into extracts[plan->n_steps]; release each also after a
 * failure. */
int plan_compile_extracts(const struct plan *plan, struct extract *extracts, struct err *err)
    __attribute__((warn_unused_result));

void plan_release(struct plan *plan);

#endif
