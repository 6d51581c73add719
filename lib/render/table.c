#include "render/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/verdict.h"
#include "render/markdown.h"
#include "render/utf8.h"

struct table_row *table_add(struct table *table)
{
    table->rows = mem_grow(table->rows, table->n_rows, &table->capacity, sizeof *table->rows);
    struct table_row *row = &table->rows[table->n_rows++];
    *row = (struct table_row){0};
    row->cells = arena_array(&table->arena, table->n_columns, sizeof *row->cells);
    return row;
}

const char *table_keep(struct table *table, struct buf *text)
{
    const char *kept = arena_strndup(&table->arena, buf_text(text), text->len);
    buf_reset(text);
    return kept;
}

const char *table_keep_endpoint(struct table *table, const char *method, const char *endpoint)
{
    struct buf text = {0};
    verdict_add_endpoint(&text, method, endpoint);
    const char *kept = table_keep(table, &text);
    buf_release(&text);
    return kept;
}

static const char *cell(const struct table *table, size_t row, size_t column)
{
    const char *text = table->rows[row].cells[column];
    return text ? text : "";
}

static bool is_used(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        if (*cell(table, i, column))
            return true;
    }
    return false;
}

bool *table_find_used(const struct table *table)
{
    bool *used = mem_array(table->n_columns, sizeof *used);
    for (size_t c = 0; c < table->n_columns; c++)
        used[c] = is_used(table, c);
    return used;
}

/* ---- aligned columns ---- */

static void add_cell_text(const struct table *table, size_t row, size_t column, struct buf *out)
{
    struct buf safe = {0};
    utf8_add_safe(&safe, cell(table, row, column));
    utf8_add_shortened(out, buf_text(&safe), table->columns[column].max_width);
    buf_release(&safe);
}

/* Each column's width in `widths`; 0 for one that is left out. */
static void measure(const struct table *table, size_t *widths)
{
    struct buf text = {0};
    for (size_t c = 0; c < table->n_columns; c++) {
        widths[c] = is_used(table, c) ? utf8_width(table->columns[c].title) : 0;
        for (size_t r = 0; r < table->n_rows && widths[c]; r++) {
            buf_reset(&text);
            add_cell_text(table, r, c, &text);
            size_t width = utf8_width(buf_text(&text));
            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
    buf_release(&text);
}

void table_add_tone(struct buf *out, enum tone tone, bool color, const char *text)
{
    /* ECMA-48: bold red, yellow, magenta, green */
    static const char *const codes[] = {[TONE_NONE] = "",
                                        [TONE_GOOD] = "\033[32m",
                                        [TONE_ACCEPTED] = "\033[35m",
                                        [TONE_WARN] = "\033[33m",
                                        [TONE_BAD] = "\033[1;31m"};
    bool colored = color && tone != TONE_NONE;
    buf_addf(out, "%s%s%s", colored ? codes[tone] : "", text, colored ? "\033[0m" : "");
}

/* A text in its column, `due` spaces behind the last one; returns what is due before the next. */
static size_t add_padded(const struct table_column *column, size_t width, size_t due,
                         const char *text, enum tone tone, struct buf *out)
{
    size_t pad = width - utf8_width(text);
    if (!*text)
        return due + width;
    buf_add_repeat(out, ' ', due + (column->right ? pad : 0));
    table_add_tone(out, tone, true, text);
    return column->right ? 0 : pad;
}

/* A row of texts in columns; spaces at the end of the line are left out. */
static void add_line(const struct table *table, const size_t *widths, const char *const *texts,
                     enum tone tone, struct buf *out)
{
    size_t due = 0;
    bool first = true;
    for (size_t c = 0; c < table->n_columns; c++) {
        if (!widths[c])
            continue;
        due = add_padded(&table->columns[c], widths[c], due + (first ? 0 : 2), texts[c],
                         first ? tone : TONE_NONE, out);
        first = false;
    }
    buf_add_char(out, '\n');
}

static void add_note(const char *note, struct buf *out)
{
    buf_add_str(out, "    ");
    utf8_add_safe(out, note);
    buf_add_char(out, '\n');
}

void table_add_text(const struct table *table, bool color, struct buf *out)
{
    size_t *widths = mem_array(table->n_columns, sizeof *widths);
    const char **texts = mem_array(table->n_columns, sizeof *texts);
    struct buf *cells = mem_array(table->n_columns, sizeof *cells);
    measure(table, widths);
    for (size_t c = 0; c < table->n_columns; c++)
        texts[c] = table->columns[c].title;
    add_line(table, widths, texts, TONE_NONE, out);
    for (size_t r = 0; r < table->n_rows; r++) {
        const struct table_row *row = &table->rows[r];
        for (size_t c = 0; c < table->n_columns; c++) {
            buf_reset(&cells[c]);
            add_cell_text(table, r, c, &cells[c]);
            texts[c] = buf_text(&cells[c]);
        }
        add_line(table, widths, texts, color ? row->tone : TONE_NONE, out);
        if (row->note)
            add_note(row->note, out);
    }
    for (size_t c = 0; c < table->n_columns; c++)
        buf_release(&cells[c]);
    free(cells);
    free(texts);
    free(widths);
}

/* ---- Markdown ---- */

/* Room for all that is said of an acceptance, beside a change. */
#define NOTE_WIDTH 800

static bool has_notes(const struct table *table)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        if (table->rows[i].note)
            return true;
    }
    return false;
}

static void add_markdown_head(const struct table *table, const bool *used, bool notes,
                              struct buf *out)
{
    for (size_t c = 0; c < table->n_columns; c++) {
        if (used[c])
            buf_addf(out, "| %s ", table->columns[c].title);
    }
    buf_add_str(out, notes ? "| Reason |\n" : "|\n");
    for (size_t c = 0; c < table->n_columns; c++) {
        if (used[c])
            buf_add_str(out, table->columns[c].right ? "|--:" : "|---");
    }
    buf_add_str(out, notes ? "|---|\n" : "|\n");
}

static void add_markdown_cell(const struct table *table, size_t row, size_t c, struct buf *out)
{
    const struct table_column *column = &table->columns[c];
    buf_add_str(out, "| ");
    if (column->name)
        markdown_add_name(out, cell(table, row, c), column->max_width);
    else
        markdown_add_cell(out, cell(table, row, c), column->max_width);
    buf_add_char(out, ' ');
}

static void add_markdown_row(const struct table *table, size_t row, const bool *used, bool notes,
                             struct buf *out)
{
    for (size_t c = 0; c < table->n_columns; c++) {
        if (used[c])
            add_markdown_cell(table, row, c, out);
    }
    const char *note = table->rows[row].note;
    if (notes) {
        buf_add_str(out, "| ");
        markdown_add_cell(out, note ? note : "", NOTE_WIDTH);
        buf_add_char(out, ' ');
    }
    buf_add_str(out, "|\n");
}

size_t table_add_markdown(const struct table *table, size_t first, size_t limit, struct buf *out)
{
    bool notes = has_notes(table);
    bool *used = table_find_used(table);
    struct buf piece = {0};
    add_markdown_head(table, used, notes, &piece);
    size_t row = first;
    while (out->len + piece.len <= limit) {
        buf_add(out, piece.data, piece.len);
        buf_reset(&piece);
        if (row >= table->n_rows)
            break;
        add_markdown_row(table, row++, used, notes, &piece);
    }
    /* A row that is still in `piece` did not fit. */
    bool left = piece.len > 0 && row > first;
    buf_release(&piece);
    free(used);
    return left ? row - 1 : row;
}

void table_release(struct table *table)
{
    arena_release(&table->arena);
    free(table->rows);
    table->rows = NULL;
    table->n_rows = table->capacity = 0;
}
