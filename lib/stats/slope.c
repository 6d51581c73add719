#include "stats/slope.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/spread.h"

double slope_resistant(const double *values, size_t n)
{
    double *x = mem_array(n + 1, sizeof *x), *y = mem_array(n + 1, sizeof *y);
    double slope = (double)NAN;
    size_t known = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i]))
            continue;
        x[known] = (double)i;
        y[known++] = values[i];
    }
    if (known >= SLOPE_LEAST) {
        size_t third = known / 3, last = known - third;
        slope = (spread_median(y + last, third) - spread_median(y, third)) /
                (spread_median(x + last, third) - spread_median(x, third));
    }
    free(x);
    free(y);
    return slope;
}
