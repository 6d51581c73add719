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

static double log_of(int64_t top, int64_t bottom)
{
    return log((double)top / (double)bottom);
}

double ratio_log_within(const struct ratio *ratio, size_t from, size_t to)
{
    double logs[SIDES];
    for (int side = 0; side < SIDES; side++)
        logs[side] =
            log_of(sum_of(ratio->top[side], from, to), sum_of(ratio->bottom[side], from, to));
    return logs[SIDE_CANDIDATE] - logs[SIDE_BASE];
}

double ratio_log_without(const struct ratio *ratio, size_t from, size_t to)
{
    double logs[SIDES];
    for (int side = 0; side < SIDES; side++)
        logs[side] = log_of(ratio->top_sum[side] - sum_of(ratio->top[side], from, to),
                            ratio->bottom_sum[side] - sum_of(ratio->bottom[side], from, to));
    return logs[SIDE_CANDIDATE] - logs[SIDE_BASE];
}

void ratio_leave_out(const struct ratio *ratio, const struct evidence *evidence, double *left_out)
{
    for (size_t i = 0, from = 0; i < evidence->n_batches; i++) {
        left_out[i] = ratio_log_without(ratio, from, evidence->batch_end[i]);
        from = evidence->batch_end[i];
    }
}
