/*
 * Comma-separated values. Written as Python's csv module does (RFC 4180 with minimal quoting and
 * CRLF), which is what Locust's readers expect; read as a table whose first row names its columns.
 * The only user of libcsv.
 */
#ifndef PERFGATE_BASE_CSV_H
#define PERFGATE_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define CSV_COLUMNS    256                /* of a table at most */
#define CSV_CELL_LIMIT ((size_t)64 << 10) /* bytes */

/* Appends one field; a comma goes before it unless it is the `first` of its row. It is quoted only
 * where it holds a quote, a comma, CR or LF. */
void csv_add_field(struct buf *out, const char *text, bool first);

/* Ends the row: CRLF. */
void csv_end_row(struct buf *out);

/* A zeroed struct is an empty table. */
struct csv_table {
    struct arena arena; /* keeps all texts, each with a NUL behind it */
    size_t n_columns;
    const char **columns; /* no two alike, none empty */
    size_t n_rows, capacity;
    struct span *cells; /* n_rows rows of n_columns, UTF-8 without NUL */
};

/* Reads commas, LF or CRLF, and fields that may be quoted; blanks belong to their field, empty
 * lines are passed over, and so is a byte order mark. There may be no row below the first. `source`
 * names the bytes in messages, which have the line. Release also after a failure. */
int csv_read(struct csv_table *table, struct span bytes, const char *source, struct err *err)
    __attribute__((warn_unused_result));

void csv_table_release(struct csv_table *table);

#endif
