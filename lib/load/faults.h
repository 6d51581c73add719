/*
 * All that is wrong with a scenario and its options, for who wants more than the first sentence
 * (`perf-run --check`).
 *
 * A zeroed struct is empty. The texts are the struct's; equal ones are kept once.
 */
#ifndef PERFGATE_LOAD_FAULTS_H
#define PERFGATE_LOAD_FAULTS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct faults {
    struct arena arena;
    size_t n;
    const char **texts;
};

/* Moves what `err` holds into the list; `err` is then empty. */
void faults_take(struct faults *faults, struct err *err);

void faults_release(struct faults *faults);

#endif
