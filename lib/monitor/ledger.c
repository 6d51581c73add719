#include "monitor/ledger.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/json.h"
#include "base/utf8.h"
#include "model/resource_table.h"
#include "monitor/readout_forms.h"

/* ---- reading ---- */

static bool is_blank(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f;
}

/* `text` is UTF-8 with a NUL behind it. */
static const char *key_of(const char *text, struct arena *arena)
{
    char *key = arena_array(arena, RESOURCE_KEY_LIMIT + 1, 1);
    size_t len = 0;
    while (*text) {
        const char *from = text;
        utf8_next(&text);
        size_t size = (size_t)(text - from);
        if (is_blank(*from)) {
            if (!len || key[len - 1] == ' ')
                continue;
            from = " ";
        }
        if (len + size > RESOURCE_KEY_LIMIT)
            break;
        memcpy(key + len, from, size);
        len += size;
    }
    while (len && key[len - 1] == ' ')
        len--;
    key[len] = 0;
    return key;
}

static struct resource_row *add_row(struct ledger *rows, const char *key, size_t n_values,
                                    struct arena *arena)
{
    struct resource_row *row = &rows->items[rows->n++];
    row->key = key_of(key, arena);
    row->n_values = n_values;
    row->values = arena_array(arena, n_values + 1, sizeof *row->values);
    return row;
}

static double bounded(double value)
{
    return fabs(value) <= RESOURCE_LIMIT ? value : (double)NAN;
}

static int missing(const char *column, struct err *err)
{
    return err_set(err, ERR_INPUT, "the output has no column '%s'", column);
}

static int find_column(const struct csv_table *csv, const char *name, size_t *out, struct err *err)
{
    for (*out = 0; *out < csv->n_columns; (*out)++)
        if (strcmp(csv->columns[*out], name) == 0)
            return 0;
    return missing(name, err);
}

static int take_csv(const struct scenario_table *table, const struct csv_table *csv,
                    struct arena *arena, struct ledger *out, struct err *err)
{
    size_t key, *columns = arena_array(arena, table->n_columns, sizeof *columns);
    if (find_column(csv, table->key, &key, err) < 0)
        return -1;
    for (size_t i = 0; i < table->n_columns; i++)
        if (find_column(csv, table->columns[i], &columns[i], err) < 0)
            return -1;
    out->items = arena_array(arena, csv->n_rows, sizeof *out->items);
    for (size_t i = 0; i < csv->n_rows && i < LEDGER_LIMIT; i++) {
        const struct span *cells = &csv->cells[i * csv->n_columns];
        struct resource_row *row = add_row(out, cells[key].at, table->n_columns, arena);
        for (size_t k = 0; k < table->n_columns; k++)
            row->values[k] = bounded(readout_parse(cells[columns[k]]));
    }
    return 0;
}

static int take_object(const struct scenario_table *table, const struct js_at *object,
                       struct arena *arena, struct ledger *out, struct err *err)
{
    struct js_at member;
    const char *key;
    if (!js_member(object, table->key, &member))
        return missing(table->key, err);
    if (js_get_string(&member, &key, err) < 0)
        return -1;
    struct resource_row *row = add_row(out, key, table->n_columns, arena);
    for (size_t k = 0; k < table->n_columns; k++) {
        struct err unused = {0};
        if (!js_member(object, table->columns[k], &member))
            return missing(table->columns[k], err);
        if (js_get_number(&member, -RESOURCE_LIMIT, RESOURCE_LIMIT, &row->values[k], &unused) < 0)
            row->values[k] = (double)NAN;
    }
    return 0;
}

static int take_json(const struct scenario_table *table, const struct js_at *root,
                     struct arena *arena, struct ledger *out, struct err *err)
{
    size_t n = js_count(root);
    if (js_kind(root) != JS_K_ARRAY)
        return js_fail(root, err, "expected an array of objects");
    out->items = arena_array(arena, n, sizeof *out->items);
    for (size_t i = 0; i < n && i < LEDGER_LIMIT; i++) {
        struct js_at item = js_item(root, i);
        if (js_expect_object(&item, err) < 0 || take_object(table, &item, arena, out, err) < 0)
            return -1;
    }
    return 0;
}

static int compare_keys(const void *a, const void *b)
{
    const struct resource_row *left = a, *right = b;
    return strcmp(left->key, right->key);
}

/* In order, and each key once. */
static void unite(struct ledger *rows)
{
    size_t n = 0;
    if (rows->n)
        qsort(rows->items, rows->n, sizeof *rows->items, compare_keys);
    for (size_t i = 0; i < rows->n; i++) {
        struct resource_row *row = &rows->items[i];
        if (!n || strcmp(rows->items[n - 1].key, row->key) != 0) {
            rows->items[n++] = *row;
            continue;
        }
        for (size_t k = 0; k < row->n_values; k++)
            rows->items[n - 1].values[k] = bounded(rows->items[n - 1].values[k] + row->values[k]);
    }
    rows->n = n;
}

int ledger_read(const struct scenario_table *table, bool is_csv, struct span text,
                struct arena *arena, struct ledger *out, struct err *err)
{
    struct csv_table csv = {0};
    struct js_doc *doc = NULL;
    int status;
    *out = (struct ledger){0};
    if (is_csv) {
        status = csv_read(&csv, text, "the output", err);
        if (status == 0)
            status = take_csv(table, &csv, arena, out, err);
    } else {
        status = js_parse(text.at, text.len, "the output", &doc, err);
        if (status == 0) {
            struct js_at root = js_root(doc);
            status = take_json(table, &root, arena, out, err);
        }
    }
    csv_table_release(&csv);
    js_free(doc);
    unite(out);
    return status;
}

/* ---- the report ---- */

/* False where it did not grow, or fell. */
static bool subtract(struct resource_row *row, const struct resource_row *before)
{
    bool grew = false;
    for (size_t i = 0; i < row->n_values; i++) {
        if (before)
            row->values[i] -= before->values[i];
        if (row->values[i] < 0)
            return false;
        grew = grew || row->values[i] > 0;
    }
    return grew;
}

static const struct resource_row *find(const struct ledger *rows, const struct resource_row *row)
{
    return rows->n ? bsearch(row, rows->items, rows->n, sizeof *rows->items, compare_keys) : NULL;
}

void ledger_report(const struct scenario_table *table, const struct ledger *before,
                   const struct ledger *after, struct arena *arena, struct resource_table *out)
{
    out->difference = table->difference;
    out->by = arena_strdup(arena, table->by);
    out->per = arena_strdup(arena, table->per);
    out->n_columns = table->n_columns;
    out->columns = arena_array(arena, table->n_columns, sizeof *out->columns);
    for (size_t i = 0; i < table->n_columns; i++)
        out->columns[i] = arena_strdup(arena, table->columns[i]);
    out->rows = arena_array(arena, after->n + 1, sizeof *out->rows);
    for (size_t i = 0; i < after->n; i++) {
        const struct resource_row *from = &after->items[i];
        struct resource_row *row = &out->rows[out->n_rows];
        *row = *from;
        row->key = arena_strdup(arena, from->key);
        row->values = arena_array(arena, from->n_values + 1, sizeof *row->values);
        memcpy(row->values, from->values, from->n_values * sizeof *row->values);
        out->n_rows += !before || subtract(row, find(before, from));
    }
    resource_table_sort(out, (size_t)table->top);
}
