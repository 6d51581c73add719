#include "import/rows.h"

#include <string.h>

#include "import/collect.h"
#include "import/text.h"

struct reading {
    const struct import_file *file;
    struct rows_reader *reader;
    struct csv_rows *rows;
    bool headed;
    bool unended; /* the file ends without a line end, and no row is left to come but the last */
    struct rows_left left;
    struct err own; /* of the row under way; kept here, because it is large */
};

static int check_width(const struct rows_reader *reader, const struct csv_row *row, struct err *err)
{
    if (row->n == reader->n_columns)
        return 0;
    return err_set(
        err, ERR_INPUT,
        "expected %zu fields, one for each column, found %zu; the file may be cut off or "
        "of several formats: write it again",
        reader->n_columns, row->n);
}

static void only_needed(const struct reading *reading)
{
    if (reading->reader->needed)
        csv_rows_only(reading->rows, reading->reader->needed, reading->reader->n_needed);
}

static int take_head(struct reading *reading, const struct csv_row *row, struct err *err)
{
    struct rows_reader *reader = reading->reader;
    reading->headed = true;
    if (reader->head(reader->context, row, err) < 0)
        return -1;
    only_needed(reading);
    return 0;
}

/* Puts file and line before the failure of a row, or leaves the row out. */
static int fail(struct reading *reading, const struct csv_row *row, bool is_head, struct err *err)
{
    struct err own = reading->own;
    reading->own = (struct err){0};
    err_prefix(&own, "'%s' line %zu: ", reading->file->stream->name, row->line);
    if (!is_head)
        return rows_leave(&reading->left, reading->file, &own, err);
    *err = own;
    return -1;
}

int rows_leave(struct rows_left *left, const struct import_file *file, const struct err *own,
               struct err *err)
{
    if (!file->partial) {
        *err = *own;
        return -1;
    }
    if (!left->n++)
        left->first = *own;
    return 0;
}

int rows_stop(const struct import_file *file, bool any, const struct err *own,
              struct report *report, struct err *err)
{
    if (!file->partial || !any || own->code != ERR_INPUT) {
        *err = *own;
        return -1;
    }
    collect_note(report, "read only up to a fault: %s", own->text);
    return 0;
}

void rows_note_left(const struct rows_left *left, const char *what, struct report *report)
{
    if (left->n)
        collect_note(report, "%zu %s%s could not be read and %s left out, first %s", left->n, what,
                     left->n == 1 ? "" : "s", left->n == 1 ? "was" : "were", left->first.text);
}

static int take(void *context, const struct csv_row *row, struct err *err)
{
    struct reading *reading = context;
    struct rows_reader *reader = reading->reader;
    bool is_head = reader->head && !reading->headed;
    if (!reader->n_columns)
        reader->n_columns = row->n;
    int status =
        is_head ? take_head(reading, row, &reading->own) : check_width(reader, row, &reading->own);
    if (status == 0 && reading->unended && reader->last == ROWS_LAST_REFUSED)
        status = err_set(&reading->own, ERR_INPUT,
                         "expected a line end; the file is cut off within its last line: write it "
                         "again");
    if (status == 0 && !is_head)
        status = reader->row(reader->context, row, &reading->own);
    reading->headed = true;
    return status == 0 ? 0 : fail(reading, row, is_head, err);
}

static int push_all(struct reading *reading, struct err *err)
{
    struct span piece;
    char last = '\n';
    do {
        if (stream_read(reading->file->stream, &piece, err) < 0 ||
            csv_rows_push(reading->rows, piece, err) < 0)
            return -1;
        if (piece.len)
            last = piece.at[piece.len - 1];
    } while (piece.len);
    reading->unended = last != '\n';
    return csv_rows_end(reading->rows, err);
}

int rows_read(const struct import_file *file, struct rows_reader *reader, struct report *report,
              struct err *err)
{
    struct reading reading = {.file = file, .reader = reader};
    struct err own = {0};
    reading.rows = csv_rows_new(file->stream->name, reader->delimiter, take, &reading);
    if (!reader->head)
        only_needed(&reading);
    int status = push_all(&reading, &own);
    csv_rows_free(reading.rows);
    if (status == 0 && reading.unended && reader->last == ROWS_LAST_NOTED)
        collect_note(report, "the last row has no line end: '%s' may be cut off",
                     file->stream->name);
    if (status < 0)
        status = rows_stop(file, reading.headed, &own, report, err);
    if (status == 0)
        rows_note_left(&reading.left, "row", report);
    return status;
}

size_t rows_column(const struct csv_row *head, const char *const *names)
{
    for (; *names; names++)
        for (size_t i = 0; i < head->n; i++)
            if (text_equals_nocase(head->cells[i], *names))
                return i;
    return ROWS_NONE;
}

struct span rows_first_line(struct span head)
{
    if (head.len >= 3 && memcmp(head.at, "\xef\xbb\xbf", 3) == 0)
        head = (struct span){head.at + 3, head.len - 3};
    const char *end = head.len ? memchr(head.at, '\n', head.len) : NULL;
    if (end)
        head.len = (size_t)(end - head.at);
    if (head.len && head.at[head.len - 1] == '\r')
        head.len--;
    return head;
}

int rows_line_has(struct span line, char delimiter, const char *name)
{
    while (line.len) {
        const char *end = memchr(line.at, delimiter, line.len);
        struct span field = {line.at, end ? (size_t)(end - line.at) : line.len};
        line =
            (struct span){end ? end + 1 : line.at + line.len, end ? line.len - field.len - 1 : 0};
        if (field.len >= 2 && field.at[0] == '"' && field.at[field.len - 1] == '"')
            field = (struct span){field.at + 1, field.len - 2};
        if (text_equals_nocase(field, name))
            return 1;
    }
    return 0;
}
