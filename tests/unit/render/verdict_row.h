/* A row of a verdict for the tests of forms. */
#ifndef PERFGATE_TESTS_RENDER_VERDICT_ROW_H
#define PERFGATE_TESTS_RENDER_VERDICT_ROW_H

#include "model/verdict.h"

/* The p95 of an endpoint, or of the whole run where `name` is NULL: 15 ms for 10 ms, where 20 %
 * more are allowed; nothing else is known of it. */
struct verdict_row slow_row(int status, const char *name);

#endif
