#include <string.h>

#include "base/csv.h"
#include "monitor/values_forms.h"

/* The number of a column; n_columns where there is none. */
static size_t find_column(const struct csv_table *table, const char *name)
{
    size_t i = 0;
    while (i < table->n_columns && strcmp(table->columns[i], name) != 0)
        i++;
    return i;
}

/* The first row, or with a column of names every row. */
static void give_column(struct values_reading *reading, const struct csv_table *table, size_t place,
                        const char *each)
{
    size_t column = find_column(table, reading->values->places[place].text);
    size_t names = each ? find_column(table, each) : 0;
    if (column == table->n_columns || names == table->n_columns)
        return;
    for (size_t i = 0; i < table->n_rows && (each || !i); i++) {
        const struct span *row = &table->cells[i * table->n_columns];
        values_give(reading, place, each ? row[names] : (struct span){0},
                    values_number(row[column]));
    }
}

int values_read_csv(struct values_reading *reading, struct span text, struct err *err)
{
    const struct values *values = reading->values;
    struct csv_table table = {0};
    int status = csv_read(&table, text, "the output", err);
    for (size_t i = 0; status == 0 && i < values->n; i++)
        give_column(reading, &table, i, values->metrics->items[values->places[i].metric].each);
    csv_table_release(&table);
    return status;
}
