/*
 * hey -o csv (0.1.4) and oha --output-format csv (1.9 to 1.15): a row for each response, in s.
 *
 * Neither has a row for a request without a response, and hey stops after 1,000,000 rows; notes say
 * so. Starts are relative to the tool's, so the run has a duration and no date. hey's times have
 * four decimals. hey ends its last line with none.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/rows.h"
#include "import/text.h"

#define MAX_S     (COLLECT_MAX_S / 2.0) /* of a start, and of a request */
#define MAX_BYTES (INT64_C(1) << 53)
#define KEPT      1000000 /* rows that hey writes */

enum column { DURATION, STATUS, START, BYTES, COLUMNS };

static const char *const hey_names[COLUMNS] = {"response-time", "status-code", "offset", ""};
static const char *const oha_names[COLUMNS] = {"request-duration", "status", "request-start",
                                               "bytes"};

struct rows_of {
    const char *const *names;
    size_t at[COLUMNS];
    struct collect *collect;
    double first_s, last_s;
    int64_t n;
};

static bool has_names(struct span line, const char *const *names)
{
    return rows_line_has(line, ',', names[DURATION]) && rows_line_has(line, ',', names[STATUS]) &&
           rows_line_has(line, ',', names[START]);
}

bool hey_csv_recognise(struct span head)
{
    return has_names(rows_first_line(head), hey_names);
}

bool oha_csv_recognise(struct span head)
{
    return has_names(rows_first_line(head), oha_names);
}

static int take_head(void *context, const struct csv_row *row, struct err *err)
{
    struct rows_of *rows = context;
    (void)err;
    for (int i = 0; i < COLUMNS; i++)
        rows->at[i] = rows_column(row, (const char *[]){rows->names[i], NULL});
    return 0;
}

static int take_row(void *context, const struct csv_row *row, struct err *err)
{
    struct rows_of *rows = context;
    struct span status = rows_cell(row, rows->at[STATUS]), bytes = rows_cell(row, rows->at[BYTES]);
    struct sample sample = {.bytes = -1, .users = -1, .kind = "status"};
    char message[32] = "status ";
    double start_s, duration_s;
    int64_t code;
    if (text_number(rows_cell(row, rows->at[DURATION]), rows->names[DURATION], MAX_S, &duration_s,
                    err) < 0 ||
        text_number(rows_cell(row, rows->at[START]), rows->names[START], MAX_S, &start_s, err) <
            0 ||
        text_count(status, rows->names[STATUS], 999, &code, err) < 0 ||
        (bytes.len && text_count(bytes, "bytes", MAX_BYTES, &sample.bytes, err) < 0))
        return -1;
    memcpy(message + 7, status.at, status.len < 16 ? status.len : 16);
    sample.duration_ns = llround(duration_s * (double)NS_PER_S);
    sample.failed = code >= 400 || code < 200;
    sample.message = (struct span){message, strlen(message)};
    if (collect_add(rows->collect, &sample, err) < 0)
        return -1;
    rows->first_s = rows->n && rows->first_s < start_s ? rows->first_s : start_s;
    rows->last_s = fmax(rows->last_s, start_s + duration_s);
    rows->n++;
    return 0;
}

/* What starts that have no date tell of a run's duration and rate. */
static void add_duration(const struct rows_of *rows, struct report *report)
{
    double seconds = rows->last_s - rows->first_s;
    if (!rows->n || !(seconds > 0))
        return;
    report->duration_ns = llround(seconds * (double)NS_PER_S);
    report->metrics.requests_per_s = (double)rows->n / seconds;
    for (size_t i = 0; i < report->n_endpoints; i++)
        report->endpoints[i].metrics.requests_per_s = report->metrics.requests_per_s;
}

static int read_rows(const struct import_file *file, const char *const *names,
                     struct report *report, struct err *err)
{
    bool is_hey = names == hey_names;
    struct rows_of rows = {.names = names, .collect = collect_new()};
    struct rows_reader reader = {.delimiter = ',',
                                 .head = take_head,
                                 .row = take_row,
                                 .context = &rows,
                                 .last = is_hey ? ROWS_LAST_WHOLE : ROWS_LAST_REFUSED};
    int status = rows_read(file, &reader, report, err);
    if (status == 0) {
        collect_finish(rows.collect, report);
        add_duration(&rows, report);
        report->resolution_ns = is_hey ? 100 * NS_PER_US : 0;
        collect_note(report, "requests without a response are not in the file, and not counted");
        if (is_hey && rows.n >= KEPT)
            collect_note(report,
                         "hey writes the first 1,000,000 rows, and there may have been more "
                         "requests");
    }
    collect_free(rows.collect);
    return status;
}

int hey_csv_read(const struct import_file *file, struct report *report, struct err *err)
{
    return read_rows(file, hey_names, report, err);
}

int oha_csv_read(const struct import_file *file, struct report *report, struct err *err)
{
    return read_rows(file, oha_names, report, err);
}
