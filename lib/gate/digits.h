/*
 * Digits: how exactly a row's figures must be shown, so that rounding does not hide what was
 * decided.
 */
#ifndef PERFGATE_GATE_DIGITS_H
#define PERFGATE_GATE_DIGITS_H

#include "gate/decide.h"

/* How many more than three digits show two figures, their change and what they were compared with
 * on the right side of each other; 0 mostly. */
int digits_of(const struct draft *draft);

/* … that the candidate's figure is beyond a limit, which it is. */
int digits_beyond(const struct draft *draft, double limit);

#endif
