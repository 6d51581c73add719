/*
 * A table of texts, laid out as aligned columns or as a Markdown table.
 *
 * Filled once (rows.h) and rendered in either form, so that the forms cannot differ in content.
 * Cells hold raw text: each renderer makes it safe in its own way. A zeroed struct with its columns
 * set is an empty table; table_release() frees the texts.
 */
#ifndef PERFGATE_RENDER_TABLE_H
#define PERFGATE_RENDER_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

enum tone { TONE_NONE, TONE_GOOD, TONE_ACCEPTED, TONE_WARN, TONE_BAD };

struct table_column {
    const char *title;
    bool right;       /* aligned to the right, as numbers are */
    bool name;        /* somebody else's words: a code span in Markdown */
    bool address;     /* what begins with http:// or https:// is a link where there are links */
    size_t max_width; /* longer ones are cut in the middle; 0 = never */
};

struct table_row {
    const char **cells; /* one per column; NULL or "" = empty */
    const char *note;   /* a sentence below the row, or in Markdown a last column; NULL = none */
    enum tone tone;     /* of the first cell, where there is colour */
};

struct table {
    const struct table_column *columns;
    size_t n_columns;
    struct arena arena;
    size_t n_rows, capacity;
    struct table_row *rows;
};

/* One more empty row; it stays valid until the next one is added. */
struct table_row *table_add(struct table *table) __attribute__((returns_nonnull));

/* The content of `text` as a cell of the table; empties `text`. */
const char *table_keep(struct table *table, struct buf *text);

/* "GET /forum", or "overall", as a cell of the table. */
const char *table_keep_endpoint(struct table *table, const char *method, const char *endpoint);

/* For each column, whether it is shown: one that is empty in every row is not. The caller frees. */
bool *table_find_used(const struct table *table)
    __attribute__((returns_nonnull, warn_unused_result));

/* Aligned columns. */
void table_add_text(const struct table *table, bool color, struct buf *out);

/* The rows from `first` on that fit within `limit` bytes of `out`. Returns the number of the first
 * one that did not. */
size_t table_add_markdown(const struct table *table, size_t first, size_t limit, struct buf *out);

/* `text` in the tone's colour. */
void table_add_tone(struct buf *out, enum tone tone, bool color, const char *text);

void table_release(struct table *table);

#endif
