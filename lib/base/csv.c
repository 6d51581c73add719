#include "base/csv.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

/* ---- writing ---- */

void csv_add_field(struct buf *out, const char *text, bool first)
{
    if (!first)
        buf_add_char(out, ',');
    if (!text[strcspn(text, "\",\r\n")]) {
        buf_add_str(out, text);
        return;
    }
    size_t len = strlen(text);
    size_t size = csv_write(NULL, 0, text, len);
    char *end = buf_reserve(out, size);
    csv_write(end, size, text, len);
    end[size] = 0;
    out->len += size;
}

void csv_end_row(struct buf *out)
{
    buf_add_str(out, "\r\n");
}

/* ---- reading ---- */

struct reading {
    struct csv_table *table;
    const char *source;
    size_t line;    /* from 1, in which the row ends */
    size_t n_cells; /* of the row so far */
    bool headed;    /* the first row is complete */
    int failed;     /* 0, or -1 with `err` filled */
    struct err *err;
};

static bool is_text(const char *text, size_t len)
{
    const char *at = text;
    for (uint32_t c = utf8_next(&at); c; c = utf8_next(&at))
        if (c == UTF8_INVALID)
            return false;
    return at == text + len;
}

static int add_column(struct reading *reading, const char *name)
{
    struct csv_table *table = reading->table;
    if (!*name)
        return err_set(reading->err, ERR_INPUT,
                       "'%s' line %zu: a column has no name; the first line names the columns",
                       reading->source, reading->line);
    if (table->n_columns == CSV_COLUMNS)
        return err_set(reading->err, ERR_INPUT, "'%s' line %zu: expected at most %d columns",
                       reading->source, reading->line, CSV_COLUMNS);
    for (size_t i = 0; i < table->n_columns; i++)
        if (strcmp(table->columns[i], name) == 0)
            return err_set(reading->err, ERR_INPUT, "'%s' line %zu: '%s' names two columns",
                           reading->source, reading->line, name);
    arena_append(&table->arena, &table->columns, &table->n_columns, name);
    return 0;
}

/* Cells beyond the columns are only counted. */
static void add_cell(struct reading *reading, const char *text, size_t len)
{
    struct csv_table *table = reading->table;
    if (reading->n_cells >= table->n_columns)
        return;
    if (!reading->n_cells)
        table->cells = mem_grow(table->cells, table->n_rows, &table->capacity,
                                table->n_columns * sizeof *table->cells);
    table->cells[table->n_rows * table->n_columns + reading->n_cells] = (struct span){text, len};
}

static void take_cell(void *bytes, size_t len, void *context)
{
    struct reading *reading = context;
    if (reading->failed)
        return;
    if (len > CSV_CELL_LIMIT) {
        reading->failed = err_set(reading->err, ERR_INPUT,
                                  "'%s' line %zu: a field is over 64 KiB; check its quotes",
                                  reading->source, reading->line);
        return;
    }
    const char *text = arena_strndup(&reading->table->arena, len ? bytes : "", len);
    if (!is_text(text, len))
        reading->failed = err_set(reading->err, ERR_INPUT,
                                  "'%s' line %zu: expected UTF-8 text; save the file as UTF-8",
                                  reading->source, reading->line);
    else if (!reading->headed)
        reading->failed = add_column(reading, text);
    else
        add_cell(reading, text, len);
    reading->n_cells++;
}

static void end_row(int terminator, void *context)
{
    (void)terminator;
    struct reading *reading = context;
    struct csv_table *table = reading->table;
    if (reading->failed)
        return;
    if (reading->headed && reading->n_cells != table->n_columns)
        reading->failed = err_set(reading->err, ERR_INPUT,
                                  "'%s' line %zu: expected %zu field%s, one for each column of the "
                                  "first line, found %zu",
                                  reading->source, reading->line, table->n_columns,
                                  table->n_columns == 1 ? "" : "s", reading->n_cells);
    else if (reading->headed)
        table->n_rows++;
    reading->headed = true;
    reading->n_cells = 0;
}

/* libcsv takes blanks off unquoted fields; RFC 4180, 2.4: they are part of them. */
static int is_no_space(unsigned char c)
{
    (void)c;
    return 0;
}

static int fail_parse(struct csv_parser *parser, struct reading *reading)
{
    if (reading->failed)
        return -1;
    if (csv_error(parser) == CSV_ENOMEM || csv_error(parser) == CSV_ETOOBIG)
        mem_exhausted();
    return err_set(reading->err, ERR_INPUT,
                   "'%s' line %zu: a quote is out of place; a field with a quote in it is put into "
                   "quotes, and the quote doubled",
                   reading->source, reading->line);
}

/* Line by line, so that a message can name it. */
static int parse(struct csv_parser *parser, struct span rest, struct reading *reading)
{
    while (rest.len && !reading->failed) {
        const char *end = memchr(rest.at, '\n', rest.len);
        size_t len = end ? (size_t)(end + 1 - rest.at) : rest.len;
        reading->line++;
        if (csv_parse(parser, rest.at, len, take_cell, end_row, reading) != len)
            return fail_parse(parser, reading);
        rest = (struct span){rest.at + len, rest.len - len};
    }
    if (!reading->failed && csv_fini(parser, take_cell, end_row, reading) != 0)
        return err_set(reading->err, ERR_INPUT,
                       "'%s' line %zu: a quoted field is not closed when the file ends",
                       reading->source, reading->line);
    return reading->failed;
}

int csv_read(struct csv_table *table, struct span bytes, const char *source, struct err *err)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct csv_parser parser;
    struct reading reading = {.table = table, .source = source, .err = err};
    *table = (struct csv_table){0};
    if (bytes.len >= sizeof mark - 1 && memcmp(bytes.at, mark, sizeof mark - 1) == 0)
        bytes = (struct span){bytes.at + sizeof mark - 1, bytes.len - (sizeof mark - 1)};
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        mem_exhausted();
    csv_set_space_func(&parser, is_no_space);
    int status = parse(&parser, bytes, &reading);
    csv_free(&parser);
    if (status < 0)
        return -1;
    if (!table->n_columns)
        return err_set(err, ERR_INPUT, "'%s': expected a first line that names the columns",
                       source);
    return 0;
}

void csv_table_release(struct csv_table *table)
{
    free(table->cells);
    arena_release(&table->arena);
    *table = (struct csv_table){0};
}
