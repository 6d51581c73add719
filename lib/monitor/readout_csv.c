#include <string.h>

#include "base/csv.h"
#include "monitor/readout_forms.h"

/* The number of a column; n_columns where there is none. */
static size_t find_column(const struct csv_table *table, const char *name)
{
    size_t i = 0;
    while (i < table->n_columns && strcmp(table->columns[i], name) != 0)
        i++;
    return i;
}

/* The first row, or with a column of names every row. */
static void give_column(struct readout_reading *reading, const struct csv_table *table,
                        size_t place, const char *each)
{
    size_t column = find_column(table, reading->readout->places[place].text);
    size_t names = each ? find_column(table, each) : 0;
    if (column == table->n_columns || names == table->n_columns)
        return;
    for (size_t i = 0; i < table->n_rows && (each || !i); i++) {
        const struct span *row = &table->cells[i * table->n_columns];
        readout_give(reading, place, each ? row[names] : (struct span){0},
                     readout_parse(row[column]));
    }
}

int readout_read_csv(struct readout_reading *reading, struct span text, struct err *err)
{
    const struct readout *readout = reading->readout;
    struct csv_table table = {0};
    int status = csv_read(&table, text, "the output", err);
    for (size_t i = 0; status == 0 && i < readout->n; i++)
        give_column(reading, &table, i, readout->metrics->items[readout->places[i].metric].each);
    csv_table_release(&table);
    return status;
}
