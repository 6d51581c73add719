/*
 * What a run is to do: from the options, or else the scenario, or else a default.
 *
 * A rate, given as an option, goes before any stages, and users before stages of users. Without a
 * duration the stages' is the run's, warm-up included, on each arm. In the open model, and with
 * stages of users, the spawn rate has no meaning. The users that the open model has by default do
 * for tasks of up to a second: by Little's law as many as arrive in one at the highest rate, from
 * 64 to 10,000.
 */
#ifndef PERFGATE_LOAD_SETTINGS_H
#define PERFGATE_LOAD_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "load/run.h"

struct plan_settings {
    int64_t users;                  /* per arm; in the open model at most */
    double spawn_rate;              /* per second; 0 = all at once */
    double rate;                    /* arrivals per second and arm; 0 = none, or in stages */
    bool poisson;                   /* arrivals, else constant */
    struct scenario_stages stages;  /* of the rate or of users; borrowed */
    int64_t ramp_ns;                /* from the first user's start to the last one's */
    int64_t duration_ns, warmup_ns; /* both arms together */
    double think_scale;
    int threads; /* no more than users */
    uint64_t seed;
};

int settings_init(struct plan_settings *settings, const struct scenario *scenario,
                  const struct load_options *options, struct err *err)
    __attribute__((warn_unused_result));

#endif
