#include "load/faults.h"

#include <stdbool.h>
#include <string.h>

void faults_take(struct faults *faults, struct err *err)
{
    bool known = false;
    for (size_t i = 0; i < faults->n && !known; i++)
        known = strcmp(faults->texts[i], err->text) == 0;
    if (!known)
        arena_append(&faults->arena, &faults->texts, &faults->n,
                     arena_strdup(&faults->arena, err->text));
    *err = (struct err){0};
}

void faults_release(struct faults *faults)
{
    arena_release(&faults->arena);
    *faults = (struct faults){0};
}
