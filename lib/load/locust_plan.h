/*
 * What the Locust engine is told to do: the plan that lib/locust/perfgate_bridge.py reads.
 *
 * A scenario is compiled as for a run of our own, so that the same is refused with the same words;
 * what Locust's engine cannot do is refused besides, by the name of its key. The plan then has
 * every default resolved, and the environment's values that the scenario uses: it is a secret, and
 * goes to Locust through a descriptor and not through a file.
 *
 * A run of Locust is another workload than one of our own, because its latencies are not
 * comparable: they include what Python takes.
 */
#ifndef PERFGATE_LOAD_LOCUST_PLAN_H
#define PERFGATE_LOAD_LOCUST_PLAN_H

#include <sys/socket.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "load/run.h"

/* Owns its arena and text; zeroed it is empty. */
struct locust_plan {
    struct arena arena;
    struct buf text; /* JSON */
    /* For Locust's command line and for the report: */
    const char *suite, *host;       /* host: NULL = as the locustfile says */
    struct sockaddr_storage target; /* the host's address; AF_UNSPEC = it was not tried */
    const char *workload;
    const struct scenario *scenario; /* NULL: a locustfile; else it must outlive the plan */
    int64_t users;
    double spawn_rate; /* users per second */
    int64_t duration_ns, warmup_ns;
    int64_t resolution_ns; /* of latencies; 0 = as our own */
};

/* The plan of a scenario for `workers` local workers (0: Locust alone, or masters and workers as
 * its own options say). With `reach` the hosts are tried, as before a run of our own. */
int locust_plan_scenario(struct locust_plan *plan, const struct scenario *scenario,
                         const struct load_options *options, int64_t workers, bool reach,
                         struct err *err) __attribute__((warn_unused_result));

/* The same of a locustfile, which is left to Locust. */
int locust_plan_file(struct locust_plan *plan, const char *path, const struct load_options *options,
                     int64_t workers, struct err *err) __attribute__((warn_unused_result));

void locust_plan_release(struct locust_plan *plan);

#endif
