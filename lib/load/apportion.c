#include "load/apportion.h"

#include <stdlib.h>

#include "base/mem.h"

static int64_t sum_of(const int64_t *values, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

void apportion_counts(const int64_t *weights, size_t n, int64_t total, int64_t *counts)
{
    int64_t weight = sum_of(weights, n), left = total;
    int64_t *remainders = mem_array(n, sizeof(*remainders));
    for (size_t i = 0; i < n; i++) {
        counts[i] = weights[i] * total / weight;
        remainders[i] = weights[i] * total % weight;
        left -= counts[i];
    }
    for (; left > 0; left--) {
        size_t largest = 0;
        for (size_t i = 1; i < n; i++)
            if (remainders[i] > remainders[largest])
                largest = i;
        counts[largest]++;
        remainders[largest] = -1;
    }
    free(remainders);
}

/* Tijdeman's rule for place k (from 1) with shares c/N and d = 2n - 2: of the classes with
 * k*c/N - given >= 1/d, the one whose time is up first, that is the least
 * (1 - 1/d - (k*c/N - given)) / (c/N). Times d and N, so that all is in integers; the deviation
 * below 1 keeps the products within 2 d N^2. */
static size_t next_class(const int64_t *counts, size_t n, int64_t total, int64_t k,
                         const int64_t *given)
{
    int64_t d = n > 1 ? 2 * (int64_t)n - 2 : 1;
    size_t best = n;
    int64_t best_slack = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t due = d * (k * counts[i] - given[i] * total);
        int64_t slack = (d - 1) * total - due;
        if (n > 1 && due < total)
            continue;
        if (best == n || slack * counts[best] < best_slack * counts[i]) {
            best = i;
            best_slack = slack;
        }
    }
    return best < n ? best : 0;
}

void apportion_order(const int64_t *counts, size_t n, uint32_t *order)
{
    int64_t total = sum_of(counts, n);
    int64_t *given = mem_array(n, sizeof(*given));
    for (int64_t k = 1; k <= total; k++) {
        size_t class = next_class(counts, n, total, k, given);
        order[k - 1] = (uint32_t) class;
        given[class]++;
    }
    free(given);
}

void choice_init(struct choice *choice, const int64_t *weights, size_t n, struct arena *arena)
{
    uint64_t sum = 0;
    choice->n = n;
    choice->upto = arena_array(arena, n, sizeof(*choice->upto));
    for (size_t i = 0; i < n; i++) {
        sum += (uint64_t)weights[i];
        choice->upto[i] = sum;
    }
}

size_t choice_pick(const struct choice *choice, struct rng *rng)
{
    size_t low = 0, high = choice->n - 1;
    if (!high)
        return 0;
    uint64_t draw = rng_below(rng, choice->upto[high]);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (draw < choice->upto[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
