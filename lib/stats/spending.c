#include "stats/spending.h"

#include <math.h>

#include "stats/dist.h"

double spending_until(double alpha, double share)
{
    if (share <= 0)
        return 0;
    if (share >= 1)
        return alpha;
    return 2 * dist_normal_upper(dist_normal_quantile(alpha / 2) / sqrt(share));
}
