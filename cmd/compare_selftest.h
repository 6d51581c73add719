/*
 * What `perf-compare --self-test` prints: one line that sums up, a row for each rule, and what
 * cannot fire.
 */
#ifndef PERFGATE_CMD_COMPARE_SELFTEST_H
#define PERFGATE_CMD_COMPARE_SELFTEST_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "gate/selftest.h"

void compare_selftest_text(const struct selftest *selftest, bool color, struct buf *out);

/* -1 with the first fault, and the number of the others, where there is one: exit 2. */
int compare_selftest_check(const struct selftest *selftest, struct err *err)
    __attribute__((warn_unused_result));

#endif
