#include "model/resource_change.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
    double effect; /* -1: there is none */
    size_t number;
    struct resource_change change;
};

double resource_row_each(const struct resource_table *table, const struct resource_row *row)
{
    double by = row->values[resource_column(table, table->by)];
    if (!table->per)
        return by;
    double per = row->values[resource_column(table, table->per)];
    return per > 0 ? by / per : (double)NAN;
}

static int compare(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->effect > right->effect || left->effect < right->effect)
        return left->effect > right->effect ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

/* The most that a row can have had which the table did not keep: as much as its last one. */
static double most_left_out(const struct resource_table *table)
{
    size_t by = resource_column(table, table->by);
    return table->n_rows ? table->rows[table->n_rows - 1].values[by] : 0;
}

/* What the change came to over all calls; of a row that the base did not keep, at least. */
static double effect_of(const struct resource_table *table, const struct resource_table *base,
                        const struct resource_change *change)
{
    if (base && !change->base)
        return fmax(change->row->values[resource_column(table, table->by)] - most_left_out(base),
                    0);
    double calls = table->per ? change->row->values[resource_column(table, table->per)] : 1;
    double effect = fabs(change->each - change->base_each) * calls;
    return isnan(effect) ? -1 : effect;
}

static struct resource_change change_of(const struct resource_table *candidate,
                                        const struct resource_table *base, size_t i)
{
    const struct resource_row *row = &candidate->rows[i];
    struct resource_change change = {.row = row,
                                     .base = base ? resource_row_find(base, row->key) : NULL,
                                     .each = resource_row_each(candidate, row),
                                     .base_each = (double)NAN,
                                     .ratio = (double)NAN};
    if (change.base)
        change.base_each = resource_row_each(base, change.base);
    if (change.base_each > 0)
        change.ratio = change.each / change.base_each;
    return change;
}

struct resource_change *resource_changes(const struct resource_table *candidate,
                                         const struct resource_table *base, struct arena *arena)
{
    size_t n = candidate->n_rows;
    struct ranked *ranked = arena_array(arena, n + 1, sizeof *ranked);
    struct resource_change *changes = arena_array(arena, n + 1, sizeof *changes);
    for (size_t i = 0; i < n; i++) {
        ranked[i].number = i;
        ranked[i].change = change_of(candidate, base, i);
        ranked[i].effect = effect_of(candidate, base, &ranked[i].change);
    }
    if (n)
        qsort(ranked, n, sizeof *ranked, compare);
    for (size_t i = 0; i < n; i++)
        changes[i] = ranked[i].change;
    return changes;
}
