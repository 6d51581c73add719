#include "gate/stored.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/spread.h"

/* ---- which runs count ---- */

/* `left` has why runs were left out, by number. */
static void explain(const size_t left[RUNS_APART], size_t n, struct numbers *numbers)
{
    if (left[RUN_ITSELF])
        numbers_note(numbers, "the stored run of this very report was left out: a run compared "
                              "with itself says nothing");
    if (n) {
        size_t all = left[RUN_INVALID] + left[RUN_OTHER_WORKLOAD] + left[RUN_OTHER_MACHINE];
        if (all)
            numbers_note(numbers,
                         "%zu stored run%s left out: %zu of another workload, %zu of another kind "
                         "of machine, %zu invalid",
                         all, all == 1 ? "" : "s", left[RUN_OTHER_WORKLOAD],
                         left[RUN_OTHER_MACHINE], left[RUN_INVALID]);
        return;
    }
    numbers->base_state = BASE_NOT_COMPARABLE;
    if (left[RUN_OTHER_MACHINE])
        numbers->base_reason = "the stored runs are of other kinds of machine than this one; store "
                               "a run of this kind";
    else if (left[RUN_OTHER_WORKLOAD])
        numbers->base_reason = "the stored runs are of another workload (scenario, users, pacing "
                               "or load testing tool differ); store a run of this one";
    else {
        numbers->base_state = BASE_MISSING;
        numbers->base_reason = left[RUN_ITSELF] ? "the stored run is this very report"
                               : left[RUN_INVALID]
                                   ? "all stored runs are invalid; store a valid one"
                                   : "no run is stored for this suite and "
                                     "environment";
    }
}

size_t stored_select(const struct gate_input *in, const struct report *candidate,
                     struct numbers *numbers, const struct report **counting)
{
    size_t found[RUNS_APART] = {0};
    for (size_t i = 0; i < in->n_bases; i++) {
        enum runs_apart apart = runs_tell(in, in->bases[i], candidate);
        if (apart == RUN_COUNTS)
            counting[found[RUN_COUNTS]] = in->bases[i];
        found[apart]++;
    }
    explain(found, found[RUN_COUNTS], numbers);
    return found[RUN_COUNTS];
}

/* ---- figures and noise ---- */

/* The figure that the worst of the runs leaves room for. */
static double reach_of(enum metric metric, double worst, double margin)
{
    return metric_info(metric)->higher_is_better ? worst * exp(-margin) : worst * exp(margin);
}

void stored_estimate_logs(const struct runs *runs, size_t n, const struct runs_pool *pool,
                          enum metric metric, struct estimate *estimate)
{
    struct runs_spread spread = runs_spread(runs, n, pool);
    double worst = runs->values[0];
    for (size_t i = 1; i < n; i++)
        worst = metric_info(metric)->higher_is_better ? fmin(worst, runs->values[i])
                                                      : fmax(worst, runs->values[i]);
    runs_estimate(&spread, 1.0 / (double)runs->replicates + M_PI / (2 * (double)n), metric,
                  estimate);
    estimate->worst = exp(worst);
    estimate->reach =
        reach_of(metric, estimate->worst,
                 fmin(STORED_MARGIN_10 * 10 / (double)n, STORED_MARGIN_SPREADS * spread.deviation));
}

/* Fewer runs for one figure than for the rest, as some are from before its acceptance. */
static const char *plain_text(const struct runs *runs, size_t n, struct arena *arena)
{
    return arena_printf(arena,
                        "%zu of the %zu stored runs %s newer than its acceptance, and noise is "
                        "estimated from %d on",
                        n, runs->n, n == 1 ? "is" : "are", RUNS_MIN);
}

/* The sums over the runs, and the median. Where none counts since the acceptance, those from
 * before it, for people to see; the acceptance then decides. */
static void fill_base(const struct runs *runs, struct scope *scope, enum metric metric,
                      struct arena *arena)
{
    struct estimate *estimate = &scope->metrics[metric];
    struct runs_sample sample = runs_collect(runs, scope, metric);
    estimate->outdated = estimate->acceptance && !sample.n;
    if (estimate->outdated)
        sample = runs_collect(runs, scope, metric);
    else if (estimate->acceptance && sample.n < RUNS_MIN && sample.n < runs->n)
        estimate->plain = plain_text(runs, sample.n, arena);
    estimate->figure[SIDE_BASE] = spread_median(runs->values, sample.n);
    estimate->requests[SIDE_BASE] = sample.requests;
    estimate->failures[SIDE_BASE] = sample.failures;
    scope->there[SIDE_BASE] |= sample.requests > 0;
}

void stored_fill_repeats(const struct report *const *repeats, size_t n, struct numbers *numbers)
{
    struct runs runs = {
        .reports = repeats, .n = n, .any_start = true, .values = mem_array(n, sizeof *runs.values)};
    for (size_t i = 0; i < numbers->n_scopes; i++)
        for (int metric = 0; metric < METRIC_COUNT; metric++) {
            struct scope *scope = &numbers->scopes[i];
            double *figure = &scope->metrics[metric].figure[SIDE_CANDIDATE];
            if (isnan(*figure))
                *figure =
                    spread_median(runs.values, runs_collect(&runs, scope, (enum metric)metric).n);
        }
    free(runs.values);
}

static void estimate_scope(const struct runs *runs, const bool *wanted,
                           const struct runs_pool *pool, struct scope *scope)
{
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        struct estimate *estimate = &scope->metrics[metric];
        if (!wanted[metric] || !scope->there[SIDE_CANDIDATE])
            continue;
        if (metric == METRIC_ERROR_RATE) {
            if (runs_collect(runs, scope, METRIC_ERROR_RATE).n >= RUNS_MIN)
                runs_estimate_rate(runs, scope, estimate);
            continue;
        }
        size_t n = runs_collect_logs(runs, scope, (enum metric)metric);
        if (n)
            stored_estimate_logs(runs, n, pool, (enum metric)metric, estimate);
    }
}

void stored_estimate(const struct report *const *reports, size_t n, size_t replicates,
                     const bool wanted[METRIC_COUNT], struct numbers *numbers)
{
    struct runs runs = {.reports = reports,
                        .n = n,
                        .replicates = replicates,
                        .values = mem_array(n, sizeof *runs.values)};
    for (size_t i = 0; i < n; i++) {
        numbers_coarsen(numbers, SIDE_BASE, reports[i]);
        for (size_t j = 0; j < reports[i]->n_endpoints; j++)
            numbers_scope(numbers, reports[i]->endpoints[j].name, reports[i]->endpoints[j].method);
    }
    for (size_t i = 0; i < numbers->n_scopes; i++)
        for (int metric = 0; metric < METRIC_COUNT; metric++)
            fill_base(&runs, &numbers->scopes[i], (enum metric)metric, &numbers->arena);
    if (n >= RUNS_MIN) {
        struct runs_pool pool = runs_pool(&runs, wanted, numbers);
        for (size_t i = 0; i < numbers->n_scopes; i++)
            estimate_scope(&runs, wanted, &pool, &numbers->scopes[i]);
    }
    free(runs.values);
}
