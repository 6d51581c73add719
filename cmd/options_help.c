/* The text of -h, laid out from the table. */
#include <string.h>

#include "cmd/exit.h"
#include "cmd/options.h"

#define LINE_WIDTH  80
#define HELP_COLUMN 30

/* Appends the words of `text` from `column` on, each line filled up to LINE_WIDTH. */
static void add_wrapped(struct buf *out, const char *text, size_t column)
{
    size_t at = column;
    while (*text) {
        size_t word = strcspn(text, " ");
        bool first = at == column;
        if (!first && at + 1 + word > LINE_WIDTH) {
            buf_add_char(out, '\n');
            buf_add_repeat(out, ' ', column);
            at = column;
            first = true;
        }
        if (!first)
            buf_add_char(out, ' ');
        buf_add(out, text, word);
        at += word + !first;
        text += word + strspn(text + word, " ");
    }
    buf_add_char(out, '\n');
}

static void add_choices(struct buf *out, const struct option *option)
{
    const char *name;
    for (int i = 0; (name = option->choice(i)) != NULL; i++)
        buf_addf(out, "%s%s", i ? "|" : "", name);
}

static void add_option(struct buf *out, const struct option *option)
{
    size_t start = out->len;
    buf_add_str(out, "  ");
    if (option->letter)
        buf_addf(out, "-%c, ", option->letter);
    buf_addf(out, "--%s", option->name);
    if (option->also)
        buf_addf(out, ", --%s", option->also);
    if (option->type != OPTION_FLAG)
        buf_add_char(out, ' ');
    if (option->type == OPTION_CHOICE)
        add_choices(out, option);
    else if (option->value)
        buf_add_str(out, option->value);

    size_t width = out->len - start;
    if (width + 2 > HELP_COLUMN) {
        buf_add_char(out, '\n');
        width = 0;
    }
    buf_add_repeat(out, ' ', HELP_COLUMN - width);
    struct buf help = {0};
    buf_add_str(&help, option->help);
    if (option->env)
        buf_addf(&help, " (environment: %s)", option->env);
    add_wrapped(out, buf_text(&help), HELP_COLUMN);
    buf_release(&help);
}

void options_help(const struct option_tool *tool, struct buf *out)
{
    buf_addf(out, "usage: %s [OPTION...]%s%s\n\n", tool->name, *tool->operands ? " " : "",
             tool->operands);
    add_wrapped(out, tool->about, 0);
    buf_add_str(out, "\nOptions:\n");
    const struct option *option;
    for (size_t i = 0; (option = options_row(tool, i)) != NULL; i++)
        add_option(out, option);
    if (tool->notes)
        buf_addf(out, "\n%s", tool->notes);
    buf_addf(out, "\n%s", exit_codes_text);
}
