#include "base/csv_rows.h"

#include <csv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/mem.h"

struct csv_rows {
    struct csv_parser parser;
    const char *source;
    char delimiter;
    csv_row_fn *take;
    void *context;
    size_t line;   /* from 1, that is being read */
    size_t began;  /* the line of the row's first byte */
    size_t length; /* bytes of the row so far */
    char *text;    /* of the cells, TEXT_SIZE: it never moves, and what is not used costs nothing */
    size_t used;
    bool quoted; /* the row so far may have an open quote, and line ends within it */
    bool plain;  /* what is pushed has no quotes: line ends are counted as rows end */
    size_t n;
    struct span cells[CSV_COLUMNS];
    bool passed_over[CSV_COLUMNS];
    int failed;      /* 0, or -1 with `err` filled */
    struct err *err; /* of the call under way */
};

#define TEXT_SIZE (CSV_ROW_LIMIT + CSV_COLUMNS)

/* libcsv takes blanks off both ends of unquoted fields; RFC 4180, 2.4: they are part of them. It
 * asks this of each byte, which takes a third of its time, so it is set only where there are such.
 */
static int is_no_space(unsigned char c)
{
    (void)c;
    return 0;
}

struct csv_rows *csv_rows_new(const char *source, char delimiter, csv_row_fn *take, void *context)
{
    struct csv_rows *rows = mem_new(sizeof *rows);
    rows->source = source;
    rows->delimiter = delimiter;
    rows->take = take;
    rows->context = context;
    rows->line = rows->began = 1;
    rows->text = mem_array(TEXT_SIZE, 1);
    if (csv_init(&rows->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
        mem_exhausted();
    csv_set_delim(&rows->parser, (unsigned char)delimiter);
    return rows;
}

void csv_rows_only(struct csv_rows *rows, const size_t *columns, size_t n)
{
    for (size_t i = 0; i < CSV_COLUMNS; i++) {
        rows->passed_over[i] = true;
        rows->cells[i] = (struct span){"", 0};
    }
    for (size_t i = 0; i < n; i++)
        if (columns[i] < CSV_COLUMNS)
            rows->passed_over[columns[i]] = false;
}

static int fail_length(const struct csv_rows *rows)
{
    return err_set(rows->err, ERR_INPUT, "'%s' line %zu: a row is over 1 MiB; check its quotes",
                   rows->source, rows->began);
}

static int fail_cell(const struct csv_rows *rows)
{
    if (rows->n < CSV_COLUMNS)
        return fail_length(rows);
    return err_set(rows->err, ERR_INPUT, "'%s' line %zu: expected at most %d columns", rows->source,
                   rows->began, CSV_COLUMNS);
}

/* Most cells are so short that a call of memcpy() would take longer than this. */
static void copy(char *to, const char *from, size_t len)
{
    if (len > 16) {
        memcpy(to, from, len);
    } else if (len >= 8) {
        memcpy(to, from, 8);
        memcpy(to + len - 8, from + len - 8, 8);
    } else if (len >= 4) {
        memcpy(to, from, 4);
        memcpy(to + len - 4, from + len - 4, 4);
    } else {
        for (size_t i = 0; i < len; i++)
            to[i] = from[i];
    }
}

static void take_cell(void *bytes, size_t len, void *context)
{
    struct csv_rows *rows = context;
    size_t n = rows->n;
    if (n < CSV_COLUMNS && rows->passed_over[n]) {
        rows->n = n + 1;
        return;
    }
    if (rows->failed)
        return;
    if (n == CSV_COLUMNS || len >= TEXT_SIZE - rows->used) {
        rows->failed = fail_cell(rows);
        return;
    }
    char *to = rows->text + rows->used;
    rows->cells[n] = (struct span){to, len};
    rows->used += len + 1;
    rows->n = n + 1;
    to[len] = 0;
    copy(to, bytes, len);
}

/* Also at the end of an empty line, and at both bytes of CRLF (CSV_REPALL_NL). */
static void end_row(int terminator, void *context)
{
    struct csv_rows *rows = context;
    if (rows->failed)
        return;
    if (rows->n) {
        struct csv_row row = {.n = rows->n, .cells = rows->cells, .line = rows->began};
        rows->failed = rows->take(rows->context, &row, rows->err);
    }
    rows->n = rows->length = rows->used = 0;
    rows->quoted = false;
    if (rows->plain && terminator == '\n')
        rows->began = ++rows->line;
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

static int check_length(const struct csv_rows *rows, size_t more)
{
    return rows->length + more > CSV_ROW_LIMIT ? fail_length(rows) : 0;
}

static int parse(struct csv_rows *rows, struct span bytes)
{
    rows->length += bytes.len;
    if (csv_parse(&rows->parser, bytes.at, bytes.len, take_cell, end_row, rows) != bytes.len)
        return fail_parse(rows);
    return rows->failed;
}

/* A line or a part of one. */
static int push_line(struct csv_rows *rows, struct span bytes)
{
    if (!rows->length)
        rows->began = rows->line;
    if (check_length(rows, bytes.len) < 0)
        return -1;
    rows->quoted = rows->quoted || memchr(bytes.at, '"', bytes.len);
    int status = parse(rows, bytes);
    rows->line += bytes.at[bytes.len - 1] == '\n';
    return status;
}

/* Up to and with the first line end; all where there is none. */
static size_t line_length(struct span bytes)
{
    const char *end = memchr(bytes.at, '\n', bytes.len);
    size_t len = end ? (size_t)(end + 1 - bytes.at) : bytes.len;
    end = memchr(bytes.at, '\r', len);
    return end ? (size_t)(end + 1 - bytes.at) : len;
}

static int push_lines(struct csv_rows *rows, struct span bytes)
{
    while (bytes.len) {
        size_t len = line_length(bytes);
        if (push_line(rows, (struct span){bytes.at, len}) < 0)
            return -1;
        bytes = (struct span){bytes.at + len, bytes.len - len};
    }
    return 0;
}

/* Any number of lines without quotes, so that each line end is the end of a row. */
static int push_plain(struct csv_rows *rows, struct span bytes)
{
    const char *end = memchr(bytes.at, '\n', bytes.len);
    if (!rows->length)
        rows->began = rows->line;
    if (check_length(rows, end ? (size_t)(end + 1 - bytes.at) : bytes.len) < 0)
        return -1;
    rows->plain = true;
    int status = parse(rows, bytes);
    rows->plain = false;
    end = memrchr(bytes.at, '\n', bytes.len);
    if (end)
        rows->length = (size_t)(bytes.at + bytes.len - (end + 1));
    return status;
}

/* ---- blanks ---- */

/* Sixteen bytes at a time. */
typedef signed char bytes16 __attribute__((vector_size(16)));

static bytes16 load(const char *at)
{
    bytes16 out;
    memcpy(&out, at, sizeof out);
    return out;
}

static bytes16 is_blank(bytes16 c)
{
    return (c == ' ') | (c == '\t');
}

static bytes16 is_edge(bytes16 c, char delimiter)
{
    return (c == '\n') | (c == '\r') | (c == '"') | (c == (signed char)delimiter);
}

/* Of sixteen bytes and those behind each of them: a blank beside what ends a field. */
static inline bytes16 blank_at_edge(const char *at, char delimiter)
{
    bytes16 c = load(at), next = load(at + 1);
    return (is_blank(c) & is_edge(next, delimiter)) | (is_edge(c, delimiter) & is_blank(next));
}

/* Whether a blank may be the first or the last byte of a field; a field may go on beyond `bytes`.
 */
static bool has_blank_at_edge(struct span bytes, char delimiter)
{
    bytes16 found = {0};
    char rest[32] = {0};
    size_t i = 0;
    for (; i + 17 <= bytes.len; i += 16)
        found |= blank_at_edge(bytes.at + i, delimiter);
    memcpy(rest, bytes.at + i, bytes.len - i);
    found |= blank_at_edge(rest, delimiter);
    char first = bytes.at[0], last = bytes.at[bytes.len - 1];
    uint64_t halves[2];
    memcpy(halves, &found, sizeof halves);
    return (halves[0] | halves[1]) != 0 || first == ' ' || first == '\t' || last == ' ' ||
           last == '\t';
}

int csv_rows_push(struct csv_rows *rows, struct span bytes, struct err *err)
{
    static const char mark[] = "\xef\xbb\xbf";
    rows->err = err;
    if (rows->line == 1 && !rows->length && bytes.len >= sizeof mark - 1 &&
        memcmp(bytes.at, mark, sizeof mark - 1) == 0)
        bytes = (struct span){bytes.at + sizeof mark - 1, bytes.len - (sizeof mark - 1)};
    if (!bytes.len)
        return 0;
    bool trims = has_blank_at_edge(bytes, rows->delimiter);
    csv_set_space_func(&rows->parser, trims ? is_no_space : NULL);
    return rows->quoted || memchr(bytes.at, '"', bytes.len) ? push_lines(rows, bytes)
                                                            : push_plain(rows, bytes);
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
    free(rows->text);
    free(rows);
}
