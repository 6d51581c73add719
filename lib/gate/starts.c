#include "gate/starts.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "gate/ratio.h"
#include "stats/spread.h"

/* What a scope's starts add to what they differ by anyway, and how much that is. */
struct excess {
    double variance; /* may be negative; NAN = not known */
    double noise;    /* the variance of a start's log ratio that is not the start's */
};

static struct excess excess_of(const struct evidence *evidence)
{
    struct ratio ratio = ratio_of(evidence, KIND_MEAN);
    double *pairs = mem_array(evidence->n_pairs, sizeof *pairs);
    double *means = mem_array(evidence->n_starts, sizeof *means);
    size_t n = ratio_pairs(&ratio, 0, evidence->n_pairs, pairs);
    double error = spread_trim(pairs, n).error;
    struct excess excess = {.noise = error * error * (double)evidence->n_starts};
    for (size_t i = 0, from = 0; i < evidence->n_starts; i++) {
        n = ratio_pairs(&ratio, from, evidence->start_end[i], pairs);
        means[i] = spread_trim(pairs, n).mean;
        from = evidence->start_end[i];
    }
    double deviation = spread_deviation(means, evidence->n_starts);
    excess.variance = deviation * deviation - excess.noise;
    free(means);
    free(pairs);
    return excess;
}

/* The rows' mean, each by how well it knows. */
static double pool(const struct excess *excesses, size_t n)
{
    double sum = 0, weights = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(excesses[i].variance))
            continue;
        double noise = excesses[i].noise + STARTS_PRIOR_SPREAD * STARTS_PRIOR_SPREAD;
        sum += excesses[i].variance / (noise * noise);
        weights += 1 / (noise * noise);
    }
    return weights > 0 ? fmax(sum / weights, 0) : 0;
}

void starts_estimate(const struct evidence *scopes, size_t n, struct starts_spread *out)
{
    double starts = (double)scopes[0].n_starts, df = STARTS_PRIOR_DF + starts - 1;
    struct excess *excesses = mem_array(n, sizeof *excesses);
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct starts_spread){STARTS_SPREAD * STARTS_SPREAD, INFINITY};
        excesses[i] = excess_of(&scopes[i]);
    }
    double pooled = pool(excesses, n);
    for (size_t i = 0; starts > 1 && i < n; i++) {
        double more = fmax(excesses[i].variance, pooled); /* NAN: the pool's */
        double squares =
            STARTS_PRIOR_DF * STARTS_PRIOR_SPREAD * STARTS_PRIOR_SPREAD + (starts - 1) * more;
        out[i] = (struct starts_spread){squares / df / starts, df};
    }
    free(excesses);
}
