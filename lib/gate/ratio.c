#include "gate/ratio.h"

#include <math.h>

static int64_t sum_of(const int64_t *values, size_t from, size_t to)
{
    int64_t sum = 0;
    for (size_t i = from; i < to; i++)
        sum += values[i];
    return sum;
}

struct ratio ratio_of(const struct evidence *evidence, enum metric_kind kind)
{
    enum column top = kind == KIND_MEAN   ? COLUMN_SUM_NS
                      : kind == KIND_RATE ? COLUMN_FAILURES
                                          : COLUMN_COUNT;
    enum column bottom = kind == KIND_THROUGHPUT ? COLUMN_ONES : COLUMN_COUNT;
    struct ratio ratio = {0};
    for (int side = 0; side < SIDES; side++) {
        ratio.top[side] = evidence->columns[side][top];
        ratio.bottom[side] = evidence->columns[side][bottom];
        ratio.top_sum[side] = sum_of(ratio.top[side], 0, evidence->n_pairs);
        ratio.bottom_sum[side] = sum_of(ratio.bottom[side], 0, evidence->n_pairs);
    }
    return ratio;
}

/* Without the pairs from `from` to before `to`. */
static double log_without(const struct ratio *ratio, enum side side, size_t from, size_t to)
{
    int64_t top = ratio->top_sum[side] - sum_of(ratio->top[side], from, to);
    int64_t bottom = ratio->bottom_sum[side] - sum_of(ratio->bottom[side], from, to);
    return log((double)top / (double)bottom);
}

void ratio_leave_out(const struct ratio *ratio, const struct evidence *evidence, double *left_out)
{
    for (size_t i = 0, from = 0; i < evidence->n_batches; i++) {
        size_t to = evidence->batch_end[i];
        left_out[i] =
            log_without(ratio, SIDE_CANDIDATE, from, to) - log_without(ratio, SIDE_BASE, from, to);
        from = to;
    }
}

static double figure(const struct ratio *ratio, enum side side, size_t pair)
{
    return (double)ratio->top[side][pair] / (double)ratio->bottom[side][pair];
}

size_t ratio_pairs(const struct ratio *ratio, size_t from, size_t to, double *out)
{
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        double candidate = figure(ratio, SIDE_CANDIDATE, i), base = figure(ratio, SIDE_BASE, i);
        if (candidate > 0 && base > 0 && isfinite(candidate) && isfinite(base))
            out[n++] = log(candidate / base);
    }
    return n;
}
