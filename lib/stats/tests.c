#include "stats/tests.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "stats/dist.h"

/* Signs are drawn for four pairs at once: their 16 sums are prepared. */
#define GROUP    4
#define PATTERNS (1 << GROUP)
/* That many swaps at or beyond the observed sum are enough to know p. */
#define ENOUGH 20

struct signed_sums {
    double sum[PATTERNS];
};

static struct signed_sums *prepare(const double *difference, size_t n)
{
    struct signed_sums *table = mem_array(n / GROUP + 1, sizeof *table);
    for (size_t i = 0; i < n; i++)
        for (size_t pattern = 0; pattern < PATTERNS; pattern++)
            table[i / GROUP].sum[pattern] +=
                pattern >> i % GROUP & 1 ? -difference[i] : difference[i];
    return table;
}

static double random_sum(const struct signed_sums *table, size_t groups, struct rng *rng)
{
    double sum = 0;
    uint64_t bits = 0;
    for (size_t i = 0; i < groups; i++) {
        bits = i % (64 / GROUP) ? bits >> GROUP : rng_u64(rng);
        sum += table[i].sum[bits % PATTERNS];
    }
    return sum;
}

/* Adds up neighbours into at most TEST_SWAP_UNITS sums; returns how many. */
static size_t condense(const double *difference, size_t n, double *units)
{
    size_t each = (n + TEST_SWAP_UNITS - 1) / TEST_SWAP_UNITS;
    for (size_t i = 0; i < n; i++)
        units[i / each] = (i % each ? units[i / each] : 0) + difference[i];
    return n ? (n + each - 1) / each : 0;
}

double test_label_swap(const double *pairs, size_t n_pairs, uint64_t seed)
{
    double difference[TEST_SWAP_UNITS];
    size_t n = condense(pairs, n_pairs, difference);
    double observed = 0, magnitude = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        observed += difference[i];
        magnitude += fabs(difference[i]);
        squares += difference[i] * difference[i];
    }
    if (magnitude <= 0)
        return 1;
    /* Hoeffding 1963, theorem 2: p <= exp(-sum^2 / (2 * squares)); no need to draw. */
    if (observed > 0 && observed * observed > 2 * squares * log(TEST_SWAPS + 1))
        return 0;
    observed -= 1e-12 * magnitude; /* sums of another order may differ in the last bits */
    size_t groups = (n + GROUP - 1) / GROUP, reached = 0, swaps = 0;
    struct signed_sums *table = prepare(difference, n);
    struct rng rng;
    rng_init(&rng, seed, n);
    while (swaps < TEST_SWAPS && reached < ENOUGH) {
        reached += random_sum(table, groups, &rng) >= observed;
        swaps++;
    }
    free(table);
    if (reached == ENOUGH)
        return (double)reached / (double)swaps;
    return reached ? (double)(reached + 1) / (double)(swaps + 1) : 0;
}

double test_paired_t(const double *difference, size_t n, double extra_variance)
{
    if (n < 2)
        return 1;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += difference[i];
    double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (difference[i] - mean) * (difference[i] - mean);
    double variance = squares * (double)n / (double)(n - 1) + extra_variance;
    if (variance <= 0)
        return sum > 0 ? 0 : 1;
    return dist_t_upper(sum / sqrt(variance), (double)(n - 1));
}

double test_rates(double a, double trials_a, double b, double trials_b, double dispersion)
{
    double scale = dispersion > 1 ? dispersion : 1;
    return dist_binomial_upper(a / scale, (a + b) / scale, trials_a / (trials_a + trials_b));
}

struct ranked {
    double p;
    size_t index;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return (x->p > y->p) - (x->p < y->p);
}

void test_holm(const double *p, size_t n, double *adjusted)
{
    struct ranked *ranked = mem_array(n ? n : 1, sizeof *ranked);
    for (size_t i = 0; i < n; i++)
        ranked[i] = (struct ranked){p[i], i};
    qsort(ranked, n, sizeof *ranked, by_p);
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        worst = fmax(worst, fmin(1, ranked[i].p * (double)(n - i)));
        adjusted[ranked[i].index] = worst;
    }
    free(ranked);
}
