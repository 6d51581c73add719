#include "render/html_parts.h"

#include <stdlib.h>
#include <string.h>

#include "render/escape.h"
#include "render/html_style.h"

/* Columns of a name in a table; the whole one is its title. */
#define NAME_WIDTH 90

void html_open(struct buf *out, const char *title, const char *subject)
{
    buf_add_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<title>");
    escape_add(out, title);
    if (subject && *subject) {
        buf_add_str(out, " – ");
        escape_add(out, subject);
    }
    buf_add_str(out, "</title>\n<style>\n");
    html_add_style(out);
    buf_add_str(out, "</style>\n</head>\n<body>\n");
}

void html_close(struct buf *out)
{
    buf_add_str(out, "</body>\n</html>\n");
}

void html_open_section(struct buf *out, const char *id, const char *heading)
{
    buf_addf(out, "<section id=\"%s\">\n<h2>%s</h2>\n", id, heading);
}

void html_close_section(struct buf *out)
{
    buf_add_str(out, "</section>\n");
}

void html_add_paragraph(struct buf *out, const char *class, const char *text)
{
    if (!text || !*text)
        return;
    if (class)
        buf_addf(out, "<p class=\"%s\">", class);
    else
        buf_add_str(out, "<p>");
    escape_add(out, text);
    buf_add_str(out, "</p>\n");
}

const char *html_tone_class(enum tone tone)
{
    static const char *const classes[] = {[TONE_NONE] = "none",
                                          [TONE_GOOD] = "good",
                                          [TONE_ACCEPTED] = "accepted",
                                          [TONE_WARN] = "warn",
                                          [TONE_BAD] = "bad"};
    return classes[tone];
}

const char *html_tone_sign(enum tone tone)
{
    static const char *const signs[] = {[TONE_NONE] = "",
                                        [TONE_GOOD] = "● ",
                                        [TONE_ACCEPTED] = "◆ ",
                                        [TONE_WARN] = "○ ",
                                        [TONE_BAD] = "▲ "};
    return signs[tone];
}

static void add_head(struct buf *out, const struct table *table, const bool *used)
{
    buf_add_str(out, "<thead><tr>");
    for (size_t c = 0; c < table->n_columns; c++) {
        if (!used[c])
            continue;
        buf_addf(out, "<th scope=\"col\"%s>", table->columns[c].right ? " class=\"n\"" : "");
        escape_add(out, table->columns[c].title);
        buf_add_str(out, "</th>");
    }
    buf_add_str(out, "</tr></thead>\n<tbody>\n");
}

/* Of a kind that cannot run a script. */
static bool is_address(const char *text)
{
    return text && (strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0);
}

static void add_link(struct buf *out, const char *address)
{
    buf_add_str(out, "<a rel=\"noreferrer\" href=\"");
    escape_add(out, address);
    buf_add_str(out, "\">");
    escape_add(out, address);
    buf_add_str(out, "</a>");
}

/* The first cell of a row with a tone has its colour and sign. */
static void add_cell(struct buf *out, const struct table_column *column, const char *text,
                     enum tone tone)
{
    if (tone != TONE_NONE)
        buf_addf(out, "<td class=\"s %s\">%s", html_tone_class(tone), html_tone_sign(tone));
    else
        buf_add_str(out, column->right ? "<td class=\"n\">" : "<td>");
    if (column->name)
        escape_add_name(out, text, NAME_WIDTH);
    else if (column->address && is_address(text))
        add_link(out, text);
    else
        escape_add(out, text ? text : "");
    buf_add_str(out, "</td>");
}

void html_add_table(struct buf *out, const struct table *table, const char *label)
{
    bool *used = table_find_used(table);
    size_t n_used = 0;
    for (size_t c = 0; c < table->n_columns; c++)
        n_used += used[c];
    /* What scrolls must be within reach of the keyboard, and then needs a name. */
    buf_addf(out, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table>\n",
             label);
    add_head(out, table, used);
    for (size_t r = 0; r < table->n_rows; r++) {
        const struct table_row *row = &table->rows[r];
        buf_add_str(out, "<tr>");
        for (size_t c = 0; c < table->n_columns; c++) {
            if (used[c])
                add_cell(out, &table->columns[c], row->cells[c], c ? TONE_NONE : row->tone);
        }
        buf_add_str(out, "</tr>\n");
        if (row->note) {
            buf_addf(out, "<tr class=\"o\"><td colspan=\"%zu\">", n_used);
            escape_add(out, row->note);
            buf_add_str(out, "</td></tr>\n");
        }
    }
    buf_add_str(out, "</tbody></table></div>\n");
    free(used);
}

void html_add_table_section(struct buf *out, const char *id, const char *heading,
                            struct table *table)
{
    if (table->n_rows) {
        html_open_section(out, id, heading);
        html_add_table(out, table, heading);
        html_close_section(out);
    }
    table_release(table);
}

static bool is_of(const struct verdict_row *row, const struct chart_scope *scope)
{
    if (!scope || !row->endpoint)
        return !scope && !row->endpoint;
    return strcmp(row->endpoint, scope->name) == 0 &&
           strcmp(row->method ? row->method : "", scope->method) == 0;
}

const struct verdict_row *html_find_average(const struct verdict *verdict,
                                            const struct chart_scope *scope)
{
    for (size_t i = 0; i < verdict->n_rows; i++) {
        const struct verdict_row *row = &verdict->rows[i];
        if (row->metric == METRIC_AVERAGE && row->against == AGAINST_BASE && is_of(row, scope))
            return row;
    }
    return NULL;
}

void html_add_scope(struct buf *out, const struct verdict_row *row, size_t max)
{
    struct buf text = {0};
    verdict_add_scope(&text, row);
    escape_add_name(out, buf_text(&text), max);
    buf_release(&text);
}
