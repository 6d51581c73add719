#include "monitor/turns.h"

#include "base/clock.h"

void turns_init(struct turns *turns)
{
    *turns = (struct turns){.arm = -1};
}

static void account(struct turns *turns, int64_t now_ns)
{
    if (turns->arm >= 0 && now_ns > turns->since_ns)
        turns->active_ns[turns->arm] += now_ns - turns->since_ns;
    if (now_ns > turns->since_ns)
        turns->since_ns = now_ns;
}

void turns_next(struct turns *turns, int arm, int64_t now_ns, int64_t measured_ns)
{
    account(turns, now_ns);
    turns->arm = arm;
    turns->since_ns = measured_ns > now_ns ? measured_ns : now_ns;
}

void turns_take(struct turns *turns, int64_t now_ns, double active_s[2])
{
    account(turns, now_ns);
    for (int arm = 0; arm < 2; arm++) {
        active_s[arm] = (double)turns->active_ns[arm] / (double)NS_PER_S;
        turns->active_ns[arm] = 0;
    }
}
