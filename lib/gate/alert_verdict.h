/*
 * What the verdict says of the policy's alerts. They have no part in its exit code: what must not
 * pass is a limit's to say.
 */
#ifndef PERFGATE_GATE_ALERT_VERDICT_H
#define PERFGATE_GATE_ALERT_VERDICT_H

#include "base/err.h"
#include "gate/gate.h"
#include "model/verdict.h"

/* Fills out->alerts: those of the policy, and those that the candidate's policy has besides, asked
 * of each of the candidate's reports. One that fired in any has fired, and one that is not known in
 * any is not known else. Adds a warning for each that is the user's own and is not known. */
int alert_verdict_fill(const struct gate_input *in, struct verdict *out, struct err *err)
    __attribute__((warn_unused_result));

#endif
