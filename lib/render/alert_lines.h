/*
 * The alerts of a verdict, a line each, for all forms that are text.
 */
#ifndef PERFGATE_RENDER_ALERT_LINES_H
#define PERFGATE_RENDER_ALERT_LINES_H

#include <stddef.h>

#include "base/buf.h"
#include "model/verdict.h"

/* "critical: Error rate above 5% (high_error_rate: error rate 7.2 %)". */
void alert_lines_add(struct buf *out, const struct verdict_alert *alert);

/* The built-in alerts that were not evaluated, with the reasons, in one line; nothing where there
 * is none. Of others a warning of the verdict says it. */
void alert_lines_add_unknown(struct buf *out, const struct verdict *verdict);

/* The next alert that fired, from number `*i` on, worst severity first; NULL after the last. Begin
 * with 0. */
const struct verdict_alert *alert_lines_next(const struct verdict *verdict, size_t *i);

#endif
