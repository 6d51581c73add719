/*
 * A verdict as workflow commands of GitHub Actions, which show as annotations of the run.
 *
 * GitHub shows at most ten of a step, so there are at most ten: the verdict first, then what is
 * wrong with its rows, worst first, then its warnings; where there is more, the tenth says how
 * much. A command takes one line; % CR LF, and in a property : and , as well, are escaped as the
 * runner undoes it (actions/toolkit, packages/core/src/command.ts). Nothing else can begin a line,
 * so that no name becomes a command of its own. There is no form of a report: it holds no
 * judgement.
 */
#include "render/forms.h"

#include <string.h>

#include "render/alert_lines.h"
#include "render/rows.h"
#include "render/utf8.h"

#define MOST          10
#define TITLE_WIDTH   200 /* columns; GitHub cuts a title at 255 characters */
#define MESSAGE_WIDTH 2000

enum level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_NOTICE };

static const char *const level_names[] = {
    [LEVEL_ERROR] = "error", [LEVEL_WARNING] = "warning", [LEVEL_NOTICE] = "notice"};

/* What was said so far. The tenth is held back: it gives way to a count where it is not the last.
 */
struct commands {
    struct buf *out;
    struct buf tenth;
    enum level tenth_level;
    size_t n; /* that there was something to say of */
};

static void add_escaped(struct buf *out, const char *text, size_t width, const char *escaped)
{
    struct buf visible = {0}, shown = {0};
    utf8_add_safe(&visible, text);
    utf8_add_shortened(&shown, buf_text(&visible), width);
    for (const char *at = buf_text(&shown); *at; at++) {
        if (strchr(escaped, *at))
            buf_addf(out, "%%%02X", (unsigned)(unsigned char)*at);
        else
            buf_add_char(out, *at);
    }
    buf_release(&shown);
    buf_release(&visible);
}

static void add_command(struct buf *out, enum level level, const char *title, const char *message)
{
    buf_addf(out, "::%s title=", level_names[level]);
    add_escaped(out, title, TITLE_WIDTH, "%\r\n:,");
    buf_add_str(out, "::");
    add_escaped(out, message, MESSAGE_WIDTH, "%\r\n");
    buf_add_char(out, '\n');
}

static void say(struct commands *commands, enum level level, const char *title, const char *message)
{
    commands->n++;
    if (commands->n == MOST)
        commands->tenth_level = level;
    if (commands->n <= MOST)
        add_command(commands->n < MOST ? commands->out : &commands->tenth, level, title, message);
}

static void finish(struct commands *commands, const struct render_options *options)
{
    struct buf text = {0};
    if (commands->n > MOST) {
        buf_addf(&text, "GitHub shows %d annotations; %s has all that was found", MOST,
                 options->title ? options->title : "the verdict");
        struct buf title = {0};
        buf_addf(&title, "Performance gate: %zu more", commands->n - (MOST - 1));
        add_command(commands->out, commands->tenth_level, buf_text(&title), buf_text(&text));
        buf_release(&title);
    } else {
        buf_add(commands->out, buf_text(&commands->tenth), commands->tenth.len);
    }
    buf_release(&text);
    buf_release(&commands->tenth);
}

/* Whether there is something to say of a row, and how loudly. */
static bool is_told(const struct verdict_row *row, enum level *level)
{
    switch ((enum row_status)row->status) {
    case ROW_REGRESSED:
    case ROW_OVER_LIMIT:
    case ROW_ERRORED:
        *level = LEVEL_ERROR;
        return true;
    case ROW_ACCEPTED:
        *level = LEVEL_NOTICE;
        return true;
    default:
        *level = LEVEL_WARNING;
        return row->n_warnings > 0 || (row->required && row->status <= ROW_INSUFFICIENT);
    }
}

static void say_whole(struct commands *commands, const struct verdict *verdict)
{
    static const enum level levels[] = {[OVERALL_PASS] = LEVEL_NOTICE,
                                        [OVERALL_FAIL] = LEVEL_ERROR,
                                        [OVERALL_UNDECIDED] = LEVEL_ERROR};
    struct buf title = {0};
    buf_addf(&title, "Performance gate: %s",
             overall_status_name((enum overall_status)verdict->status));
    say(commands, levels[verdict->status], buf_text(&title),
        verdict->summary ? verdict->summary : "");
    buf_release(&title);
}

static void say_rows(struct commands *commands, const struct verdict *verdict)
{
    struct table table;
    struct buf title = {0};
    enum level level;
    rows_of_verdict(verdict, ROWS_ALL, &table);
    for (size_t i = 0; i < table.n_rows; i++) {
        const struct table_row *row = &table.rows[i];
        if (!is_told(&verdict->rows[i], &level))
            continue;
        buf_reset(&title);
        buf_addf(&title, "%s: %s of %s", row->cells[V_STATUS], row->cells[V_METRIC],
                 row->cells[V_SCOPE]);
        say(commands, level, buf_text(&title), row->note ? row->note : row->cells[V_STATUS]);
    }
    buf_release(&title);
    table_release(&table);
}

static void say_alerts(struct commands *commands, const struct verdict *verdict)
{
    const struct verdict_alert *alert;
    struct buf line = {0};
    for (size_t i = 0; (alert = alert_lines_next(verdict, &i));) {
        buf_reset(&line);
        alert_lines_add(&line, alert);
        say(commands, LEVEL_WARNING, "Alert", buf_text(&line));
    }
    buf_release(&line);
}

void annotations_verdict(const struct verdict *verdict, const struct render_options *options,
                         struct buf *out)
{
    struct commands commands = {.out = out};
    say_whole(&commands, verdict);
    say_rows(&commands, verdict);
    for (size_t i = 0; i < verdict->n_warnings; i++)
        say(&commands, LEVEL_WARNING, "Performance gate", verdict->warnings[i]);
    say_alerts(&commands, verdict);
    finish(&commands, options);
}
