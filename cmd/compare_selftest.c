#include "cmd/compare_selftest.h"

#include <math.h>

#include "render/table.h"
#include "render/utf8.h"

enum { STATE, SCOPE, METRIC, BASE, FOUND, CHANGE, CLAIMED, ALLOWED, COLUMNS };

static const struct table_column columns[COLUMNS] = {
    [STATE] = {.title = "rule"},
    [SCOPE] = {.title = "scope", .max_width = 48},
    [METRIC] = {.title = "metric"},
    [BASE] = {.title = "base", .right = true},
    [FOUND] = {.title = "fails at", .right = true},
    [CHANGE] = {.title = "change", .right = true},
    [CLAIMED] = {.title = "detectable", .right = true},
    [ALLOWED] = {.title = "allowed", .right = true},
};

static enum tone tone_of(enum selftest_state state)
{
    switch (state) {
    case SELFTEST_FIRES:
        return TONE_GOOD;
    case SELFTEST_NEVER:
    case SELFTEST_BEYOND:
    case SELFTEST_ALWAYS:
        return TONE_BAD;
    default:
        return TONE_WARN;
    }
}

static void add_change(struct buf *out, double ratio)
{
    if (isfinite(ratio))
        buf_addf(out, "%+.3g %%", (ratio - 1) * 100);
}

static void fill_figures(struct table *table, const struct selftest_row *row, const char **cells)
{
    bool falls = metric_info(row->metric)->higher_is_better;
    struct buf text = {0};
    metric_add_text(&text, row->metric, row->base, 0);
    cells[BASE] = table_keep(table, &text);
    if (!isnan(row->found))
        metric_add_text(&text, row->metric, row->found, 0);
    cells[FOUND] = table_keep(table, &text);
    if (row->base > 0)
        add_change(&text, row->found / row->base);
    cells[CHANGE] = table_keep(table, &text);
    add_change(&text, falls ? 1 / (1 + row->detectable) : 1 + row->detectable);
    cells[CLAIMED] = table_keep(table, &text);
    add_change(&text, falls ? 1 / row->threshold : row->threshold);
    cells[ALLOWED] = table_keep(table, &text);
    buf_release(&text);
}

static void add_row(struct table *table, const struct selftest_row *row)
{
    struct table_row *into = table_add(table);
    into->cells[STATE] = selftest_state_name(row->state);
    into->cells[METRIC] = metric_info(row->metric)->title;
    into->tone = tone_of(row->state);
    into->note = row->reason;
    into->cells[SCOPE] = table_keep_endpoint(table, row->method, row->endpoint);
    fill_figures(table, row, into->cells);
}

/* "self-test: 30 of 33 rules fire; 2 not judged, 1 undecided" */
static void add_summary(const struct selftest *selftest, struct buf *out)
{
    const char *between = "; ";
    buf_addf(out, "self-test: %zu of %zu rules fire", selftest->counts[SELFTEST_FIRES],
             selftest->n_rows);
    for (int i = SELFTEST_FIRES + 1; i < SELFTEST_STATES; i++) {
        if (!selftest->counts[i])
            continue;
        buf_addf(out, "%s%zu %s", between, selftest->counts[i],
                 selftest_state_name((enum selftest_state)i));
        between = ", ";
    }
    buf_add_char(out, '\n');
}

void compare_selftest_text(const struct selftest *selftest, bool color, struct buf *out)
{
    struct table table = {.columns = columns, .n_columns = COLUMNS};
    add_summary(selftest, out);
    for (size_t i = 0; i < selftest->n_rows; i++)
        add_row(&table, &selftest->rows[i]);
    if (selftest->n_rows) {
        buf_add_char(out, '\n');
        table_add_text(&table, color, out);
    }
    table_release(&table);
    if (selftest->n_faults)
        buf_add_char(out, '\n');
    for (size_t i = 0; i < selftest->n_faults; i++) {
        table_add_tone(out, TONE_BAD, color, "fault");
        buf_add_str(out, ": ");
        utf8_add_safe(out, selftest->faults[i]);
        buf_add_char(out, '\n');
    }
}

int compare_selftest_check(const struct selftest *selftest, struct err *err)
{
    size_t n = selftest->n_faults;
    if (!n)
        return 0;
    if (n == 1)
        return err_set(err, ERR_INPUT, "self-test: %s", selftest->faults[0]);
    return err_set(err, ERR_INPUT, "self-test: %s (and %zu more fault%s)", selftest->faults[0],
                   n - 1, n == 2 ? "" : "s");
}
