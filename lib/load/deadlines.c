#include "load/deadlines.h"

#include <stddef.h>

void deadlines_add(struct deadlines *deadlines, struct deadline *deadline, int64_t now_ns)
{
    deadline_cancel(deadline);
    *deadline = (struct deadline){
        .previous = deadlines->last, .queue = deadlines, .at_ns = now_ns + deadlines->length_ns};
    if (deadlines->last)
        deadlines->last->next = deadline;
    else
        deadlines->first = deadline;
    deadlines->last = deadline;
}

void deadline_cancel(struct deadline *deadline)
{
    struct deadlines *queue = deadline->queue;
    if (!queue)
        return;
    if (deadline->previous)
        deadline->previous->next = deadline->next;
    else
        queue->first = deadline->next;
    if (deadline->next)
        deadline->next->previous = deadline->previous;
    else
        queue->last = deadline->previous;
    *deadline = (struct deadline){0};
}

int64_t deadlines_next(const struct deadlines *deadlines)
{
    return deadlines->first ? deadlines->first->at_ns : INT64_MAX;
}
