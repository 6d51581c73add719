#include "model/resource_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MAX_COLUMNS   16
#define SIGNED        .low = -RESOURCE_LIMIT, .high = RESOURCE_LIMIT
#define FIELDS(table) .fields = (table), .n_fields = sizeof(table) / sizeof(table)[0]

static const struct js_field row_fields[] = {
    {JS_FIELD(resource_row, "key", JS_STRING, key), JS_REQUIRED},
    {JS_LIST(resource_row, "values", JS_NUMBERS, values, n_values), .flags = JS_REQUIRED, SIGNED},
};
static const struct js_shape row_shape = {
    .size = sizeof(struct resource_row), FIELDS(row_fields), .one_line = true};

static const struct js_field table_fields[] = {
    {JS_FIELD(resource_table, "name", JS_STRING, name), JS_REQUIRED},
    {JS_FIELD(resource_table, "difference", JS_BOOL, difference)},
    {JS_FIELD(resource_table, "by", JS_STRING, by), JS_REQUIRED},
    {JS_FIELD(resource_table, "per", JS_STRING, per)},
    {JS_LIST(resource_table, "columns", JS_STRINGS, columns, n_columns), .flags = JS_REQUIRED},
    {JS_LIST(resource_table, "rows", JS_OBJECTS, rows, n_rows), .flags = JS_REQUIRED,
     .shape = &row_shape},
};
const struct js_shape resource_table_shape = {.size = sizeof(struct resource_table),
                                              FIELDS(table_fields)};

static int check_row(const struct js_at *at, const struct resource_table *table, size_t i,
                     struct err *err)
{
    const struct resource_row *row = &table->rows[i];
    if (row->n_values != table->n_columns)
        return js_fail(at, err, "table: expected %zu values in row %zu, found %zu",
                       table->n_columns, i, row->n_values);
    if (strlen(row->key) > RESOURCE_KEY_LIMIT)
        return js_fail(at, err, "table: expected a key of up to %d bytes in row %zu, found %zu",
                       RESOURCE_KEY_LIMIT, i, strlen(row->key));
    if (resource_row_find(table, row->key) != row)
        return js_fail(at, err, "table: the row '%.80s' is there twice", row->key);
    return 0;
}

int resource_table_check(const struct js_at *at, const struct resource_table *table,
                         struct err *err)
{
    if (!table->n_columns || table->n_columns > MAX_COLUMNS)
        return js_fail(at, err, "table: expected 1 to %d columns, found %zu", MAX_COLUMNS,
                       table->n_columns);
    if (table->n_rows > REPORT_TABLE_ROWS)
        return js_fail(at, err, "table: expected up to %d rows, found %zu", REPORT_TABLE_ROWS,
                       table->n_rows);
    if (resource_column(table, table->by) == table->n_columns ||
        (table->per && resource_column(table, table->per) == table->n_columns))
        return js_fail(at, err, "table: expected 'by' and 'per' to be columns");
    for (size_t i = 0; i < table->n_rows; i++)
        if (check_row(at, table, i, err) < 0)
            return -1;
    return 0;
}

size_t resource_column(const struct resource_table *table, const char *name)
{
    size_t i = 0;
    while (i < table->n_columns && strcmp(table->columns[i], name) != 0)
        i++;
    return i;
}

static struct resource_row *find(const struct resource_table *table, const char *key)
{
    for (size_t i = 0; i < table->n_rows; i++)
        if (strcmp(table->rows[i].key, key) == 0)
            return &table->rows[i];
    return NULL;
}

const struct resource_row *resource_row_find(const struct resource_table *table, const char *key)
{
    return find(table, key);
}

/* ---- two sides ---- */

static bool same_number(double a, double b)
{
    return a <= b && a >= b;
}

/* Every number is the same, and one of them is not whole: a time that was measured once. */
static bool is_one_row(const struct resource_row *a, const struct resource_row *b)
{
    bool measured = false;
    if (a->n_values != b->n_values)
        return false;
    for (size_t i = 0; i < a->n_values; i++) {
        if (!same_number(a->values[i], b->values[i]))
            return false;
        measured = measured || !same_number(a->values[i], floor(a->values[i]));
    }
    return measured;
}

bool resource_tables_agree(const struct resource_table *a, const struct resource_table *b)
{
    size_t agree = 0, both = 0;
    for (size_t i = 0; i < a->n_rows; i++) {
        const struct resource_row *other = resource_row_find(b, a->rows[i].key);
        both += other != NULL;
        agree += other && is_one_row(&a->rows[i], other);
    }
    return agree && 2 * agree >= both;
}

/* ---- several parts ---- */

static void start(struct resource_table *table, const struct resource_table *from,
                  struct arena *arena)
{
    *table = (struct resource_table){.name = arena_strdup(arena, from->name),
                                     .difference = from->difference,
                                     .by = arena_strdup(arena, from->by),
                                     .per = arena_strdup(arena, from->per),
                                     .n_columns = from->n_columns};
    table->columns = arena_array(arena, from->n_columns, sizeof *table->columns);
    for (size_t i = 0; i < from->n_columns; i++)
        table->columns[i] = arena_strdup(arena, from->columns[i]);
    table->rows = arena_array(arena, REPORT_TABLE_ROWS, sizeof *table->rows);
}

static bool same_columns(const struct resource_table *a, const struct resource_table *b)
{
    if (a->n_columns != b->n_columns || a->difference != b->difference)
        return false;
    for (size_t i = 0; i < a->n_columns; i++)
        if (strcmp(a->columns[i], b->columns[i]) != 0)
            return false;
    return true;
}

static void add_rows(struct resource_table *table, const struct resource_table *part,
                     struct arena *arena)
{
    if (!same_columns(table, part))
        return;
    for (size_t i = 0; i < part->n_rows; i++) {
        const struct resource_row *from = &part->rows[i];
        struct resource_row *row = find(table, from->key);
        for (size_t k = 0; row && table->difference && k < row->n_values; k++)
            row->values[k] += from->values[k];
        if (row || table->n_rows == REPORT_TABLE_ROWS)
            continue;
        row = &table->rows[table->n_rows++];
        row->key = arena_strdup(arena, from->key);
        row->n_values = from->n_values;
        row->values = arena_array(arena, row->n_values + 1, sizeof *row->values);
        memcpy(row->values, from->values, row->n_values * sizeof *row->values);
    }
}

struct ranked {
    double by;
    size_t number;
    struct resource_row row;
};

/* Unknown ones last. */
static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->by > right->by || left->by < right->by)
        return left->by > right->by ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

void resource_table_sort(struct resource_table *table, size_t top)
{
    struct ranked *ranked = mem_array(table->n_rows + 1, sizeof *ranked);
    size_t column = resource_column(table, table->by);
    for (size_t i = 0; i < table->n_rows; i++) {
        double by = table->rows[i].values[column];
        ranked[i] = (struct ranked){isnan(by) ? -(double)INFINITY : by, i, table->rows[i]};
    }
    qsort(ranked, table->n_rows, sizeof *ranked, compare_ranked);
    if (table->n_rows > top)
        table->n_rows = top;
    for (size_t i = 0; i < table->n_rows; i++)
        table->rows[i] = ranked[i].row;
    free(ranked);
}

static struct resource_table *find_table(const struct resource_source *source, const char *name)
{
    for (size_t i = 0; i < source->n_tables; i++)
        if (strcmp(source->tables[i].name, name) == 0)
            return &source->tables[i];
    return NULL;
}

void resource_tables_add(struct resource_source *source, const struct resource_source *part,
                         struct arena *arena)
{
    if (!source->n_tables && part->n_tables)
        source->tables = arena_array(arena, REPORT_TABLES, sizeof *source->tables);
    for (size_t i = 0; i < part->n_tables; i++) {
        struct resource_table *table = find_table(source, part->tables[i].name);
        if (!table && source->n_tables < REPORT_TABLES) {
            table = &source->tables[source->n_tables++];
            start(table, &part->tables[i], arena);
        }
        if (!table)
            continue;
        add_rows(table, &part->tables[i], arena);
        resource_table_sort(table, REPORT_TABLE_ROWS);
    }
}
