/*
 * Comma-separated values as Python's csv module writes them (RFC 4180 with minimal quoting and
 * CRLF), which is what Locust's readers expect. The only user of libcsv.
 */
#ifndef PERFGATE_BASE_CSV_H
#define PERFGATE_BASE_CSV_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends one field; a comma goes before it unless it is the `first` of its row. It is quoted only
 * where it holds a quote, a comma, CR or LF. */
void csv_add_field(struct buf *out, const char *text, bool first);

/* Ends the row: CRLF. */
void csv_end_row(struct buf *out);

#endif
