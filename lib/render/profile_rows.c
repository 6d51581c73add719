#include "render/profile_rows.h"

#include <math.h>

enum { C_NAME, C_BASE_SELF, C_SELF, C_GROWTH, C_BASE_TOTAL, C_TOTAL, C_CALLERS, C_COUNT };

#define SHARES                                                                                     \
    {.title = "Base self", .right = true}, {.title = "Self", .right = true},                       \
        {.title = "Points", .right = true}, {.title = "Base with callees", .right = true},         \
        {.title = "With callees", .right = true},                                                  \
    {                                                                                              \
        .title = "Called by", .name = true, .max_width = 100                                       \
    }

static const struct table_column grown_columns[C_COUNT] = {
    {.title = "Function that got slower", .name = true, .max_width = 60}, SHARES};
static const struct table_column columns[C_COUNT] = {
    {.title = "Function", .name = true, .max_width = 60}, SHARES};

void profile_add_share(struct buf *out, double share)
{
    buf_addf(out, "%.1f %%", share * 100);
}

static void put_share(struct table *table, struct table_row *row, int column, double share)
{
    struct buf text = {0};
    if (isfinite(share)) {
        profile_add_share(&text, share);
        row->cells[column] = table_keep(table, &text);
    }
    buf_release(&text);
}

static void fill(struct table *table, const struct profile_function *function)
{
    struct table_row *row = table_add(table);
    struct buf text = {0};
    double growth = function->self - function->base_self;
    buf_add_str(&text, function->name);
    row->cells[C_NAME] = table_keep(table, &text);
    put_share(table, row, C_BASE_SELF, function->base_self);
    put_share(table, row, C_SELF, function->self);
    put_share(table, row, C_BASE_TOTAL, function->base_total);
    put_share(table, row, C_TOTAL, function->total);
    if (isfinite(growth)) {
        buf_addf(&text, "%+.1f", growth * 100);
        row->cells[C_GROWTH] = table_keep(table, &text);
    }
    for (size_t i = 0; i < function->n_callers; i++)
        buf_addf(&text, "%s%s", i ? " < " : "", function->callers[i]);
    row->cells[C_CALLERS] = table_keep(table, &text);
    buf_release(&text);
}

void profile_rows(const struct profile_function *functions, size_t n, bool grown, struct table *out)
{
    *out = (struct table){.columns = grown ? grown_columns : columns, .n_columns = C_COUNT};
    for (size_t i = 0; i < n; i++)
        fill(out, &functions[i]);
}

void profile_rows_of(const struct report *report, size_t most, struct table *out)
{
    const struct report_profile *profile = report->profile;
    struct profile_tree tree = {0};
    struct profile_functions all = {0};
    struct arena arena = {0};
    bool grown = profile && profile->n_grew;
    if (grown) {
        all = (struct profile_functions){profile->n_grew, profile->grew};
    } else if (profile && profile->n_nodes) {
        report_profile_add(profile, PROFILE_CANDIDATE, &tree);
        profile_tree_finish(&tree);
        profile_functions_of(&tree, &arena, &all);
    }
    profile_rows(all.items, all.n < most ? all.n : most, grown, out);
    profile_tree_release(&tree);
    arena_release(&arena);
}
