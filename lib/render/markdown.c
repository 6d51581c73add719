#include "render/markdown.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "render/utf8.h"

/* What acts in a line of Markdown. `|` ends a cell. */
#define ACTIVE "\\`*_{}[]<>&!|~$"

static void make_safe(struct buf *out, const char *text, size_t max)
{
    struct buf visible = {0};
    utf8_add_safe(&visible, text);
    utf8_add_shortened(out, buf_text(&visible), max);
    buf_release(&visible);
}

static size_t longest_run(const char *text, char c)
{
    size_t longest = 0, run = 0;
    for (; *text; text++) {
        run = *text == c ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* A table is cut into cells before code spans are found: `\|` is a pipe, and a backslash before it
 * would escape the escape, so that an even number of them must stand there. */
static void add_code(struct buf *out, const char *text)
{
    size_t backslashes = 0;
    for (; *text; text++) {
        if (*text == '|')
            buf_add_str(out, backslashes % 2 ? "\\\\" : "\\");
        buf_add_char(out, *text);
        backslashes = *text == '\\' ? backslashes + 1 : 0;
    }
}

void markdown_add_name(struct buf *out, const char *name, size_t max)
{
    struct buf safe = {0};
    make_safe(&safe, name, max);
    const char *text = buf_text(&safe);
    size_t fence = longest_run(text, '`') + 1;
    /* One space at each end is taken off again by whoever shows it. */
    bool pad = *text == '`' || *text == ' ' || (safe.len && text[safe.len - 1] == '`');
    if (safe.len) {
        buf_add_repeat(out, '`', fence);
        buf_add_repeat(out, ' ', pad);
        add_code(out, text);
        buf_add_repeat(out, ' ', pad);
        buf_add_repeat(out, '`', fence);
    }
    buf_release(&safe);
}

/* True where `text` would begin a list, a heading, a quotation or a rule. */
static bool opens_block(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits)
        return text[digits] == '.' || text[digits] == ')';
    return *text && strchr("-+=#> ", *text);
}

/* True where a link, mention or reference could be found across `at`. */
static bool could_link(const char *start, const char *at)
{
    if (*at == '@' || *at == '#' || strncmp(at, "://", 3) == 0)
        return true;
    if (at == start)
        return false;
    return (*at == 'w' && at[1] == '.') || strncasecmp(at - 1, "GH-", 3) == 0;
}

static void add_inert(struct buf *out, const char *text, size_t max, bool begins_line)
{
    struct buf safe = {0};
    make_safe(&safe, text, max);
    const char *start = buf_text(&safe);
    for (const char *at = start; *at; at++) {
        bool opens = begins_line && at == start && opens_block(at);
        if (opens || strchr(ACTIVE, *at))
            buf_addf(out, "&#%d;", *at);
        else
            buf_add_char(out, *at);
        if (could_link(start, at))
            buf_add_str(out, "&#8203;");
    }
    buf_release(&safe);
}

void markdown_add_sentence(struct buf *out, const char *text, size_t max)
{
    add_inert(out, text, max, true);
}

void markdown_add_cell(struct buf *out, const char *text, size_t max)
{
    add_inert(out, text, max, false);
}
