/*
 * Locust's PREFIX_stats.csv (locust/stats.py, 0.9 to 2.46); what lies beside it is read by
 * locust_beside.c.
 *
 * Columns are found by name, because names and order changed: up to 0.13 the file was called
 * PREFIX_requests.csv and had no percentiles, and the row of the whole run was "Total". Times are
 * in ms; the average is exact, percentiles were rounded to two digits.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/locust.h"
#include "import/rows.h"
#include "import/text.h"

#define MAX_ROWS   COLLECT_ENDPOINTS
#define MAX_COUNT  (INT64_C(1) << 43) /* of an endpoint; of a report 2^53 */
#define MAX_FIGURE 1e12

/* The figures of a row, by the member of struct metrics. */
static const struct {
    const char *names[3];
    size_t offset;
} figures[] = {
    {{"Requests/s"}, offsetof(struct metrics, requests_per_s)},
    {{"Average Response Time"}, offsetof(struct metrics, average_ms)},
    {{"Median Response Time", "50%"}, offsetof(struct metrics, median_ms)},
    {{"Min Response Time"}, offsetof(struct metrics, min_ms)},
    {{"Max Response Time"}, offsetof(struct metrics, max_ms)},
    {{"75%"}, offsetof(struct metrics, p75_ms)},
    {{"90%"}, offsetof(struct metrics, p90_ms)},
    {{"95%"}, offsetof(struct metrics, p95_ms)},
    {{"99%"}, offsetof(struct metrics, p99_ms)},
    {{"99.9%"}, offsetof(struct metrics, p999_ms)},
};
#define N_FIGURES (sizeof figures / sizeof figures[0])

struct stats {
    struct rows_reader rows;
    struct report *report;
    size_t type, name, requests, failures, size, figure[N_FIGURES];
    bool has_total;
    bool has_percentiles;
    struct metrics sums; /* of the rows of endpoints */
};

/* ---- recognising ---- */

static const char *const parts[][3] = {
    {"Error", "Occurrences", NULL},
    {"Traceback", "Nodes", NULL},
    {"Timestamp", "Requests/s", NULL},
    {"# requests", "50%", NULL},
};

static bool has_all(struct span line, const char *const *names)
{
    for (; *names; names++)
        if (!rows_line_has(line, ',', *names))
            return false;
    return true;
}

static bool is_stats(struct span line)
{
    static const char *const now[] = {"Request Count", "Failure Count", "Requests/s", NULL};
    static const char *const once[] = {"# requests", "# failures", "Requests/s", NULL};
    return !rows_line_has(line, ',', "Timestamp") && rows_line_has(line, ',', "Name") &&
           (has_all(line, now) || has_all(line, once));
}

static bool is_part(struct span line)
{
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (has_all(line, parts[i]))
            return true;
    return false;
}

bool locust_csv_recognise(struct span head)
{
    struct span line = rows_first_line(head);
    return is_stats(line) || is_part(line);
}

/* ---- rows ---- */

static int take_head(void *context, const struct csv_row *row, struct err *err)
{
    struct stats *stats = context;
    stats->type = rows_column(row, (const char *[]){"Type", "Method", NULL});
    stats->name = rows_column(row, (const char *[]){"Name", NULL});
    stats->requests = rows_column(row, (const char *[]){"Request Count", "# requests", NULL});
    stats->failures = rows_column(row, (const char *[]){"Failure Count", "# failures", NULL});
    stats->size = rows_column(row, (const char *[]){"Average Content Size", NULL});
    stats->has_percentiles = rows_column(row, (const char *[]){"95%", NULL}) != ROWS_NONE;
    for (size_t i = 0; i < N_FIGURES; i++)
        stats->figure[i] =
            rows_column(row, (const char *[]){figures[i].names[0], figures[i].names[1], NULL});
    if (stats->type != ROWS_NONE)
        return 0;
    return err_set(err, ERR_INPUT, "expected a column 'Type' or 'Method', as Locust writes it");
}

int locust_figure(struct span text, const char *what, double *out, struct err *err)
{
    *out = (double)NAN;
    if (!text.len || text_equals(text, "N/A") || text_equals(text, "None"))
        return 0;
    return text_number(text, what, MAX_FIGURE, out, err);
}

static int take_metrics(const struct stats *stats, const struct csv_row *row,
                        struct metrics *metrics, struct err *err)
{
    *metrics = metrics_unknown();
    if (text_count(rows_cell(row, stats->requests), "requests", MAX_COUNT, &metrics->total_requests,
                   err) < 0 ||
        text_count(rows_cell(row, stats->failures), "failures", MAX_COUNT, &metrics->total_failures,
                   err) < 0)
        return -1;
    if (metrics->total_failures > metrics->total_requests)
        return err_set(err, ERR_INPUT, "found more failures than requests");
    for (size_t i = 0; i < N_FIGURES; i++) {
        double value;
        if (locust_figure(rows_cell(row, stats->figure[i]), figures[i].names[0], &value, err) < 0)
            return -1;
        if (metrics->total_requests)
            memcpy((char *)metrics + figures[i].offset, &value, sizeof value);
    }
    if (metrics->total_requests)
        metrics_set_error_rate(metrics);
    return 0;
}

static int add_endpoint(struct stats *stats, const struct csv_row *row,
                        const struct metrics *metrics, struct err *err)
{
    struct report *report = stats->report;
    if (report->n_endpoints == MAX_ROWS)
        return err_set(err, ERR_INPUT,
                       "more than %d names of requests; give requests that differ in an id alone "
                       "one name in the load test",
                       MAX_ROWS);
    struct span type = rows_cell(row, stats->type);
    struct report_endpoint *endpoint = &report->endpoints[report->n_endpoints];
    *endpoint = (struct report_endpoint){
        .name = text_keep(rows_cell(row, stats->name), COLLECT_NAME, &report->arena),
        .method = text_keep(type, COLLECT_NAME, &report->arena),
        .metrics = *metrics};
    if (locust_figure(rows_cell(row, stats->size), "Average Content Size", &endpoint->content_bytes,
                      err) < 0)
        return -1;
    for (size_t i = 0; i < report->n_endpoints; i++)
        if (strcmp(report->endpoints[i].name, endpoint->name) == 0 &&
            strcmp(report->endpoints[i].method, endpoint->method) == 0)
            return err_set(err, ERR_INPUT, "'%.40s %.120s' is there twice; expected a row for each",
                           endpoint->method, endpoint->name);
    report->n_endpoints++;
    stats->sums.total_requests += metrics->total_requests;
    stats->sums.total_failures += metrics->total_failures;
    return 0;
}

bool locust_is_total(struct span type, struct span name)
{
    return (!type.len || text_equals(type, "None")) &&
           (text_equals(name, "Aggregated") || text_equals(name, "Total"));
}

static int take_row(void *context, const struct csv_row *row, struct err *err)
{
    struct stats *stats = context;
    struct metrics metrics;
    if (take_metrics(stats, row, &metrics, err) < 0)
        return -1;
    if (!locust_is_total(rows_cell(row, stats->type), rows_cell(row, stats->name)))
        return add_endpoint(stats, row, &metrics, err);
    stats->report->metrics = metrics;
    stats->has_total = true;
    return 0;
}

/* ---- the whole ---- */

/* What of the whole run the rows alone tell. */
static struct metrics sum_up(const struct stats *stats)
{
    struct metrics metrics = metrics_unknown();
    double sum_ms = 0;
    metrics.total_requests = stats->sums.total_requests;
    metrics.total_failures = stats->sums.total_failures;
    for (size_t i = 0; i < stats->report->n_endpoints; i++) {
        const struct metrics *part = &stats->report->endpoints[i].metrics;
        sum_ms += part->total_requests ? part->average_ms * (double)part->total_requests : 0;
    }
    if (metrics.total_requests) {
        metrics.average_ms = sum_ms / (double)metrics.total_requests;
        metrics_set_error_rate(&metrics);
    }
    return metrics;
}

static int settle_total(const struct import_file *file, struct stats *stats, struct err *err)
{
    struct metrics *whole = &stats->report->metrics;
    const char *name = file->stream->name;
    if (stats->has_total && whole->total_requests == stats->sums.total_requests &&
        whole->total_failures == stats->sums.total_failures)
        return 0;
    if (file->partial) {
        *whole = sum_up(stats);
        collect_note(stats->report, "the row of the whole run was missing or of another moment: "
                                    "its percentiles are not known");
        return 0;
    }
    if (!stats->has_total)
        return err_set(err, ERR_INPUT,
                       "'%s': expected a last row 'Aggregated'; the file is not whole: read it "
                       "after Locust has ended",
                       name);
    return err_set(
        err, ERR_INPUT,
        "'%s': the rows have %lld requests and %lld failures, but 'Aggregated' says %lld "
        "and %lld; the file is not whole: read it after Locust has ended",
        name, (long long)stats->sums.total_requests, (long long)stats->sums.total_failures,
        (long long)whole->total_requests, (long long)whole->total_failures);
}

int64_t locust_resolution(const struct metrics *metrics)
{
    double ms = metrics->p99_ms;
    if (!(ms >= 100))
        return NS_PER_MS;
    return NS_PER_MS * (ms < 1000 ? 10 : ms < 10000 ? 100 : 1000);
}

static void settle(struct report *report)
{
    const struct metrics *metrics = &report->metrics;
    if (metrics->requests_per_s > 0)
        collect_duration(report, (double)metrics->total_requests / metrics->requests_per_s);
    report->resolution_ns = locust_resolution(metrics);
    report_sort(report);
    collect_settle(report);
}

static int check_kind(const struct import_file *file, struct err *err)
{
    struct span head;
    if (stream_peek(file->stream, &head, err) < 0)
        return -1;
    if (is_stats(rows_first_line(head)))
        return 0;
    return err_set(err, ERR_INPUT,
                   "'%s' is a part of what Locust writes; name the file PREFIX_stats.csv, the "
                   "others are found beside it",
                   file->stream->name);
}

int locust_csv_read(const struct import_file *file, struct report *report, struct err *err)
{
    struct stats stats = {.report = report};
    stats.rows = (struct rows_reader){
        .delimiter = ',', .head = take_head, .row = take_row, .context = &stats};
    if (check_kind(file, err) < 0)
        return -1;
    report->metrics = metrics_unknown();
    report->endpoints = arena_array(&report->arena, MAX_ROWS + 1, sizeof *report->endpoints);
    if (rows_read(file, &stats.rows, report, err) < 0 || settle_total(file, &stats, err) < 0)
        return -1;
    if (!stats.has_percentiles && locust_distribution(file, report, err) < 0)
        return -1;
    settle(report);
    if (locust_failures(file, report, err) < 0 || locust_exceptions(file, report, err) < 0)
        return -1;
    return locust_history(file, report, err);
}
