#include "model/metric.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"

#define NO_MEMBER  ((size_t)-1)
#define AT(member) offsetof(struct metrics, member)

static const struct metric_info table[] = {
    [METRIC_AVERAGE] = {.name = "avg_response_time",
                        .alias = "average_response_time",
                        .title = "average",
                        .kind = KIND_MEAN,
                        .offset = AT(average_ms)},
    [METRIC_ERROR_RATE] = {.name = "error_rate",
                           .title = "error rate",
                           .unit = UNIT_RATIO,
                           .kind = KIND_RATE,
                           .offset = AT(error_rate)},
    [METRIC_P95] = {.name = "95th_percentile",
                    .alias = "p95",
                    .title = "p95",
                    .kind = KIND_QUANTILE,
                    .quantile = 0.95,
                    .offset = AT(p95_ms)},
    [METRIC_P99] = {.name = "99th_percentile",
                    .alias = "p99",
                    .title = "p99",
                    .kind = KIND_QUANTILE,
                    .quantile = 0.99,
                    .offset = AT(p99_ms)},
    [METRIC_MEDIAN] = {.name = "median_response_time",
                       .alias = "50th_percentile",
                       .title = "median",
                       .kind = KIND_QUANTILE,
                       .quantile = 0.5,
                       .offset = AT(median_ms)},
    [METRIC_P75] = {.name = "75th_percentile",
                    .alias = "p75",
                    .title = "p75",
                    .kind = KIND_QUANTILE,
                    .quantile = 0.75,
                    .offset = AT(p75_ms)},
    [METRIC_P90] = {.name = "90th_percentile",
                    .alias = "p90",
                    .title = "p90",
                    .kind = KIND_QUANTILE,
                    .quantile = 0.9,
                    .offset = AT(p90_ms)},
    [METRIC_P999] = {.name = "99.9th_percentile",
                     .alias = "p99.9",
                     .title = "p99.9",
                     .kind = KIND_QUANTILE,
                     .quantile = 0.999,
                     .offset = AT(p999_ms)},
    [METRIC_MIN] = {.name = "min_response_time",
                    .title = "minimum",
                    .kind = KIND_EXTREME,
                    .offset = AT(min_ms)},
    [METRIC_MAX] = {.name = "max_response_time",
                    .title = "maximum",
                    .kind = KIND_EXTREME,
                    .offset = AT(max_ms)},
    [METRIC_REQUESTS_PER_S] = {.name = "requests_per_second",
                               .title = "requests per second",
                               .unit = UNIT_PER_S,
                               .kind = KIND_THROUGHPUT,
                               .higher_is_better = true,
                               .offset = AT(requests_per_s)},
    [METRIC_CPU_USAGE] = {.name = "cpu_usage",
                          .title = "CPU",
                          .unit = UNIT_RATIO,
                          .kind = KIND_RESOURCE,
                          .offset = NO_MEMBER},
    [METRIC_MEMORY_USAGE] = {.name = "memory_usage",
                             .title = "memory",
                             .unit = UNIT_RATIO,
                             .kind = KIND_RESOURCE,
                             .offset = NO_MEMBER},
    [METRIC_NAMED] = {.name = "metric",
                      .title = "metric",
                      .unit = UNIT_PLAIN,
                      .kind = KIND_NAMED,
                      .offset = NO_MEMBER},
    [METRIC_NAMED_HIGHER] = {.name = "metric",
                             .title = "metric",
                             .unit = UNIT_PLAIN,
                             .kind = KIND_NAMED,
                             .higher_is_better = true,
                             .offset = NO_MEMBER},
};

struct metrics metrics_unknown(void)
{
    struct metrics metrics = {0};
    double nan = (double)NAN;
    for (enum metric i = 0; i < METRIC_COUNT; i++)
        if (table[i].offset != NO_MEMBER)
            memcpy((char *)&metrics + table[i].offset, &nan, sizeof nan);
    return metrics;
}

const struct metric_info *metric_info(enum metric metric)
{
    return &table[metric];
}

const char *metric_key(enum metric metric, const char *name)
{
    return name ? name : table[metric].name;
}

const char *metric_title(enum metric metric, const char *name)
{
    return name ? name : table[metric].title;
}

enum metric metric_find(const char *name)
{
    for (enum metric i = 0; i < METRIC_COUNT; i++)
        if (strcmp(name, table[i].name) == 0 ||
            (table[i].alias && strcmp(name, table[i].alias) == 0))
            return i;
    return METRIC_COUNT;
}

bool metric_is_beyond(enum metric metric, double value, double limit)
{
    return metric_info(metric)->higher_is_better ? value < limit : value > limit;
}

double metric_value(const struct metrics *metrics, enum metric metric)
{
    double value = (double)NAN;
    if (table[metric].offset != NO_MEMBER)
        memcpy(&value, (const char *)metrics + table[metric].offset, sizeof value);
    return value;
}

void metric_add_text(struct buf *out, enum metric metric, double value, int extra)
{
    if (!isfinite(value)) {
        buf_add_char(out, '-');
        return;
    }
    switch (table[metric].unit) {
    case UNIT_MS:
        num_add_latency(out, value, extra);
        break;
    case UNIT_RATIO:
        num_add_rounded(out, fmin(value * 100, DBL_MAX), extra);
        buf_add_str(out, " %");
        break;
    case UNIT_PER_S:
        num_add_rounded(out, value, extra);
        buf_add_str(out, " /s");
        break;
    case UNIT_PLAIN: /* of any size */
        if (value != 0 && fabs(value) < 1)
            buf_addf(out, "%#.*g", 3 + extra, value);
        else
            num_add_rounded(out, value, extra);
        break;
    }
}

void metric_add_names(struct buf *out)
{
    for (enum metric i = 0; i < METRIC_COUNT; i++)
        buf_addf(out, "%s%s", i ? ", " : "", table[i].name);
}
