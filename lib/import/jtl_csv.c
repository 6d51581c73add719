/*
 * JMeter's results as CSV (CSVSaveService.java; bin/jmeter.properties of 5.6, from line 499).
 *
 * Columns are found by name in any order, behind any delimiter. Without a first line of names
 * (jmeter.save.saveservice.print_field_names=false) they are in the order that JMeter writes by
 * default. timeStamp is the start in ms since the epoch as the shipped properties have it, or a
 * date; elapsed is in whole ms and includes connecting.
 */
#include <string.h>

#include "base/clock.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/rows.h"
#include "import/text.h"

#define MAX_MS     (INT64_C(1) << 43)
#define MAX_COUNT  (INT64_C(1) << 53)
#define DELIMITERS ",;\t|"
/* What a transaction controller says of itself; its samples are in the file, too, unless it was
 * told to make one of them ("generate parent sample"). */
#define TRANSACTION "Number of samples in transaction : "

enum column { TIME, ELAPSED, LABEL, CODE, MESSAGE, SUCCESS, FAILURE, BYTES, ALL_THREADS, COLUMNS };

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
};

struct jtl {
    struct rows_reader rows;
    size_t at[COLUMNS];
    struct collect *plain, *transactions;
    int64_t children; /* samples that transactions say they are of */
    bool local_dates;
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
    struct jtl *jtl = context;
    for (int i = 0; i < COLUMNS; i++)
        jtl->at[i] = rows_column(row, (const char *[]){columns[i].names[0], NULL});
    if (jtl->at[ELAPSED] == ROWS_NONE)
        return err_set(err, ERR_INPUT,
                       "expected a column 'elapsed'; let JMeter save it "
                       "(jmeter.save.saveservice.time=true)");
    if (jtl->at[SUCCESS] == ROWS_NONE)
        return err_set(err, ERR_INPUT,
                       "expected a column 'success', without which failures are not "
                       "known; let JMeter save it "
                       "(jmeter.save.saveservice.successful=true)");
    return 0;
}

static int take_time(struct jtl *jtl, struct span text, int64_t *out_ns, struct err *err)
{
    int64_t ms;
    *out_ns = 0;
    if (jtl->at[TIME] == ROWS_NONE)
        return 0;
    if (text_count(text, "timeStamp", MAX_MS, &ms, NULL) == 0) {
        *out_ns = ms * NS_PER_MS;
        return 0;
    }
    if (text_time(text, out_ns)) {
        jtl->local_dates = true;
        return 0;
    }
    return err_set(err, ERR_INPUT,
                   "timeStamp: expected ms since 1970 or a date as 2026/11/26 10:15:27.123, found "
                   "'%.40s'; set jmeter.save.saveservice.timestamp_format=ms",
                   text.at);
}

static int take_success(struct span text, bool *failed, struct err *err)
{
    *failed = !text_equals(text, "true") && !text_equals_nocase(text, "true");
    if (!*failed || text_equals_nocase(text, "false"))
        return 0;
    return err_set(err, ERR_INPUT, "success: expected true or false, found '%.40s'", text.at);
}

/* An optional count: -1 where the column is not there, or empty. */
static int take_optional(const struct csv_row *row, size_t column, const char *name, int64_t *out,
                         struct err *err)
{
    struct span text = rows_cell(row, column);
    *out = -1;
    return text.len ? text_count(text, name, MAX_COUNT, out, err) : 0;
}

/* "404", or text where there was no response. */
static const char *kind_of(struct span code, struct span message)
{
    if (code.len == 3 && code.at[0] >= '4' && code.at[0] <= '5')
        return "status";
    if (code.len == 3 && code.at[0] >= '1' && code.at[0] <= '3')
        return "expectation";
    const char *kind = failures_kind(code.at);
    return strcmp(kind, "other") == 0 ? failures_kind(message.at) : kind;
}

static void add_failure(const struct jtl *jtl, const struct csv_row *row, struct sample *sample,
                        struct buf *text)
{
    struct span code = rows_cell(row, jtl->at[CODE]), message = rows_cell(row, jtl->at[MESSAGE]),
                failure = rows_cell(row, jtl->at[FAILURE]);
    buf_add(text, code.at, code.len);
    if (failure.len || message.len)
        buf_addf(text, "%s%s", code.len ? " " : "", failure.len ? failure.at : message.at);
    sample->kind = kind_of(code, message);
    sample->message = (struct span){buf_text(text), text->len};
}

/* The number of samples that a transaction is of; -1 where the row is none. */
static int64_t children_of(struct span message)
{
    size_t len = sizeof TRANSACTION - 1;
    int64_t n = 0;
    if (message.len <= len || memcmp(message.at, TRANSACTION, len) != 0)
        return -1;
    for (const char *at = message.at + len; *at >= '0' && *at <= '9' && n < MAX_MS; at++)
        n = n * 10 + (*at - '0');
    return n;
}

static int take_sample(struct jtl *jtl, const struct csv_row *row, struct sample *sample,
                       struct err *err)
{
    int64_t elapsed_ms;
    if (text_count(rows_cell(row, jtl->at[ELAPSED]), "elapsed", MAX_MS, &elapsed_ms, err) < 0 ||
        take_time(jtl, rows_cell(row, jtl->at[TIME]), &sample->start_ns, err) < 0 ||
        take_success(rows_cell(row, jtl->at[SUCCESS]), &sample->failed, err) < 0 ||
        take_optional(row, jtl->at[BYTES], "bytes", &sample->bytes, err) < 0 ||
        take_optional(row, jtl->at[ALL_THREADS], "allThreads", &sample->users, err) < 0)
        return -1;
    if (elapsed_ms > MAX_MS / 100)
        return err_set(err, ERR_INPUT, "elapsed: expected ms, found over two years");
    sample->duration_ns = elapsed_ms * NS_PER_MS;
    sample->name = rows_cell(row, jtl->at[LABEL]);
    return 0;
}

static int take_row(void *context, const struct csv_row *row, struct err *err)
{
    struct jtl *jtl = context;
    struct sample sample = {.kind = "other"};
    struct buf text = {0};
    if (take_sample(jtl, row, &sample, err) < 0)
        return -1;
    if (sample.failed)
        add_failure(jtl, row, &sample, &text);
    int64_t children = children_of(rows_cell(row, jtl->at[MESSAGE]));
    if (children > 0 && jtl->children < MAX_COUNT)
        jtl->children += children;
    int status = collect_add(children < 0 ? jtl->plain : jtl->transactions, &sample, err);
    buf_release(&text);
    return status;
}

/* Transactions count only where what they are of does not. */
static int finish(const struct import_file *file, struct jtl *jtl, struct report *report,
                  struct err *err)
{
    int64_t plain = collect_count(jtl->plain), transactions = collect_count(jtl->transactions);
    if (plain && jtl->children > plain + transactions)
        return err_set(
            err, ERR_INPUT,
            "'%s': %lld transactions are of more samples than the file has, but it has "
            "others beside them; let the controllers generate parent samples all or none",
            file->stream->name, (long long)transactions);
    collect_finish(plain ? jtl->plain : jtl->transactions, report);
    if (plain && transactions)
        collect_note(report,
                     "%lld rows of transactions were left out, because what they are of is "
                     "counted already",
                     (long long)transactions);
    if (jtl->local_dates)
        collect_note(report, "the file's dates say no time zone, and are taken for UTC");
    report->resolution_ns = NS_PER_MS;
    return 0;
}

/* Which delimiter, and whether the columns have names. */
static int prepare(const struct import_file *file, struct jtl *jtl, struct err *err)
{
    struct span head;
    if (stream_peek(file->stream, &head, err) < 0)
        return -1;
    struct span line = rows_first_line(head);
    jtl->rows.row = take_row;
    jtl->rows.context = jtl;
    jtl->rows.needed = jtl->at;
    jtl->rows.n_needed = COLUMNS;
    jtl->rows.delimiter = named_delimiter(line);
    if (jtl->rows.delimiter) {
        jtl->rows.head = take_head;
        return 0;
    }
    jtl->rows.delimiter = unnamed_delimiter(line);
    for (int i = 0; i < COLUMNS; i++)
        jtl->at[i] = columns[i].place;
    return 0;
}

int jtl_csv_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct jtl jtl = {.plain = collect_new(), .transactions = collect_new()};
    int status = prepare(file, &jtl, err);
    if (status == 0)
        status = rows_read(file, &jtl.rows, report, err);
    if (status == 0)
        status = finish(file, &jtl, report, err);
    collect_free(jtl.plain);
    collect_free(jtl.transactions);
    return status;
}
