/*
 * What perf-run asks of the gate while a paired run goes on: whether it has seen enough (--until).
 */
#ifndef PERFGATE_CMD_RUN_LOOK_H
#define PERFGATE_CMD_RUN_LOOK_H

#include <stdbool.h>

#include "base/err.h"
#include "load/run.h"
#include "model/policy.h"

struct run_look {
    struct policy policy; /* what a breach is, and which rows are judged */
    bool width_only;      /* one of several starts */
    struct load_looks looks;
};

/* Takes `until`, a percentage such as "2%", and the policy's file, NULL being the built-in one.
 * Stays where it is from then on: looks.context is the struct itself. */
int run_look_init(struct run_look *look, const char *until, const char *policy, struct err *err)
    __attribute__((warn_unused_result));
void run_look_release(struct run_look *look);

#endif
