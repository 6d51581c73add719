/*
 * JMeter's results as CSV (CSVSaveService.java; bin/jmeter.properties of 5.6, from line 499).
 *
 * Columns are found by name in any order, behind any delimiter. Without a first line of names
 * (jmeter.save.saveservice.print_field_names=false) they are in the order that JMeter writes by
 * default.
 */
#include <string.h>

#include "import/formats.h"
#include "import/jtl.h"
#include "import/rows.h"
#include "import/text.h"

#define MAX_MS     (INT64_C(1) << 43)
#define MAX_COUNT  (INT64_C(1) << 53)
#define DELIMITERS ",;\t|"

enum column {
    TIME,
    ELAPSED,
    LABEL,
    CODE,
    MESSAGE,
    SUCCESS,
    FAILURE,
    BYTES,
    ALL_THREADS,
    SAMPLES,
    COLUMNS
};

/* Names, and places in the default order. */
static const struct {
    const char *names[2];
    size_t place;
} columns[COLUMNS] = {
    [TIME] = {{"timeStamp"}, 0},
    [ELAPSED] = {{"elapsed"}, 1},
    [LABEL] = {{"label"}, 2},
    [CODE] = {{"responseCode"}, 3},
    [MESSAGE] = {{"responseMessage"}, 4},
    [SUCCESS] = {{"success"}, 7},
    [FAILURE] = {{"failureMessage"}, 8},
    [BYTES] = {{"bytes"}, 9},
    [ALL_THREADS] = {{"allThreads"}, 12},
    [SAMPLES] = {{"SampleCount"}, ROWS_NONE},
};

struct jtl_csv {
    struct rows_reader rows;
    size_t at[COLUMNS];
    struct jtl jtl;
};

/* ---- recognising ---- */

/* The delimiter of a first line of names; 0 where it is none. */
static char named_delimiter(struct span line)
{
    for (const char *d = DELIMITERS; *d; d++)
        if (rows_line_has(line, *d, "elapsed") &&
            (rows_line_has(line, *d, "timeStamp") || rows_line_has(line, *d, "label") ||
             rows_line_has(line, *d, "success")))
            return *d;
    return 0;
}

static struct span field_at(struct span line, char delimiter, size_t place)
{
    for (;; place--) {
        const char *end = line.len ? memchr(line.at, delimiter, line.len) : NULL;
        if (!place || !end)
            return place ? (struct span){"", 0}
                         : (struct span){line.at, end ? (size_t)(end - line.at) : line.len};
        size_t taken = (size_t)(end + 1 - line.at);
        line = (struct span){end + 1, line.len - taken};
    }
}

static bool is_moment(struct span text)
{
    int64_t value;
    return text_time(text, &value) ||
           (text_count(text, "", MAX_COUNT, &value, NULL) == 0 && text.len >= 12);
}

/* Fields before `success` may be quoted and hold delimiters, so true or false may come later. */
static char unnamed_delimiter(struct span line)
{
    int64_t value;
    for (const char *d = DELIMITERS; *d; d++) {
        if (!is_moment(field_at(line, *d, 0)) ||
            text_count(field_at(line, *d, 1), "", MAX_MS, &value, NULL) < 0)
            continue;
        if (rows_line_has(line, *d, "true") || rows_line_has(line, *d, "false"))
            return *d;
    }
    return 0;
}

bool jtl_csv_recognise(struct span head)
{
    struct span line = rows_first_line(head);
    return named_delimiter(line) || unnamed_delimiter(line);
}

/* ---- reading ---- */

static int take_head(void *context, const struct csv_row *row, struct err *err)
{
    struct jtl_csv *csv = context;
    for (int i = 0; i < COLUMNS; i++)
        csv->at[i] = rows_column(row, (const char *[]){columns[i].names[0], NULL});
    if (csv->at[ELAPSED] == ROWS_NONE)
        return err_set(err, ERR_INPUT,
                       "expected a column 'elapsed'; let JMeter save it "
                       "(jmeter.save.saveservice.time=true)");
    if (csv->at[SUCCESS] == ROWS_NONE)
        return err_set(err, ERR_INPUT,
                       "expected a column 'success', without which failures are not "
                       "known; let JMeter save it "
                       "(jmeter.save.saveservice.successful=true)");
    return 0;
}

static int take_row(void *context, const struct csv_row *row, struct err *err)
{
    struct jtl_csv *csv = context;
    struct jtl_sample sample = {.time = rows_cell(row, csv->at[TIME]),
                                .timed = csv->at[TIME] != ROWS_NONE,
                                .elapsed = rows_cell(row, csv->at[ELAPSED]),
                                .label = rows_cell(row, csv->at[LABEL]),
                                .code = rows_cell(row, csv->at[CODE]),
                                .message = rows_cell(row, csv->at[MESSAGE]),
                                .success = rows_cell(row, csv->at[SUCCESS]),
                                .failure = rows_cell(row, csv->at[FAILURE]),
                                .bytes = rows_cell(row, csv->at[BYTES]),
                                .users = rows_cell(row, csv->at[ALL_THREADS]),
                                .samples = rows_cell(row, csv->at[SAMPLES])};
    return jtl_add(&csv->jtl, &sample, err);
}

/* Which delimiter, and whether the columns have names. */
static int prepare(const struct import_file *file, struct jtl_csv *csv, struct err *err)
{
    struct span head;
    if (stream_peek(file->stream, &head, err) < 0)
        return -1;
    struct span line = rows_first_line(head);
    csv->rows.row = take_row;
    csv->rows.context = csv;
    csv->rows.needed = csv->at;
    csv->rows.n_needed = COLUMNS;
    csv->rows.delimiter = named_delimiter(line);
    if (csv->rows.delimiter) {
        csv->rows.head = take_head;
        return 0;
    }
    csv->rows.delimiter = unnamed_delimiter(line);
    for (int i = 0; i < COLUMNS; i++)
        csv->at[i] = columns[i].place;
    return 0;
}

int jtl_csv_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct jtl_csv csv = {0};
    jtl_begin(&csv.jtl);
    int status = prepare(file, &csv, err);
    if (status == 0)
        status = rows_read(file, &csv.rows, report, err);
    if (status == 0)
        status = jtl_finish(file, &csv.jtl, report, err);
    jtl_end(&csv.jtl);
    return status;
}
