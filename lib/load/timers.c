#include "load/timers.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

void timers_add(struct timers *timers, int64_t due_ns, void *owner)
{
    timers->heap = mem_grow(timers->heap, timers->n, &timers->capacity, sizeof *timers->heap);
    size_t at = timers->n++;
    while (at && timers->heap[(at - 1) / 2].due_ns > due_ns) {
        timers->heap[at] = timers->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    timers->heap[at] = (struct timer){due_ns, owner};
}

int64_t timers_next(const struct timers *timers)
{
    return timers->n ? timers->heap[0].due_ns : INT64_MAX;
}

struct timer timers_take(struct timers *timers)
{
    assert(timers->n);
    struct timer first = timers->heap[0], last = timers->heap[--timers->n];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < timers->n; at = child) {
        if (child + 1 < timers->n && timers->heap[child + 1].due_ns < timers->heap[child].due_ns)
            child++;
        if (timers->heap[child].due_ns >= last.due_ns)
            break;
        timers->heap[at] = timers->heap[child];
    }
    timers->heap[at] = last;
    return first;
}

void timers_release(struct timers *timers)
{
    free(timers->heap);
    *timers = (struct timers){0};
}
