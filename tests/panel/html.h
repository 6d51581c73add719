/*
 * The frame of panel's pages and their small parts. Whatever users wrote goes through html_text().
 */
#ifndef PANEL_HTML_H
#define PANEL_HTML_H

#include <stdint.h>

#include "base/buf.h"

struct panel;
struct request;
struct response;

/* Opens a page: the head and the menu, which depends on who is logged in. */
void html_begin(const struct panel *panel, const struct request *request, struct response *response,
                const char *title);
void html_end(struct response *response);

/* A page without a frame, for errors. */
void html_plain_page(struct buf *out, unsigned status, const char *message);

/* `text` with what HTML gives a meaning to escaped, for content and attributes in quotes. */
void html_text(struct buf *out, const char *text);

/* "<tag>text</tag>", escaped */
void html_element(struct buf *out, const char *tag, const char *text);

/* <time> with a date and time in UTC */
void html_time(struct buf *out, int64_t unix_s);

/* A form that posts to `action` with the session's CSRF token, and its parts. */
void html_form_begin(struct buf *out, const char *action, const char *csrf);
void html_input(struct buf *out, const char *label, const char *name, const char *type,
                const char *value);
void html_textarea(struct buf *out, const char *label, const char *name, const char *value);
void html_form_end(struct buf *out, const char *button);

/* Links to the pages 1 to `last`. */
void html_pager(struct buf *out, const char *path, int64_t page, int64_t last);

#endif
