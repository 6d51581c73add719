/* What must hold of every report of the open model. */
#ifndef PERFGATE_TESTS_LOAD_OPEN_CHECK_H
#define PERFGATE_TESTS_LOAD_OPEN_CHECK_H

#include "model/report.h"
#include "server.h"

#define ONE_TASK "\"tasks\": [{\"get\": \"/\"}]"

/* Failed requests of a kind. */
int64_t open_failures(const struct report *report, const char *kind);

/* It says the same wherever it says it, and is read back as it was. */
void open_check_report(const struct report *report);

/* That, and of tasks of one step without a warm-up: arrivals that began are requests, and those
 * that found a server are in its log. */
void open_check_conserved(const struct report *report, struct server *server);

#endif
