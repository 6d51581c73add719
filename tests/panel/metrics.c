#include "metrics.h"

#include "base/clock.h"

const int64_t metrics_bucket_ns[METRICS_BUCKETS] = {
    50 * NS_PER_US,  100 * NS_PER_US,  250 * NS_PER_US,  500 * NS_PER_US,
    1 * NS_PER_MS,   2500 * NS_PER_US, 5 * NS_PER_MS,    10 * NS_PER_MS,
    25 * NS_PER_MS,  50 * NS_PER_MS,   100 * NS_PER_MS,  250 * NS_PER_MS,
    500 * NS_PER_MS, 1 * NS_PER_S,     2500 * NS_PER_MS, 10 * NS_PER_S,
};

void metrics_record(struct metrics *metrics, size_t route, unsigned status, int64_t elapsed_ns)
{
    size_t bucket = 0;
    while (bucket < METRICS_BUCKETS && elapsed_ns > metrics_bucket_ns[bucket])
        bucket++;
    metrics->buckets[bucket]++;
    metrics->requests++;
    metrics->client_errors += status >= 400 && status < 500;
    metrics->server_errors += status >= 500;
    metrics->sum_ns += elapsed_ns;
    if (metrics->max_ns < elapsed_ns)
        metrics->max_ns = elapsed_ns;
    metrics->routes[route].requests++;
    metrics->routes[route].errors += status >= 500;
    metrics->routes[route].sum_ns += elapsed_ns;
}

/* Within a bucket the values count as spread evenly, up to the largest there was. */
double metrics_quantile_ns(const struct metrics *metrics, double q)
{
    double target = q * (double)metrics->requests, below = 0, low = 0;
    double max = (double)metrics->max_ns;
    for (size_t i = 0; i < METRICS_BUCKETS; i++) {
        double count = (double)metrics->buckets[i], high = (double)metrics_bucket_ns[i];
        high = high < max ? high : max;
        if (count > 0 && below + count >= target)
            return low + (high - low) * (target - below) / count;
        below += count;
        low = high;
    }
    return max;
}
