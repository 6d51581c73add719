/*
 * perf-report --send: tells people, or their machines, of a verdict.
 */
#ifndef PERFGATE_CMD_REPORT_SEND_H
#define PERFGATE_CMD_REPORT_SEND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/io.h"
#include "cmd/options.h"

struct report_send {
    struct io_log log;
    const struct option_list *to; /* names of destinations, or "routes" */
    const char *notify;           /* --notify; NULL = not given */
    struct option_list files;     /* the verdict, and the reports that it was made from */
    bool dry_run;                 /* only shows, in `shown`, what would be sent */
    bool require_delivery;
};

/* Sends. What was not delivered is a warning, and an error where delivery is required: then all the
 * others have been told nevertheless. -1 as well where there is no verdict, or no such
 * destination is known; then nobody was told. */
int report_send(const struct report_send *how, struct buf *shown, struct err *err)
    __attribute__((warn_unused_result));

#endif
