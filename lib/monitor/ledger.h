/*
 * The rows of a probe's table, as a command gave them: CSV with a line of names, or a JSON array of
 * objects; and what they grew by between two readings.
 *
 * Keys are made fit for a report: blanks and control characters in a row become one blank, and what
 * is over RESOURCE_KEY_LIMIT bytes is cut off between two characters. Rows of equal keys add up.
 * Pure; the texts live in the arena that is given.
 */
#ifndef PERFGATE_MONITOR_LEDGER_H
#define PERFGATE_MONITOR_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"
#include "model/report_resources.h"
#include "model/scenario_monitor.h"

#define LEDGER_LIMIT 10000

/* Sorted by their keys. */
struct ledger {
    size_t n;
    struct resource_row *items;
};

/* -1 where the text is neither, or lacks one of the columns. `is_csv`: else JSON. */
int ledger_read(const struct scenario_table *table, bool is_csv, struct span text,
                struct arena *arena, struct ledger *out, struct err *err)
    __attribute__((warn_unused_result));

/* The table for the report: rows of `after`, or with `before` (NULL: not) what they grew by, those
 * alone that did; new rows grew by all that they are. One that fell was reset, and is left out. */
void ledger_report(const struct scenario_table *table, const struct ledger *before,
                   const struct ledger *after, struct arena *arena, struct resource_table *out);

#endif
