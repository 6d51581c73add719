/*
 * Rows of separated values, one at a time: for files of any size. csv.h has tables.
 *
 * Bytes are pushed in pieces of any length, and each row is handed to a function as soon as it is
 * whole. Quotes are as RFC 4180 has them, line ends LF or CRLF; blanks belong to their field, empty
 * lines and a byte order mark are passed over. Memory is one row, of at most CSV_ROW_LIMIT bytes.
 */
#ifndef PERFGATE_BASE_CSV_ROWS_H
#define PERFGATE_BASE_CSV_ROWS_H

#include <stddef.h>

#include "base/err.h"
#include "base/span.h"

#define CSV_ROW_LIMIT ((size_t)1 << 20)

struct csv_row {
    size_t n;
    const struct span *cells; /* each with a NUL behind it; valid during the call */
    size_t line;              /* where the row begins, from 1 */
};

/* Returns 0, or -1 with `err` filled, which ends the reading. */
typedef int csv_row_fn(void *context, const struct csv_row *row, struct err *err);

struct csv_rows;

/* `source` names the file in messages and outlives the reader. The caller frees. */
struct csv_rows *csv_rows_new(const char *source, char delimiter, csv_row_fn *take, void *context)
    __attribute__((returns_nonnull, warn_unused_result));

/* From the next row on, cells of other columns are empty, which spares copying them. Columns that
 * are not there do not matter. */
void csv_rows_only(struct csv_rows *rows, const size_t *columns, size_t n);

int csv_rows_push(struct csv_rows *rows, struct span bytes, struct err *err)
    __attribute__((warn_unused_result));

/* The file is over: its last row may lack a line end, but not a closing quote. */
int csv_rows_end(struct csv_rows *rows, struct err *err) __attribute__((warn_unused_result));

void csv_rows_free(struct csv_rows *rows);

#endif
