#include "load/arrivals.h"

#include <math.h>

#include "base/clock.h"

#define LATEST_NS 0x1p62

/* Of the seed's random numbers, those of the arrivals at the first worker. */
#define ARRIVALS_STREAM UINT64_C(0x6172726976616c00)

static void find_due(struct arrivals *arrivals)
{
    double at_ns =
        curve_when(arrivals->plan.rate, arrivals->integral, &arrivals->stage) * (double)NS_PER_S;
    arrivals->due_ns = at_ns < LATEST_NS ? (int64_t)llround(at_ns) : INT64_MAX;
}

/* The distance of two arrivals at a rate of 1 / n_workers. */
static double exponential(struct arrivals *arrivals)
{
    return -log1p(-rng_unit(&arrivals->rng)) * arrivals->plan.n_workers;
}

void arrivals_init(struct arrivals *arrivals, const struct arrivals_plan *plan)
{
    *arrivals = (struct arrivals){.plan = *plan, .number = plan->worker};
    rng_init(&arrivals->rng, plan->seed, ARRIVALS_STREAM + (uint64_t)plan->worker);
    arrivals->integral = plan->poisson ? exponential(arrivals) : (double)plan->worker;
    find_due(arrivals);
}

void arrivals_next(struct arrivals *arrivals)
{
    const struct arrivals_plan *plan = &arrivals->plan;
    arrivals->number += plan->n_workers;
    if (plan->poisson)
        arrivals->integral += exponential(arrivals);
    else
        arrivals->integral = (double)arrivals->number;
    find_due(arrivals);
}
