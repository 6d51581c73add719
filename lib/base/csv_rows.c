#include "base/csv_rows.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/mem.h"

struct csv_rows {
    struct csv_parser parser;
    const char *source;
    csv_row_fn *take;
    void *context;
    size_t line;   /* from 1, that is being read */
    size_t began;  /* the line of the row's first byte */
    size_t length; /* bytes of the row so far */
    struct buf text;
    size_t n;
    size_t end[CSV_COLUMNS]; /* of each cell within `text`, at its NUL */
    int failed;              /* 0, or -1 with `err` filled */
    struct err *err;         /* of the call under way */
};

/* libcsv takes blanks off unquoted fields; RFC 4180, 2.4: they are part of them. */
static int is_no_space(unsigned char c)
{
    (void)c;
    return 0;
}

struct csv_rows *csv_rows_new(const char *source, char delimiter, csv_row_fn *take, void *context)
{
    struct csv_rows *rows = mem_new(sizeof *rows);
    rows->source = source;
    rows->take = take;
    rows->context = context;
    rows->line = rows->began = 1;
    if (csv_init(&rows->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        mem_exhausted();
    csv_set_space_func(&rows->parser, is_no_space);
    csv_set_delim(&rows->parser, (unsigned char)delimiter);
    return rows;
}

static void take_cell(void *bytes, size_t len, void *context)
{
    struct csv_rows *rows = context;
    if (rows->failed)
        return;
    if (rows->n == CSV_COLUMNS) {
        rows->failed = err_set(rows->err, ERR_INPUT, "'%s' line %zu: expected at most %d columns",
                               rows->source, rows->began, CSV_COLUMNS);
        return;
    }
    buf_add(&rows->text, bytes, len);
    rows->end[rows->n++] = rows->text.len;
    buf_add_char(&rows->text, 0);
}

static void end_row(int terminator, void *context)
{
    (void)terminator;
    struct csv_rows *rows = context;
    struct span cells[CSV_COLUMNS];
    size_t at = 0;
    if (rows->failed)
        return;
    for (size_t i = 0; i < rows->n; i++) {
        cells[i] = (struct span){rows->text.data + at, rows->end[i] - at};
        at = rows->end[i] + 1;
    }
    struct csv_row row = {.n = rows->n, .cells = cells, .line = rows->began};
    rows->failed = rows->take(rows->context, &row, rows->err);
    rows->n = rows->length = 0;
    buf_reset(&rows->text);
}

static int fail_parse(struct csv_rows *rows)
{
    if (rows->failed)
        return -1;
    if (csv_error(&rows->parser) != CSV_EPARSE)
        mem_exhausted();
    return err_set(rows->err, ERR_INPUT,
                   "'%s' line %zu: a quote is out of place; a field with a quote in it is put into "
                   "quotes, and the quote doubled",
                   rows->source, rows->line);
}

/* A line or a part of one. */
static int push(struct csv_rows *rows, const char *bytes, size_t len)
{
    if (!rows->length)
        rows->began = rows->line;
    rows->length += len;
    if (rows->length > CSV_ROW_LIMIT)
        return err_set(rows->err, ERR_INPUT, "'%s' line %zu: a row is over 1 MiB; check its quotes",
                       rows->source, rows->began);
    if (csv_parse(&rows->parser, bytes, len, take_cell, end_row, rows) != len)
        return fail_parse(rows);
    if (bytes[len - 1] == '\n') {
        rows->line++;
        if (!rows->n && !rows->text.len && rows->length == len && len <= 2)
            rows->length = 0; /* an empty line */
    }
    return rows->failed;
}

int csv_rows_push(struct csv_rows *rows, struct span bytes, struct err *err)
{
    static const char mark[] = "\xef\xbb\xbf";
    rows->err = err;
    if (rows->line == 1 && !rows->length && bytes.len >= sizeof mark - 1 &&
        memcmp(bytes.at, mark, sizeof mark - 1) == 0)
        bytes = (struct span){bytes.at + sizeof mark - 1, bytes.len - (sizeof mark - 1)};
    while (bytes.len) {
        const char *end = memchr(bytes.at, '\n', bytes.len);
        size_t len = end ? (size_t)(end + 1 - bytes.at) : bytes.len;
        if (push(rows, bytes.at, len) < 0)
            return -1;
        bytes = (struct span){bytes.at + len, bytes.len - len};
    }
    return 0;
}

int csv_rows_end(struct csv_rows *rows, struct err *err)
{
    rows->err = err;
    if (csv_fini(&rows->parser, take_cell, end_row, rows) != 0)
        return err_set(err, ERR_INPUT,
                       "'%s' line %zu: a quoted field is not closed when the file ends",
                       rows->source, rows->began);
    return rows->failed;
}

void csv_rows_free(struct csv_rows *rows)
{
    if (!rows)
        return;
    csv_free(&rows->parser);
    buf_release(&rows->text);
    free(rows);
}
