#include "load/error_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define OTHER "other messages"

static struct error_row *find(const struct error_table *table, const struct error_row *like)
{
    for (size_t i = 0; i < table->n; i++) {
        struct error_row *row = &table->rows[i];
        if (row->endpoint == like->endpoint && row->failure == like->failure &&
            strcmp(row->message, like->message) == 0)
            return row;
    }
    return NULL;
}

static struct error_row *append(struct error_table *table, const struct error_row *like)
{
    table->rows = mem_grow(table->rows, table->n, &table->capacity, sizeof *table->rows);
    struct error_row *row = &table->rows[table->n++];
    *row = *like;
    row->message = mem_strdup(like->message);
    return row;
}

/* Adds the counts of `part`, whose message is borrowed. */
static void add(struct error_table *table, struct error_row part)
{
    char other[] = OTHER;
    struct error_row *row = find(table, &part);
    if (!row && table->n >= ERROR_TABLE_LIMIT) {
        part.message = other;
        row = find(table, &part);
    }
    if (!row) {
        append(table, &part);
        return;
    }
    row->count += part.count;
    if (part.first_ns < row->first_ns)
        row->first_ns = part.first_ns;
    if (part.last_ns > row->last_ns)
        row->last_ns = part.last_ns;
}

void error_table_add(struct error_table *table, uint32_t endpoint, enum failure failure,
                     const char *message, int64_t at_ns)
{
    char *text = mem_strdup(message);
    add(table, (struct error_row){endpoint, failure, text, 1, at_ns, at_ns});
    free(text);
}

void error_table_merge(struct error_table *into, const struct error_table *from)
{
    for (size_t i = 0; i < from->n; i++)
        add(into, from->rows[i]);
}

void error_table_release(struct error_table *table)
{
    for (size_t i = 0; i < table->n; i++)
        free(table->rows[i].message);
    free(table->rows);
    *table = (struct error_table){0};
}
