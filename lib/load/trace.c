#include "load/trace.h"

enum { ID_AT = 3, SPAN_AT = 36, FLAG_AT = 54 }; /* in TRACE_BLANK */

static void write_hex(char *at, uint64_t value)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 15; i >= 0; i--, value >>= 4)
        at[i] = digits[value & 15];
}

struct trace_id trace_write(struct tracer *tracer, char *at)
{
    static const struct trace_id none = {0};
    /* Ids of zeros are not allowed (3.2.2.3, 3.2.2.4). */
    struct trace_id id = {.high = rng_u64(&tracer->rng)};
    id.low = rng_u64(&tracer->rng) | 1;
    bool recorded = rng_unit(&tracer->rng) < tracer->share;
    write_hex(at + ID_AT, id.high);
    write_hex(at + ID_AT + 16, id.low);
    write_hex(at + SPAN_AT, rng_u64(&tracer->rng) | 1);
    at[FLAG_AT] = recorded ? '1' : '0';
    return recorded ? id : none;
}

bool trace_is_recorded(const struct trace_id *id)
{
    return id->low;
}

void slowest_add(struct slowest *slowest, const struct traced *traced)
{
    struct traced *fastest = &slowest->items[0];
    if (slowest->n < TRACE_SLOWEST) {
        slowest->items[slowest->n++] = *traced;
        return;
    }
    for (size_t i = 1; i < slowest->n; i++)
        if (slowest->items[i].latency_ns < fastest->latency_ns)
            fastest = &slowest->items[i];
    if (traced->latency_ns > fastest->latency_ns)
        *fastest = *traced;
}
