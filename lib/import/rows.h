/*
 * The rows of a file of separated values, with its columns found by name.
 *
 * What all such formats share: the stream is pushed through csv_rows.h, a row's failure gets the
 * file and the line before it, and with `partial` costs that row alone.
 */
#ifndef PERFGATE_IMPORT_ROWS_H
#define PERFGATE_IMPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/csv_rows.h"
#include "import/import.h"

#define ROWS_NONE SIZE_MAX /* the column is not there */

/* What a last row is that has no line end. */
enum rows_last {
    ROWS_LAST_NOTED,   /* read, and a note says that the file may be cut off */
    ROWS_LAST_REFUSED, /* cut off: the tool ends every line, and its last field may be short */
    ROWS_LAST_WHOLE    /* as the tool leaves it */
};

/* How a format reads its rows. */
struct rows_reader {
    char delimiter;
    /* NULL: there is no first row of names */
    csv_row_fn *head;
    csv_row_fn *row;  /* message without file and line */
    void *context;    /* of both */
    size_t n_columns; /* that each row must have; 0 = as many as the first has */
    enum rows_last last;
    /* The columns that `row` looks at, ROWS_NONE among them, once `head` was called; NULL = all. */
    const size_t *needed;
    size_t n_needed;
};

/* What `partial` left out. */
struct rows_left {
    size_t n;
    struct err first;
};

/* What becomes of a row that failed with `own`: with `partial` it is left out, else that is `err`.
 */
int rows_leave(struct rows_left *left, const struct import_file *file, const struct err *own,
               struct err *err) __attribute__((warn_unused_result));

/* The same of what comes behind a fault of the whole file; `any` tells that something was read. */
int rows_stop(const struct import_file *file, bool any, const struct err *own,
              struct report *report, struct err *err) __attribute__((warn_unused_result));

/* A note on what was left out; `what` is "row". */
void rows_note_left(const struct rows_left *left, const char *what, struct report *report);

/* Reads the whole stream; failures name file and line. Rows left out are noted in the report, and
 * so is a last row without a line end, whose last field may be cut off. */
int rows_read(const struct import_file *file, struct rows_reader *reader, struct report *report,
              struct err *err) __attribute__((warn_unused_result));

/* The column that has one of the `names` (NULL-terminated), whatever the case; ROWS_NONE. */
size_t rows_column(const struct csv_row *head, const char *const *names);

/* The cell of a column; empty where the column is not there. */
static inline struct span rows_cell(const struct csv_row *row, size_t column)
{
    return column < row->n ? row->cells[column] : (struct span){"", 0};
}

/* The first line of a file that begins with `head`, without its end. */
struct span rows_first_line(struct span head);

/* Whether the line, cut at `delimiter`, has a field that is `name`, whatever the case and quotes.
 */
int rows_line_has(struct span line, char delimiter, const char *name);

#endif
