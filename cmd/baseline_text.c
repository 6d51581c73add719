#include "cmd/baseline_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/num.h"
#include "model/metric.h"
#include "render/utf8.h"

#define MAX_COLUMNS 8

/* Cells in rows of n_columns; the first `n_left` columns are names, the others numbers. */
struct table {
    struct arena arena;
    size_t n_columns, n_left, n_rows;
    const char **cells;
};

static void table_init(struct table *table, size_t n_rows, size_t n_columns, size_t n_left)
{
    *table = (struct table){.n_columns = n_columns, .n_left = n_left};
    table->cells = arena_array(&table->arena, (n_rows + 1) * n_columns, sizeof *table->cells);
}

static const char **table_row(struct table *table)
{
    return table->cells + table->n_columns * table->n_rows++;
}

static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void add_cell(struct buf *out, const struct table *table, size_t column, const char *text,
                     size_t width)
{
    size_t padding = width - width_of(text);
    bool is_last = column + 1 == table->n_columns;
    if (column >= table->n_left)
        buf_add_repeat(out, ' ', padding);
    buf_add_str(out, text);
    if (column < table->n_left && !is_last)
        buf_add_repeat(out, ' ', padding);
    buf_add_str(out, is_last ? "\n" : "  ");
}

static void table_add(struct buf *out, struct table *table)
{
    size_t widths[MAX_COLUMNS] = {0};
    size_t n_cells = table->n_rows * table->n_columns;
    for (size_t i = 0; i < n_cells; i++) {
        size_t width = width_of(table->cells[i]);
        if (width > widths[i % table->n_columns])
            widths[i % table->n_columns] = width;
    }
    for (size_t i = 0; i < n_cells; i++)
        add_cell(out, table, i % table->n_columns, table->cells[i], widths[i % table->n_columns]);
    arena_release(&table->arena);
}

static const char *printable(struct table *table, const char *text)
{
    struct buf out = {0};
    utf8_add_safe(&out, text);
    const char *copy = arena_strdup(&table->arena, buf_text(&out));
    buf_release(&out);
    return copy;
}

static const char *figure(struct table *table, enum metric metric, double value)
{
    struct buf out = {0};
    metric_add_text(&out, metric, value, 0);
    const char *copy = arena_strdup(&table->arena, buf_text(&out));
    buf_release(&out);
    return copy;
}

static const char *started(struct table *table, int64_t ns)
{
    struct buf out = {0};
    if (ns)
        num_add_utc(&out, ns);
    const char *copy = arena_strdup(&table->arena, ns ? buf_text(&out) : "-");
    buf_release(&out);
    return copy;
}

void baseline_text_list(struct buf *out, const struct baseline_line *lines, size_t n)
{
    struct table table;
    table_init(&table, n, 4, 2);
    const char **row = table_row(&table);
    row[0] = "suite", row[1] = "environment", row[2] = "runs", row[3] = "newest";
    for (size_t i = 0; i < n; i++) {
        row = table_row(&table);
        row[0] = lines[i].suite;
        row[1] = lines[i].environment;
        row[2] = arena_printf(&table.arena, "%zu", lines[i].n_runs);
        row[3] = lines[i].newest;
    }
    table_add(out, &table);
}

static const enum metric columns[] = {METRIC_ERROR_RATE, METRIC_AVERAGE, METRIC_P95, METRIC_P99};
#define N_COLUMNS (sizeof columns / sizeof *columns)

static void add_figures(struct table *table, const char **row, const struct metrics *metrics)
{
    row[0] = arena_printf(&table->arena, "%lld", (long long)metrics->total_requests);
    for (size_t i = 0; i < N_COLUMNS; i++)
        row[1 + i] = figure(table, columns[i], metric_value(metrics, columns[i]));
}

static void add_titles(const char **row)
{
    row[0] = "requests";
    for (size_t i = 0; i < N_COLUMNS; i++)
        row[1 + i] = metric_info(columns[i])->title;
}

/* A run's start, its commit and its figures. */
static void add_run(struct table *table, const char **row, const struct report *report)
{
    row[0] = started(table, report->started_ns);
    row[1] = report->commit ? arena_printf(&table->arena, "%.12s", printable(table, report->commit))
                            : "-";
    add_figures(table, row + 2, &report->metrics);
}

static void add_run_titles(const char **row)
{
    row[0] = "started", row[1] = "commit";
    add_titles(row + 2);
}

static void add_runs(struct buf *out, const struct baseline *baseline)
{
    struct table table;
    table_init(&table, baseline->n_runs, 2 + 1 + N_COLUMNS, 2);
    add_run_titles(table_row(&table));
    for (size_t i = 0; i < baseline->n_runs; i++)
        add_run(&table, table_row(&table), &baseline->runs[i].report);
    table_add(out, &table);
}

static void add_endpoints(struct buf *out, const struct report *report)
{
    struct table table;
    table_init(&table, report->n_endpoints, 1 + 1 + N_COLUMNS, 1);
    const char **row = table_row(&table);
    row[0] = "endpoint";
    add_titles(row + 1);
    for (size_t i = 0; i < report->n_endpoints; i++) {
        const struct report_endpoint *endpoint = &report->endpoints[i];
        row = table_row(&table);
        row[0] = printable(&table,
                           arena_printf(&table.arena, "%s %s", endpoint->method, endpoint->name));
        add_figures(&table, row + 1, &endpoint->metrics);
    }
    table_add(out, &table);
}

void baseline_text_runs(struct buf *out, const struct baseline *baseline)
{
    add_runs(out, baseline);
    if (!baseline->n_runs || !baseline->runs[0].report.n_endpoints)
        return;
    buf_addf(out, "\n%s:\n", baseline->runs[0].path);
    add_endpoints(out, &baseline->runs[0].report);
}

static const char *percent(struct table *table, double change)
{
    if (!isfinite(change))
        return "-";
    return fabs(change) < 0.05 ? "0.0 %" : arena_printf(&table->arena, "%+.1f %%", change);
}

void baseline_text_changes(struct buf *out, const char *before, const char *after,
                           const struct baseline_change *changes, size_t n)
{
    struct table table;
    table_init(&table, n, 5, 2);
    const char **row = table_row(&table);
    row[0] = "medians", row[1] = "", row[4] = "change";
    row[2] = printable(&table, before);
    row[3] = printable(&table, after);
    for (size_t i = 0; i < n; i++) {
        const struct baseline_change *change = &changes[i];
        row = table_row(&table);
        row[0] = printable(&table, change->scope);
        row[1] = metric_info(change->metric)->title;
        row[2] = figure(&table, change->metric, change->before);
        row[3] = figure(&table, change->metric, change->after);
        row[4] = percent(&table, change->change);
    }
    table_add(out, &table);
}

void baseline_text_moved(struct buf *out, const struct baseline_moved *runs, size_t n)
{
    struct table table;
    table_init(&table, n, 3 + 1 + N_COLUMNS, 3);
    const char **row = table_row(&table);
    row[0] = "runs";
    add_run_titles(row + 1);
    for (size_t i = 0; i < n; i++) {
        row = table_row(&table);
        row[0] = runs[i].what;
        add_run(&table, row + 1, runs[i].report);
    }
    table_add(out, &table);
}

void baseline_text_steps(struct buf *out, const struct baseline_step *steps, size_t n)
{
    static const char *const titles[] = {"metric", "since", "commit", "commit before",
                                         "from",   "to",    "change", "p"};
    struct table table;
    table_init(&table, n, sizeof titles / sizeof *titles, 4);
    memcpy(table_row(&table), titles, sizeof titles);
    for (size_t i = 0; i < n; i++) {
        const struct baseline_step *step = &steps[i];
        const char **row = table_row(&table);
        row[0] = metric_info(step->metric)->title;
        row[1] = started(&table, step->first->started_ns);
        row[2] = step->first->commit ? step->first->commit : "-";
        row[3] = step->last->commit ? step->last->commit : "-";
        row[4] = figure(&table, step->metric, step->before);
        row[5] = figure(&table, step->metric, step->after);
        row[6] = percent(&table, (step->after / step->before - 1) * 100);
        row[7] = arena_printf(&table.arena, "%.3f", step->p);
    }
    table_add(out, &table);
}
