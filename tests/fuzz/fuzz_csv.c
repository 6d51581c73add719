/* A CSV file of any bytes: a table whose cells can all be read, or a sentence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv_table table;
    struct err err = {0};
    if (csv_read(&table, (struct span){(const char *)data, size}, "input", &err) < 0) {
        if (err.code != ERR_INPUT || !*err.text)
            abort();
    } else {
        for (size_t i = 0; i < table.n_rows * table.n_columns; i++)
            if (strlen(table.cells[i].at) != table.cells[i].len ||
                table.cells[i].len > CSV_CELL_LIMIT)
                abort();
    }
    csv_table_release(&table);
    return 0;
}
