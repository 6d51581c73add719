#include "waits.h"

#include <stdlib.h>

#include "base/mem.h"

void waits_add(struct waits *waits, int64_t due_ns, void *what)
{
    waits->heap = mem_grow(waits->heap, waits->count, &waits->capacity, sizeof waits->heap[0]);
    size_t at = waits->count++;
    while (at && waits->heap[(at - 1) / 2].due_ns > due_ns) {
        waits->heap[at] = waits->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    waits->heap[at] = (struct wait){.due_ns = due_ns, .what = what};
}

int64_t waits_next_ns(const struct waits *waits)
{
    return waits->count ? waits->heap[0].due_ns : INT64_MAX;
}

void *waits_pop(struct waits *waits)
{
    void *first = waits->heap[0].what;
    struct wait last = waits->heap[--waits->count];
    size_t at = 0, child;
    while ((child = 2 * at + 1) < waits->count) {
        if (child + 1 < waits->count && waits->heap[child + 1].due_ns < waits->heap[child].due_ns)
            child++;
        if (waits->heap[child].due_ns >= last.due_ns)
            break;
        waits->heap[at] = waits->heap[child];
        at = child;
    }
    waits->heap[at] = last;
    return first;
}

void waits_release(struct waits *waits)
{
    free(waits->heap);
    *waits = (struct waits){0};
}
