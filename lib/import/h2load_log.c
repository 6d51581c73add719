/*
 * h2load --log-file (1.52 to 1.70): a row of three fields for each request, behind tabs: when it
 * began in us since 1970, the status or -1, and how long it took in us.
 */
#include <string.h>

#include "base/clock.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/rows.h"
#include "import/text.h"

#define MAX_US     (INT64_C(1) << 52)
#define MIN_DIGITS 15 /* of us since 1970: from 2001 on */

enum column { START, STATUS, DURATION, COLUMNS };

bool h2load_log_recognise(struct span head)
{
    struct span line = rows_first_line(head), field[COLUMNS];
    int64_t value;
    for (size_t i = 0; i < COLUMNS; i++) {
        const char *end = line.len ? memchr(line.at, '\t', line.len) : NULL;
        if ((i == COLUMNS - 1) != !end)
            return false;
        field[i] = (struct span){line.at, end ? (size_t)(end - line.at) : line.len};
        line = (struct span){end ? end + 1 : "", end ? line.len - field[i].len - 1 : 0};
    }
    return field[START].len >= MIN_DIGITS &&
           text_count(field[START], "", MAX_US, &value, NULL) == 0 &&
           (text_equals(field[STATUS], "-1") ||
            text_count(field[STATUS], "", 999, &value, NULL) == 0) &&
           text_count(field[DURATION], "", MAX_US, &value, NULL) == 0;
}

static int take_row(void *context, const struct csv_row *row, struct err *err)
{
    struct span status = rows_cell(row, STATUS);
    bool none = text_equals(status, "-1");
    char message[32] = "status ";
    int64_t code = 0, start_us, us;
    if (text_count(rows_cell(row, START), "start", MAX_US, &start_us, err) < 0 ||
        (!none && text_count(status, "status", 999, &code, err) < 0) ||
        text_count(rows_cell(row, DURATION), "time in us", MAX_US, &us, err) < 0)
        return -1;
    if (!none)
        memcpy(message + 7, status.at, status.len < 16 ? status.len : 16);
    struct sample sample = {.start_ns = start_us * NS_PER_US,
                            .duration_ns = us * NS_PER_US,
                            .failed = none || code >= 400 || code < 200,
                            .kind = none ? "other" : "status",
                            .bytes = -1,
                            .users = -1};
    sample.message =
        none ? (struct span){"no response", 11} : (struct span){message, strlen(message)};
    return collect_add(context, &sample, err);
}

int h2load_log_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct collect *collect = collect_new();
    struct rows_reader rows = {.delimiter = '\t',
                               .row = take_row,
                               .context = collect,
                               .n_columns = COLUMNS,
                               .last = ROWS_LAST_REFUSED};
    int status = rows_read(file, &rows, report, err);
    if (status == 0)
        collect_finish(collect, report);
    collect_free(collect);
    return status;
}
