#include "stats/dist.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

/* The continued fraction converges in O(sqrt(max(a, b))) steps; this covers counts up to 1e10. */
#define MAX_STEPS 200000

static double log_beta(double a, double b)
{
    int sign; /* lgamma() would set the global signgam */
    return lgamma_r(a, &sign) + lgamma_r(b, &sign) - lgamma_r(a + b, &sign);
}

/* Coefficient `step` (from 1) of the continued fraction, DLMF 8.17.23. */
static double coefficient(int step, double x, double a, double b)
{
    int half = step / 2;
    double m = half;
    if (step % 2 == 0)
        return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
}

static double away_from_zero(double value)
{
    return fabs(value) < DBL_MIN / DBL_EPSILON ? DBL_MIN / DBL_EPSILON : value;
}

/* 1 / (1 + d1 / (1 + d2 / (1 + ...))), good for x < (a + 1) / (a + b + 2). */
static double fraction(double x, double a, double b)
{
    double c = 1, d = 0, result = 1;
    for (int step = 1; step < MAX_STEPS; step++) {
        double value = coefficient(step, x, a, b);
        d = 1 / away_from_zero(1 + value * d);
        c = away_from_zero(1 + value / c);
        result *= c * d;
        if (fabs(c * d - 1) < 4 * DBL_EPSILON)
            break;
    }
    return 1 / result;
}

/* I_x(a, b) where the fraction converges well. */
static double beta_low(double x, double a, double b)
{
    if (x <= 0)
        return 0;
    return exp(a * log(x) + b * log1p(-x) - log_beta(a, b)) / a * fraction(x, a, b);
}

double dist_beta(double x, double a, double b)
{
    if (!(a > 0) || !(b > 0) || !(x >= 0) || !(x <= 1))
        return (double)NAN;
    if (x < (a + 1) / (a + b + 2))
        return beta_low(x, a, b);
    return 1 - beta_low(1 - x, b, a);
}

double dist_t_upper(double t, double df)
{
    if (!(df > 0) || isnan(t))
        return (double)NAN;
    double tail = isinf(t) ? 0 : dist_beta(df / (df + t * t), df / 2, 0.5) / 2;
    return t < 0 ? 1 - tail : tail;
}

/* Student's density. */
static double density(double t, double df)
{
    return exp(-(df + 1) / 2 * log1p(t * t / df) - log_beta(df / 2, 0.5)) / sqrt(df);
}

double dist_t_quantile(double upper, double df)
{
    if (!(upper > 0) || !(upper < 1) || !(df > 0))
        return (double)NAN;
    if (upper > 0.5)
        return -dist_t_quantile(1 - upper, df);
    double low = 0, high = 1;
    while (dist_t_upper(high, df) > upper) {
        low = high;
        high *= 2;
    }
    /* Newton's steps on the logarithm of the tail, within what is known. */
    double from = high, to = low + (high - low) / 2;
    while (fabs(to - from) > 1e-14 * to && high - low > 1e-14 * high) {
        double tail = dist_t_upper(to, df);
        *(tail > upper ? &low : &high) = to;
        from = to;
        to += log(tail / upper) * tail / density(to, df);
        if (!(to > low && to < high))
            to = low + (high - low) / 2;
    }
    return to;
}

double dist_normal_upper(double z)
{
    return erfc(z * M_SQRT1_2) / 2;
}

double dist_normal_quantile(double upper)
{
    if (!(upper > 0) || !(upper < 1))
        return (double)NAN;
    if (upper > 0.5)
        return -dist_normal_quantile(1 - upper);
    double low = 0, high = 40; /* beyond which erfc() is 0 */
    while (high - low > 1e-14 * high) {
        double middle = low + (high - low) / 2;
        if (dist_normal_upper(middle) > upper)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2;
}

double dist_binomial_upper(double k, double n, double p)
{
    if (isnan(k) || !(n >= 0) || !(p >= 0) || !(p <= 1))
        return (double)NAN;
    if (k <= 0)
        return 1;
    return k > n ? 0 : dist_beta(p, k, n - k + 1);
}

/* The series of DLMF 5.11.2 in 1 / x^2: what 8 terms leave is below 1e-17 from 10 on. */
static const double bernoulli[] = {1.0 / 6,  -1.0 / 30,     1.0 / 42, -1.0 / 30,
                                   5.0 / 66, -691.0 / 2730, 7.0 / 6,  -3617.0 / 510};
#define N_BERNOULLI (sizeof bernoulli / sizeof bernoulli[0])
#define ASYMPTOTIC  10

double dist_digamma(double x)
{
    double sum = 0, power = 1;
    if (!(x > 0))
        return (double)NAN;
    while (x < ASYMPTOTIC)
        sum -= 1 / x++;
    sum += log(x) - 1 / (2 * x);
    for (size_t k = 1; k <= N_BERNOULLI; k++) {
        power /= x * x;
        sum -= bernoulli[k - 1] / (2 * (double)k) * power;
    }
    return sum;
}

double dist_trigamma(double x)
{
    double sum = 0, power;
    if (!(x > 0))
        return (double)NAN;
    while (x < ASYMPTOTIC) {
        sum += 1 / (x * x);
        x++;
    }
    power = 1 / x;
    sum += power + 1 / (2 * x * x);
    for (size_t k = 0; k < N_BERNOULLI; k++) {
        power /= x * x;
        sum += bernoulli[k] * power;
    }
    return sum;
}

/* psi'(x) lies between 1/x + 1/(2 x^2) and 1/x + 1/x^2. */
double dist_trigamma_inverse(double y)
{
    if (!(y > 0) || isinf(y))
        return (double)NAN;
    double low = (1 + sqrt(1 + 2 * y)) / (2 * y), high = (1 + sqrt(1 + 4 * y)) / (2 * y);
    while (high - low > 4 * DBL_EPSILON * high) {
        double middle = low + (high - low) / 2;
        if (dist_trigamma(middle) > y)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2;
}
