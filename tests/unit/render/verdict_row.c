#include "verdict_row.h"

#include <math.h>

struct verdict_row slow_row(int status, const char *name)
{
    const double unknown = (double)NAN;
    return (struct verdict_row){.endpoint = name,
                                .method = name ? "GET" : NULL,
                                .metric = METRIC_P95,
                                .base = 10,
                                .candidate = 15,
                                .change = 50,
                                .threshold = 1.2,
                                .min_change = unknown,
                                .limit = unknown,
                                .interval_low = unknown,
                                .interval_high = unknown,
                                .p = unknown,
                                .detectable = unknown,
                                .status = status,
                                .judged = true,
                                .reason = "over the threshold"};
}
