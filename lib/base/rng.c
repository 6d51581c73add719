#include "base/rng.h"

static uint64_t split_mix(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t rotate_left(uint64_t value, unsigned bits)
{
    return (value << bits) | (value >> (64 - bits));
}

void rng_init(struct rng *rng, uint64_t seed, uint64_t stream)
{
    uint64_t state = stream;
    state = seed ^ split_mix(&state);
    for (int i = 0; i < 4; i++)
        rng->state[i] = split_mix(&state);
}

uint64_t rng_u64(struct rng *rng)
{
    uint64_t *s = rng->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t rng_below(struct rng *rng, uint64_t bound)
{
    if (bound <= 1)
        return 0;
    uint64_t reject_under = (0 - bound) % bound; /* 2^64 mod bound */
    uint64_t draw;
    do {
        draw = rng_u64(rng);
    } while (draw < reject_under);
    return draw % bound;
}

double rng_unit(struct rng *rng)
{
    return (double)(rng_u64(rng) >> 11) * 0x1p-53;
}

int64_t rng_between(struct rng *rng, int64_t low, int64_t high)
{
    if (high <= low)
        return low;
    uint64_t width = (uint64_t)high - (uint64_t)low + 1;
    uint64_t draw = width ? rng_below(rng, width) : rng_u64(rng);
    return (int64_t)((uint64_t)low + draw);
}
