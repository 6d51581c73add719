/*
 * Failed requests by endpoint, kind and message: FAILURES_LIMIT rows, and the rest of each endpoint
 * and kind as "other messages". Texts are kept, cut to FAILURES_TEXT bytes.
 */
#ifndef PERFGATE_IMPORT_FAILURES_H
#define PERFGATE_IMPORT_FAILURES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "model/report.h"

#define FAILURES_LIMIT 1000
#define FAILURES_TEXT  ((size_t)500)

/* A zeroed struct is empty. */
struct failures {
    struct arena arena;
    size_t n, capacity;
    struct report_error *rows; /* their texts are in the arena */
};

/* Counts what `like` says `like->count` times; its texts are copied but for endpoint, method and
 * kind, which outlive the table. */
void failures_add(struct failures *failures, const struct report_error *like, struct span message);

/* The rows into the report, most frequent first, with texts of its arena. */
void failures_fill(const struct failures *failures, struct report *report);

void failures_release(struct failures *failures);

/* The kind of a failure by what a tool wrote of it: "timeout", "refused", …, "other". */
const char *failures_kind(const char *text);

#endif
