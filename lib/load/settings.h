/*
 * What a run is to do: from the options, or else the scenario, or else a default.
 */
#ifndef PERFGATE_LOAD_SETTINGS_H
#define PERFGATE_LOAD_SETTINGS_H

#include <stdint.h>

#include "base/err.h"
#include "load/run.h"

struct plan_settings {
    int64_t users;                  /* per arm */
    double spawn_rate;              /* per second; 0 = all at once */
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
