#include "render/kept.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "model/resource_change.h"

#define KEY_WIDTH  70
#define MOST_WHOLE 1e9

enum { C_KEY, C_BASE_EACH, C_EACH, C_CHANGE, C_COLUMNS };

static const struct resource_source *find_source(const struct report_resources *resources, size_t i,
                                                 const struct resource_table **table)
{
    for (size_t s = 0; resources && s < resources->n_sources; s++) {
        const struct resource_source *source = &resources->sources[s];
        if (i < source->n_tables) {
            *table = &source->tables[i];
            return source;
        }
        i -= source->n_tables;
    }
    return NULL;
}

/* The same columns, so that numbers stand beside their like. */
static bool is_like(const struct resource_table *a, const struct resource_table *b)
{
    if (strcmp(a->name, b->name) != 0 || a->n_columns != b->n_columns || !a->per != !b->per ||
        strcmp(a->by, b->by) != 0 || (a->per && strcmp(a->per, b->per) != 0))
        return false;
    for (size_t i = 0; i < a->n_columns; i++)
        if (strcmp(a->columns[i], b->columns[i]) != 0)
            return false;
    return true;
}

static const struct resource_table *find_base(const struct render_side *side,
                                              const struct resource_source *source,
                                              const struct resource_table *table)
{
    const struct resource_table *other;
    if (!side->n || source->shared)
        return NULL;
    for (size_t i = 0; find_source(side->whole->resources, i, &other); i++)
        if (is_like(table, other))
            return other;
    return NULL;
}

static void set_columns(struct table *out, const struct resource_source *source,
                        const struct resource_table *table)
{
    size_t n = C_COLUMNS + RENDER_SIDES * table->n_columns;
    struct table_column *columns = arena_array(&out->arena, n, sizeof *columns);
    const char *per = table->per ? arena_printf(&out->arena, "%s / %s", table->by, table->per)
                                 : arena_strdup(&out->arena, table->by);
    for (size_t i = 0; i < n; i++)
        columns[i].right = true;
    columns[C_KEY] = (struct table_column){
        .title = arena_printf(&out->arena, "%s%s", source->name,
                              source->shared ? " (of both sides, not to be told apart)" : ""),
        .name = true,
        .max_width = KEY_WIDTH};
    columns[C_BASE_EACH].title = arena_printf(&out->arena, "Base %s", per);
    columns[C_EACH].title = per;
    columns[C_CHANGE].title = "Change";
    for (size_t i = 0; i < table->n_columns; i++) {
        columns[C_COLUMNS + 2 * i].title = arena_printf(&out->arena, "Base %s", table->columns[i]);
        columns[C_COLUMNS + 2 * i + 1].title = arena_strdup(&out->arena, table->columns[i]);
    }
    out->columns = columns;
    out->n_columns = n;
}

/* A cell of the table; frees the text. */
static const char *keep(struct table *out, struct buf *text)
{
    const char *cell = table_keep(out, text);
    buf_release(text);
    return cell;
}

static const char *number(struct table *out, double value)
{
    struct buf text = {0};
    if (!isfinite(value))
        return NULL;
    if (value <= floor(value) && fabs(value) < MOST_WHOLE)
        buf_addf(&text, "%.0f", value);
    else if (fabs(value) < 1)
        buf_addf(&text, "%.3g", value);
    else
        num_add_rounded(&text, value, 0);
    return keep(out, &text);
}

static const char *change_text(struct table *out, const struct resource_change *change,
                               bool has_base)
{
    struct buf text = {0};
    if (!has_base)
        return NULL;
    if (!change->base)
        buf_add_str(&text, "not in base");
    else if (isfinite(change->ratio))
        buf_addf(&text, "%+.1f %%", (change->ratio - 1) * 100);
    return keep(out, &text);
}

static void add_row(struct table *out, const struct resource_table *table,
                    const struct resource_change *change, bool has_base)
{
    struct buf key = {0};
    struct table_row *row = table_add(out);
    buf_add_str(&key, change->row->key);
    row->cells[C_KEY] = keep(out, &key);
    if (table->per) {
        row->cells[C_BASE_EACH] = number(out, change->base_each);
        row->cells[C_EACH] = number(out, change->each);
    }
    row->cells[C_CHANGE] = change_text(out, change, has_base);
    for (size_t i = 0; i < table->n_columns; i++) {
        if (change->base)
            row->cells[C_COLUMNS + 2 * i] = number(out, change->base->values[i]);
        row->cells[C_COLUMNS + 2 * i + 1] = number(out, change->row->values[i]);
    }
}

bool kept_rows(const struct render_side *sides, size_t i, struct table *out)
{
    const struct render_side *candidate = &sides[RENDER_CANDIDATE];
    const struct resource_table *table;
    const struct resource_source *source =
        candidate->n ? find_source(candidate->whole->resources, i, &table) : NULL;
    *out = (struct table){0};
    if (!source)
        return false;
    const struct resource_table *base = find_base(&sides[RENDER_BASE], source, table);
    set_columns(out, source, table);
    const struct resource_change *changes = resource_changes(table, base, &out->arena);
    for (size_t k = 0; k < table->n_rows; k++)
        add_row(out, table, &changes[k], base != NULL);
    return true;
}

const struct render_side *kept_sides_of(const struct report *report,
                                        const struct render_options *options,
                                        struct kept_sides *own)
{
    if (options->sides)
        return options->sides;
    own->reports[0] = report;
    memset(own->sides, 0, sizeof own->sides);
    own->sides[RENDER_CANDIDATE] = (struct render_side){1, own->reports, report};
    return own->sides;
}
