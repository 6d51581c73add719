/*
 * What a run would do, worked out from the scenario and the options alone: no host is looked up, no
 * connection is made (`perf-run --check`).
 *
 * Requests are counted as if each response took no time and each step succeeded: a user whose
 * class thinks begins a task per think time, so that the numbers are the most that can be
 * expected. Without think time the service sets the pace, and only shares are known, as if all
 * responses took equally long; where some classes think and others do not, not even these. In the
 * open model they are as many as the rate says, for as long as users are free; on-start requests
 * depend on how many users the load comes to need, and are not known.
 */
#ifndef PERFGATE_LOAD_PREVIEW_H
#define PERFGATE_LOAD_PREVIEW_H

#include <stddef.h>
#include <stdint.h>

#include "load/faults.h"
#include "load/plan.h"
#include "load/run.h"
#include "model/tags.h"

struct preview_class {
    int64_t users;   /* on each side; 0 in the open model, where users change their class */
    double share;    /* of the users, or of the arrivals */
    double think_ns; /* mean */
    double requests; /* of one run through a task, mean over its tasks */
};

struct preview_endpoint {
    struct tags tags;
    double at_start; /* requests of on-start steps; 0 in the open model */
    double share;    /* of the requests of tasks; NAN: not known */
    double requests; /* of tasks in the measured time of one side; NAN: not known */
};

struct preview {
    struct plan plan;
    struct faults faults; /* what is wrong, but for the missing names */
    size_t n_missing;
    const char **missing;               /* names that the environment does not have */
    struct preview_class *classes;      /* plan.n_classes */
    struct preview_endpoint *endpoints; /* plan.n_endpoints */
    struct arena arena;
    const struct load_options *options; /* borrowed */
};

/* The scenario and the options must outlive it. Stays where it is until it is released. */
void preview_init(struct preview *preview, const struct scenario *scenario,
                  const struct load_options *options);

/* Requests of a step in one run through its sequence, on average. */
double preview_requests(const struct plan_step *step);

void preview_release(struct preview *preview);

#endif
