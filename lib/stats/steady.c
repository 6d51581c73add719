#include "stats/steady.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/dist.h"

#define FIRST_PART  5 /* one in so many */
#define BATCHES     10
#define BATCH_LEAST 3 /* values */

struct placed {
    double value;
    size_t at;
};

static int by_value(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* The ranks of the finite values, ties sharing theirs, in the order of time; index[] says which
 * value each is of. Returns how many there are. */
static size_t rank(const double *values, size_t n, double *ranks, size_t *index)
{
    struct placed *sorted = mem_array(n, sizeof *sorted);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        sorted[count] = (struct placed){values[i], count};
        index[count++] = i;
    }
    qsort(sorted, count, sizeof *sorted, by_value);
    for (size_t i = 0, end; i < count; i = end) {
        end = i + 1;
        while (end < count && by_value(&sorted[i], &sorted[end]) == 0)
            end++;
        for (size_t k = i; k < end; k++)
            ranks[sorted[k].at] = (double)(i + end + 1) / 2;
    }
    free(sorted);
    return count;
}

static double mean(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum / (double)n;
}

/* The variance of a value times n, n times the variance of their mean, from batch means. */
static double batch_variance(const double *values, size_t size, size_t n)
{
    double means[BATCHES], squares = 0;
    for (size_t i = 0; i < n; i++)
        means[i] = mean(values + i * size, size);
    double all = mean(means, n);
    for (size_t i = 0; i < n; i++)
        squares += (means[i] - all) * (means[i] - all);
    return (double)size * squares / (double)(n - 1);
}

static double judge(const double *ranks, size_t n, bool *falls)
{
    size_t first = n / FIRST_PART, half = n / 2;
    size_t batches = half / BATCH_LEAST < BATCHES ? half / BATCH_LEAST : BATCHES;
    size_t size = half / batches, last = batches * size;
    const double *tail = ranks + n - last;
    double difference = mean(ranks, first) - mean(tail, last);
    double variance = batch_variance(tail, size, batches) * (1 / (double)first + 1 / (double)last);
    *falls = difference > 0;
    if (variance <= 0)
        return fabs(difference) > 0 ? 0 : 1;
    return 2 * dist_t_upper(fabs(difference) / sqrt(variance), (double)(batches - 1));
}

/* MSER: the beginning to cut off, up to half, is that which leaves the mean of the rest the least
 * standard error, taken as if all were independent. */
static size_t truncation(const double *ranks, size_t n)
{
    double sum = 0, squares = 0, least = (double)INFINITY;
    size_t best = 0;
    for (size_t i = n; i-- > 0;) {
        sum += ranks[i];
        squares += ranks[i] * ranks[i];
        double left = (double)(n - i);
        double error = (squares - sum * sum / left) / (left * left);
        if (i <= n / 2 && error <= least) {
            least = error;
            best = i;
        }
    }
    return best;
}

bool steady_test(const double *values, size_t n, struct steady_answer *answer)
{
    double *ranks = mem_array(n + 1, sizeof *ranks);
    size_t *index = mem_array(n + 1, sizeof *index);
    size_t count = rank(values, n, ranks, index);
    bool enough = count >= STEADY_FEWEST;
    *answer = (struct steady_answer){.p = (double)NAN};
    if (enough) {
        answer->p = judge(ranks, count, &answer->falls);
        size_t from = truncation(ranks, count);
        answer->settled = index[from ? from : count / FIRST_PART];
    }
    free(ranks);
    free(index);
    return enough;
}
