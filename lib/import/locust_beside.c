#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "import/beside.h"
#include "import/collect.h"
#include "import/locust.h"
#include "import/rows.h"
#include "import/text.h"

#define MAX_COUNT (INT64_C(1) << 53)
#define STATS     "_stats.csv"
#define REQUESTS  "_requests.csv"

/* Reads the file with the end `other` through `reader`, where it is there. */
static int read_beside(const struct import_file *file, const char *other,
                       struct rows_reader *reader, struct report *report, struct err *err)
{
    struct beside beside;
    int status = beside_open(&beside, file, STATS, other, err);
    if (status == 0 && !beside.is_open) {
        beside_close(&beside);
        status = beside_open(&beside, file, REQUESTS, other, err);
    }
    if (status == 0 && beside.is_open)
        status = rows_read(&beside.file, reader, report, err);
    beside_close(&beside);
    return status;
}

/* ---- failures ---- */

struct failed {
    struct rows_reader rows;
    struct failures failures;
    size_t method, name, error, count, first, last;
};

static int failures_head(void *context, const struct csv_row *row, struct err *err)
{
    struct failed *failed = context;
    failed->method = rows_column(row, (const char *[]){"Method", "Type", NULL});
    failed->name = rows_column(row, (const char *[]){"Name", NULL});
    failed->error = rows_column(row, (const char *[]){"Error", NULL});
    failed->count = rows_column(row, (const char *[]){"Occurrences", "# occurrences", NULL});
    failed->first = rows_column(row, (const char *[]){"First Seen", NULL});
    failed->last = rows_column(row, (const char *[]){"Last Seen", NULL});
    if (failed->error != ROWS_NONE && failed->count != ROWS_NONE)
        return 0;
    return err_set(err, ERR_INPUT, "expected the columns 'Error' and 'Occurrences'");
}

static int64_t seen(const struct csv_row *row, size_t column)
{
    int64_t ns = 0;
    return text_time(rows_cell(row, column), &ns) ? ns : 0;
}

static int failures_row(void *context, const struct csv_row *row, struct err *err)
{
    struct failed *failed = context;
    struct span error = rows_cell(row, failed->error);
    struct report_error like = {.kind = failures_kind(error.at),
                                .first_seen_ns = seen(row, failed->first),
                                .last_seen_ns = seen(row, failed->last)};
    if (text_count(rows_cell(row, failed->count), "Occurrences", MAX_COUNT / 1000, &like.count,
                   err) < 0)
        return -1;
    like.endpoint = text_keep(rows_cell(row, failed->name), COLLECT_NAME, &failed->failures.arena);
    like.method = text_keep(rows_cell(row, failed->method), COLLECT_NAME, &failed->failures.arena);
    if (like.count)
        failures_add(&failed->failures, &like, error);
    return 0;
}

int locust_failures(const struct import_file *file, struct report *report, struct err *err)
{
    struct failed failed = {0};
    failed.rows = (struct rows_reader){
        .delimiter = ',', .head = failures_head, .row = failures_row, .context = &failed};
    int status = read_beside(file, "_failures.csv", &failed.rows, report, err);
    if (status == 0)
        failures_fill(&failed.failures, report);
    failures_release(&failed.failures);
    return status;
}

/* ---- exceptions ---- */

struct raised {
    struct rows_reader rows;
    size_t count, message;
    int64_t n;
    struct buf first;
};

static int exceptions_head(void *context, const struct csv_row *row, struct err *err)
{
    struct raised *raised = context;
    raised->count = rows_column(row, (const char *[]){"Count", NULL});
    raised->message = rows_column(row, (const char *[]){"Message", NULL});
    if (raised->count != ROWS_NONE && raised->message != ROWS_NONE)
        return 0;
    return err_set(err, ERR_INPUT, "expected the columns 'Count' and 'Message'");
}

static int exceptions_row(void *context, const struct csv_row *row, struct err *err)
{
    struct raised *raised = context;
    int64_t count;
    if (text_count(rows_cell(row, raised->count), "Count", MAX_COUNT / 1000, &count, err) < 0)
        return -1;
    if (!raised->n)
        text_add_clean(&raised->first, rows_cell(row, raised->message), 200);
    raised->n += raised->n < MAX_COUNT ? count : 0;
    return 0;
}

int locust_exceptions(const struct import_file *file, struct report *report, struct err *err)
{
    struct raised raised = {0};
    raised.rows = (struct rows_reader){
        .delimiter = ',', .head = exceptions_head, .row = exceptions_row, .context = &raised};
    int status = read_beside(file, "_exceptions.csv", &raised.rows, report, err);
    if (status == 0 && raised.n)
        collect_note(report, "the locustfile raised %lld exception%s, first: %s",
                     (long long)raised.n, raised.n == 1 ? "" : "s", buf_text(&raised.first));
    buf_release(&raised.first);
    return status;
}

/* ---- the history ---- */

/* What a row says of the run up to its time. */
struct moment {
    int64_t at_s, users, requests, failures;
    double average_ms;
};

struct history {
    struct rows_reader rows;
    size_t time, users, type, name, requests, failures, average;
    size_t n, capacity;
    struct moment *moments;
};

static int history_head(void *context, const struct csv_row *row, struct err *err)
{
    struct history *history = context;
    history->time = rows_column(row, (const char *[]){"Timestamp", NULL});
    history->users = rows_column(row, (const char *[]){"User Count", NULL});
    history->type = rows_column(row, (const char *[]){"Type", "Method", NULL});
    history->name = rows_column(row, (const char *[]){"Name", NULL});
    history->requests =
        rows_column(row, (const char *[]){"Total Request Count", "# requests", NULL});
    history->failures =
        rows_column(row, (const char *[]){"Total Failure Count", "# failures", NULL});
    history->average = rows_column(
        row, (const char *[]){"Total Average Response Time", "Average Response Time", NULL});
    if (history->time != ROWS_NONE && history->requests != ROWS_NONE)
        return 0;
    return err_set(err, ERR_INPUT, "expected the columns 'Timestamp' and 'Total Request Count'");
}

static int take_moment(const struct history *history, const struct csv_row *row,
                       struct moment *moment, struct err *err)
{
    struct span users = rows_cell(row, history->users);
    if (text_count(rows_cell(row, history->time), "Timestamp", INT64_C(1) << 31, &moment->at_s,
                   err) < 0 ||
        (users.len && text_count(users, "User Count", MAX_COUNT, &moment->users, err) < 0) ||
        text_count(rows_cell(row, history->requests), "requests", MAX_COUNT, &moment->requests,
                   err) < 0 ||
        text_count(rows_cell(row, history->failures), "failures", MAX_COUNT, &moment->failures,
                   err) < 0)
        return -1;
    return locust_figure(rows_cell(row, history->average), "average", &moment->average_ms, err);
}

/* Rows of single endpoints, which --csv-full-history writes, are passed over. */
static int history_row(void *context, const struct csv_row *row, struct err *err)
{
    struct history *history = context;
    struct moment moment = {0};
    if (!locust_is_total(rows_cell(row, history->type), rows_cell(row, history->name)) ||
        history->n == SECONDS_LIMIT)
        return 0;
    if (take_moment(history, row, &moment, err) < 0)
        return -1;
    struct moment *last = history->n ? &history->moments[history->n - 1] : NULL;
    if (last && (moment.at_s < last->at_s || moment.requests < last->requests ||
                 moment.failures < last->failures))
        return err_set(err, ERR_INPUT,
                       "expected counts and times that never fall; the file may be "
                       "of two runs");
    if (last && moment.at_s == last->at_s) {
        *last = moment;
        return 0;
    }
    history->moments =
        mem_grow(history->moments, history->n, &history->capacity, sizeof *history->moments);
    history->moments[history->n++] = moment;
    return 0;
}

/* The mean of what came between two moments; NAN where nothing did, or it is not known. */
static double mean_between(const struct moment *from, const struct moment *to)
{
    int64_t n = to->requests - from->requests;
    double before = from->requests ? from->average_ms * (double)from->requests : 0;
    return n > 0 ? fmax(0, (to->average_ms * (double)to->requests - before) / (double)n)
                 : (double)NAN;
}

/* The part of `n` that is second `i`'s of `seconds`, as even as whole numbers can be. */
static int64_t share(int64_t n, size_t i, size_t seconds)
{
    int64_t each = n / (int64_t)seconds, rest = n % (int64_t)seconds;
    return each + ((int64_t)(seconds - i) <= rest ? 1 : 0);
}

/* What came between two rows, evenly over the seconds between them. */
static void fill_between(struct report_series *series, const struct moment *from,
                         const struct moment *to, size_t first)
{
    size_t seconds = (size_t)(to->at_s - from->at_s);
    for (size_t i = 0; i < seconds; i++) {
        size_t at = first + i;
        series->users[at] = to->users;
        series->requests[at] = share(to->requests - from->requests, i, seconds);
        series->failures[at] = share(to->failures - from->failures, i, seconds);
        series->average_ms[at] = series->requests[at] ? mean_between(from, to) : (double)NAN;
    }
}

/* Rows are a second apart, but for one that came late. */
static void fill_series(const struct history *history, struct report *report)
{
    const struct moment *moments = history->moments;
    size_t n = (size_t)(moments[history->n - 1].at_s - moments[0].at_s);
    if (!n || n > SECONDS_LIMIT)
        return;
    report->series = report_series_new(NS_PER_S, n, &report->arena);
    for (size_t i = 1; i < history->n; i++)
        fill_between(report->series, &moments[i - 1], &moments[i],
                     (size_t)(moments[i - 1].at_s - moments[0].at_s));
    size_t missing = n + 1 - history->n;
    if (missing)
        collect_note(report,
                     "the history has no row for %zu second%s; the series has what came until the "
                     "next one evenly over the seconds between",
                     missing, missing == 1 ? "" : "s");
}

int locust_history(const struct import_file *file, struct report *report, struct err *err)
{
    struct history history = {0};
    history.rows = (struct rows_reader){
        .delimiter = ',', .head = history_head, .row = history_row, .context = &history};
    int status = read_beside(file, "_stats_history.csv", &history.rows, report, err);
    for (size_t i = 0; status == 0 && i < history.n; i++)
        if (history.moments[i].users > report->users)
            report->users = history.moments[i].users;
    if (status == 0 && history.n) {
        report->started_ns = history.moments[0].at_s * NS_PER_S;
        fill_series(&history, report);
    }
    free(history.moments);
    return status;
}

/* ---- percentiles of old versions ---- */

struct distribution {
    struct rows_reader rows;
    struct report *report;
    size_t name, p75, p90, p95, p99;
};

static int distribution_head(void *context, const struct csv_row *row, struct err *err)
{
    struct distribution *distribution = context;
    distribution->name = rows_column(row, (const char *[]){"Name", NULL});
    distribution->p75 = rows_column(row, (const char *[]){"75%", NULL});
    distribution->p90 = rows_column(row, (const char *[]){"90%", NULL});
    distribution->p95 = rows_column(row, (const char *[]){"95%", NULL});
    distribution->p99 = rows_column(row, (const char *[]){"99%", NULL});
    if (distribution->name != ROWS_NONE)
        return 0;
    return err_set(err, ERR_INPUT, "expected a column 'Name'");
}

static bool is_row_of(struct span text, const struct report_endpoint *endpoint)
{
    size_t method = strlen(endpoint->method);
    return text.len > method && strncmp(text.at, endpoint->method, method) == 0 &&
           text.at[method] == ' ' && strcmp(text.at + method + 1, endpoint->name) == 0;
}

/* The figures that a row "GET /path" is of; NULL where the report has none of that name. */
static struct metrics *metrics_of(struct report *report, struct span text)
{
    if (text_equals(text, "Total") || text_equals(text, "None Total"))
        return &report->metrics;
    for (size_t i = 0; i < report->n_endpoints; i++)
        if (is_row_of(text, &report->endpoints[i]))
            return &report->endpoints[i].metrics;
    return NULL;
}

static int distribution_row(void *context, const struct csv_row *row, struct err *err)
{
    const struct distribution *at = context;
    struct metrics *metrics = metrics_of(at->report, rows_cell(row, at->name));
    if (!metrics || !metrics->total_requests)
        return 0;
    if (locust_figure(rows_cell(row, at->p75), "75%", &metrics->p75_ms, err) < 0 ||
        locust_figure(rows_cell(row, at->p90), "90%", &metrics->p90_ms, err) < 0 ||
        locust_figure(rows_cell(row, at->p95), "95%", &metrics->p95_ms, err) < 0)
        return -1;
    return locust_figure(rows_cell(row, at->p99), "99%", &metrics->p99_ms, err);
}

int locust_distribution(const struct import_file *file, struct report *report, struct err *err)
{
    struct distribution distribution = {.report = report};
    distribution.rows = (struct rows_reader){.delimiter = ',',
                                             .head = distribution_head,
                                             .row = distribution_row,
                                             .context = &distribution};
    return read_beside(file, "_distribution.csv", &distribution.rows, report, err);
}
