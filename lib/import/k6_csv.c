/*
 * k6 --out csv=FILE[.gz] (output/csv of 2.2): a row for each sample of each metric, of which the
 * ones of http_req_duration are requests. Tags are columns, whose set the test's options choose.
 */
#include "import/formats.h"
#include "import/k6.h"
#include "import/rows.h"
#include "import/text.h"

enum column {
    METRIC,
    TIME,
    VALUE,
    NAME,
    URL,
    METHOD,
    STATUS,
    ERROR,
    ERROR_CODE,
    EXPECTED,
    COLUMNS
};

static const char *const names[COLUMNS] = {[METRIC] = "metric_name",
                                           [TIME] = "timestamp",
                                           [VALUE] = "metric_value",
                                           [NAME] = "name",
                                           [URL] = "url",
                                           [METHOD] = "method",
                                           [STATUS] = "status",
                                           [ERROR] = "error",
                                           [ERROR_CODE] = "error_code",
                                           [EXPECTED] = "expected_response"};

struct k6_csv {
    struct rows_reader rows;
    size_t at[COLUMNS];
    struct collect *collect;
};

bool k6_csv_recognise(struct span head)
{
    struct span line = rows_first_line(head);
    return rows_line_has(line, ',', names[METRIC]) && rows_line_has(line, ',', names[VALUE]);
}

static int take_head(void *context, const struct csv_row *row, struct err *err)
{
    struct k6_csv *csv = context;
    for (int i = 0; i < COLUMNS; i++)
        csv->at[i] = rows_column(row, (const char *[]){names[i], NULL});
    if (csv->at[TIME] == ROWS_NONE)
        return err_set(err, ERR_INPUT, "expected a column 'timestamp', as k6 writes it");
    if (csv->at[EXPECTED] == ROWS_NONE && csv->at[STATUS] == ROWS_NONE)
        return err_set(err, ERR_INPUT,
                       "expected a column 'expected_response' or 'status', without which failures "
                       "are not known; add one to the option systemTags");
    return 0;
}

static int take_row(void *context, const struct csv_row *row, struct err *err)
{
    const struct k6_csv *csv = context;
    struct k6_request request = {.time = rows_cell(row, csv->at[TIME]),
                                 .name = rows_cell(row, csv->at[NAME]),
                                 .url = rows_cell(row, csv->at[URL]),
                                 .method = rows_cell(row, csv->at[METHOD]),
                                 .status = rows_cell(row, csv->at[STATUS]),
                                 .error = rows_cell(row, csv->at[ERROR]),
                                 .error_code = rows_cell(row, csv->at[ERROR_CODE]),
                                 .expected = rows_cell(row, csv->at[EXPECTED])};
    struct span metric = rows_cell(row, csv->at[METRIC]);
    if (text_equals(metric, names[METRIC]))
        return err_set(err, ERR_INPUT,
                       "the columns are named again; expected the samples of one run, read each "
                       "alone");
    if (!text_equals(metric, K6_DURATION))
        return 0;
    if (text_number(rows_cell(row, csv->at[VALUE]), names[VALUE], 1e12, &request.duration_ms, err) <
        0)
        return -1;
    return k6_add(csv->collect, &request, err);
}

int k6_csv_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct k6_csv csv = {.collect = collect_new()};
    csv.rows = (struct rows_reader){.delimiter = ',',
                                    .head = take_head,
                                    .row = take_row,
                                    .context = &csv,
                                    .needed = csv.at,
                                    .n_needed = COLUMNS};
    int status = rows_read(file, &csv.rows, report, err);
    if (status == 0)
        collect_finish(csv.collect, report);
    collect_free(csv.collect);
    return status;
}
