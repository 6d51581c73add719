#include "stats/moderate.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/dist.h"

struct moderate_prior moderate_fit(const double *variances, const double *df, size_t n)
{
    double *logs = mem_array(n, sizeof *logs);
    double mean = 0, spread = 0, chance = 0;
    for (size_t i = 0; i < n; i++) {
        /* its expectation is the log of the true variance */
        logs[i] = log(variances[i]) - dist_digamma(df[i] / 2) + log(df[i] / 2);
        mean += logs[i] / (double)n;
        chance += dist_trigamma(df[i] / 2) / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        spread += (logs[i] - mean) * (logs[i] - mean) / (double)(n - 1);
    free(logs);
    if (!(spread > chance))
        return (struct moderate_prior){.variance = exp(mean), .df = (double)INFINITY};
    double half = dist_trigamma_inverse(spread - chance);
    return (struct moderate_prior){.variance = exp(mean + dist_digamma(half) - log(half)),
                                   .df = 2 * half};
}

double moderate_variance(const struct moderate_prior *prior, double variance, double df)
{
    if (isinf(prior->df))
        return prior->variance;
    return (prior->df * prior->variance + df * variance) / (prior->df + df);
}

/* To mean 0 and a sum of squares of 1; to nothing where all are equal. */
static void standardise(double *row, size_t n)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += row[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        row[i] -= mean;
        squares += row[i] * row[i];
    }
    for (size_t i = 0; i < n; i++)
        row[i] = squares > 0 ? row[i] / sqrt(squares) : 0;
}

/* The sum of r^2 over all pairs of rows, each with itself as well: that of the squares of the small
 * n x n matrix of what the columns have in common. */
static double sum_of_r2(const double *values, size_t rows, size_t n)
{
    double sum = 0;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) {
            double common = 0;
            for (size_t i = 0; i < rows; i++)
                common += values[i * n + a] * values[i * n + b];
            sum += common * common;
        }
    return sum;
}

double moderate_rows(double *values, size_t rows, size_t n)
{
    double pairs = (double)rows * (double)(rows - 1), by_chance = 1 / (double)(n - 1);
    if (rows < 2)
        return (double)rows;
    for (size_t i = 0; i < rows; i++)
        standardise(values + i * n, n);
    double r2 = (sum_of_r2(values, rows, n) - (double)rows) / pairs;
    r2 = fmax(0, (r2 - by_chance) / (1 - by_chance));
    return (double)rows / (1 + (double)(rows - 1) * r2);
}
