#include "tests/stat/relabel.h"

#include <string.h>

#include "base/arena.h"
#include "gate/inject.h"

bool relabel_can(const struct report *base, const struct report *candidate)
{
    if (!base->pair || !candidate->pair || base->n_endpoints != candidate->n_endpoints)
        return false;
    for (size_t i = 0; i < base->n_endpoints; i++) {
        const struct report_endpoint *a = &base->endpoints[i], *b = &candidate->endpoints[i];
        if (strcmp(a->name, b->name) != 0 || strcmp(a->method, b->method) != 0 || !a->blocks ||
            !b->blocks)
            return false;
    }
    return true;
}

static void swap_numbers(int64_t *a, int64_t *b)
{
    int64_t kept = *a;
    *a = *b;
    *b = kept;
}

static void swap_batch(struct report_blocks *a, struct report_blocks *b, size_t batch, size_t from,
                       size_t to)
{
    struct histogram_sparse kept = a->batches[batch];
    a->batches[batch] = b->batches[batch];
    b->batches[batch] = kept;
    for (size_t i = from; i < to; i++) {
        swap_numbers(&a->count[i], &b->count[i]);
        swap_numbers(&a->sum_ns[i], &b->sum_ns[i]);
        swap_numbers(&a->failures[i], &b->failures[i]);
    }
}

void relabel_slower(const struct report *from, const struct slower *how, struct report *out)
{
    struct arena arena = {0};
    struct inject nothing = INJECT_NOTHING, whole = INJECT_NOTHING, slower = INJECT_NOTHING;
    struct inject **all = arena_array(&arena, from->n_endpoints + 1, sizeof *all);
    slower.latency = how->factor;
    slower.added = how->failing;
    for (size_t i = 0; i < from->n_endpoints; i++)
        all[i] = !how->name || strcmp(how->name, from->endpoints[i].name) == 0 ? &slower : &nothing;
    inject_report(from, &whole, all, out);
    arena_release(&arena);
}

void relabel(const struct report *base, const struct report *candidate, struct rng *rng,
             struct report *base_out, struct report *candidate_out)
{
    static const struct slower as_they_are = {.factor = 1};
    struct report a = {0}, b = {0};
    const struct report_pair *pair = candidate->pair;
    relabel_slower(base, &as_they_are, &a);
    relabel_slower(candidate, &as_they_are, &b);
    for (size_t batch = 0, from = 0; batch < pair->n_ends; batch++) {
        size_t to = (size_t)pair->batch_end[batch];
        bool swaps = rng_u64(rng) & 1;
        for (size_t i = 0; swaps && i < a.n_endpoints; i++)
            swap_batch(a.endpoints[i].blocks, b.endpoints[i].blocks, batch, from, to);
        from = to;
    }
    relabel_slower(&a, &as_they_are, base_out);
    relabel_slower(&b, &as_they_are, candidate_out);
    report_release(&a);
    report_release(&b);
}
