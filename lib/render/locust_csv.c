#include "render/locust_csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/mem.h"
#include "base/num.h"

#define PERCENTILE_COLUMNS "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%"

static void begin(struct buf *out, const char *text)
{
    csv_add_field(out, text ? text : "", true);
}

static void add(struct buf *out, const char *text)
{
    csv_add_field(out, text ? text : "", false);
}

static void add_int(struct buf *out, int64_t value)
{
    struct buf text = {0};
    buf_addf(&text, "%" PRId64, value);
    add(out, buf_text(&text));
    buf_release(&text);
}

/* As Python's repr() of a float: "12.0", "0.25"; `none` where it is not known. */
static void add_float(struct buf *out, double value, const char *none)
{
    struct buf text = {0};
    if (isfinite(value)) {
        num_add_double(&text, value);
        if (!strpbrk(buf_text(&text), ".e"))
            buf_add_str(&text, ".0");
    } else {
        buf_add_str(&text, none);
    }
    add(out, buf_text(&text));
    buf_release(&text);
}

static void add_rounded(struct buf *out, double value, const char *none)
{
    if (isfinite(value))
        add_int(out, llround(value));
    else
        add(out, none);
}

/* `%2f`, six decimals, is what Locust prints. */
static void add_rate(struct buf *out, double value)
{
    struct buf text = {0};
    buf_addf(&text, "%f", value);
    add(out, buf_text(&text));
    buf_release(&text);
}

static void add_percentiles(struct buf *out, const struct history_figures *figures)
{
    for (size_t i = 0; i < HISTORY_PERCENTILES; i++)
        add_rounded(out, figures->percentile_ms[i], "N/A");
}

/* Median, average, minimum, maximum and mean size: the same five columns in both files. */
static void add_times(struct buf *out, const struct history_figures *figures)
{
    add_rounded(out, figures->percentile_ms[0], "0");
    add_float(out, figures->average_ms, "0.0");
    add_float(out, figures->min_ms, "0");
    add_float(out, figures->max_ms, "0");
    add_float(out, figures->content_bytes, "0");
}

static void add_stats_row(struct buf *out, const char *method, const char *name,
                          const struct history_figures *figures)
{
    begin(out, method);
    add(out, name);
    add_int(out, figures->requests);
    add_int(out, figures->failures);
    add_times(out, figures);
    add_float(out, figures->requests_per_s, "0.0");
    add_float(out, figures->failures_per_s, "0.0");
    add_percentiles(out, figures);
    csv_end_row(out);
}

struct endpoint_row {
    const struct report_endpoint *endpoint;
    const struct history_figures *figures;
};

static int by_name_then_method(const void *a, const void *b)
{
    const struct report_endpoint *left = ((const struct endpoint_row *)a)->endpoint;
    const struct report_endpoint *right = ((const struct endpoint_row *)b)->endpoint;
    int order = strcmp(left->name, right->name);
    return order ? order : strcmp(left->method, right->method);
}

static void render_stats(const struct report *report, const struct history *history,
                         struct buf *out)
{
    buf_add_str(out, "Type,Name,Request Count,Failure Count,Median Response Time,"
                     "Average Response Time,Min Response Time,Max Response Time,"
                     "Average Content Size,Requests/s,Failures/s," PERCENTILE_COLUMNS);
    csv_end_row(out);
    size_t n = report->n_endpoints;
    struct endpoint_row *rows = mem_array(n + 1, sizeof *rows);
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct endpoint_row){&report->endpoints[i], &history->endpoints[i]};
    qsort(rows, n, sizeof *rows, by_name_then_method);
    for (size_t i = 0; i < n; i++)
        add_stats_row(out, rows[i].endpoint->method, rows[i].endpoint->name, rows[i].figures);
    add_stats_row(out, "", "Aggregated", &history->total);
    free(rows);
}

static void render_history(const struct report *report, const struct history *history,
                           struct buf *out)
{
    (void)report;
    buf_add_str(out, "Timestamp,User Count,Type,Name,Requests/s,Failures/s," PERCENTILE_COLUMNS
                     ",Total Request Count,Total Failure Count,Total Median Response Time,"
                     "Total Average Response Time,Total Min Response Time,Total Max Response Time,"
                     "Total Average Content Size");
    csv_end_row(out);
    for (size_t i = 0; i < history->n_rows; i++) {
        const struct history_row *row = &history->rows[i];
        buf_addf(out, "%" PRId64, row->unix_s);
        add_int(out, row->users);
        add(out, "");
        add(out, "Aggregated");
        add_rate(out, row->figures.requests_per_s);
        add_rate(out, row->figures.failures_per_s);
        add_percentiles(out, &row->figures);
        add_int(out, row->figures.requests);
        add_int(out, row->figures.failures);
        add_times(out, &row->figures);
        csv_end_row(out);
    }
}

static void add_time(struct buf *out, int64_t wall_ns)
{
    struct buf text = {0};
    if (wall_ns)
        num_add_utc(&text, wall_ns);
    add(out, buf_text(&text));
    buf_release(&text);
}

static void render_failures(const struct report *report, const struct history *history,
                            struct buf *out)
{
    (void)history;
    buf_add_str(out, "Method,Name,Error,Occurrences,First Seen,Last Seen");
    csv_end_row(out);
    for (size_t i = 0; i < report->n_errors; i++) {
        const struct report_error *error = &report->errors[i];
        begin(out, error->method);
        add(out, error->endpoint);
        add(out, error->message ? error->message : error->kind);
        add_int(out, error->count);
        add_time(out, error->first_seen_ns);
        add_time(out, error->last_seen_ns);
        csv_end_row(out);
    }
}

/* Locust lists what its users' Python raised; there is no such code here. */
static void render_exceptions(const struct report *report, const struct history *history,
                              struct buf *out)
{
    (void)report;
    (void)history;
    buf_add_str(out, "Count,Message,Traceback,Nodes");
    csv_end_row(out);
}

const struct locust_csv locust_csv_files[LOCUST_CSV_FILES] = {
    {"_stats.csv", render_stats},
    {"_stats_history.csv", render_history},
    {"_failures.csv", render_failures},
    {"_exceptions.csv", render_exceptions},
};
