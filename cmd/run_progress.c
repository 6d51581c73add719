#include "cmd/run_progress.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"

#define LINE_NS       (10 * NS_PER_S)
#define WIDTH_UNKNOWN 80

static bool terminal_moves(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
}

/* POSIX, 8.2: the first of these that is set and not empty decides. */
static bool speaks_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *locale = getenv(names[i]);
        if (locale && *locale)
            return strcasestr(locale, "utf-8") || strcasestr(locale, "utf8");
    }
    return false;
}

/* Asked each time: it may change, and a signal is not needed to notice. */
static size_t width(void)
{
    struct winsize size = {0};
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col;
    return known ? size.ws_col : WIDTH_UNKNOWN;
}

static void put(const struct buf *text)
{
    struct err ignored = {0}; /* a terminal that went away must not end the run */
    if (fs_write_fd(STDERR_FILENO, "stderr", buf_text(text), text->len, &ignored) < 0)
        return;
}

void run_progress_init(struct run_progress *progress, const struct io_log *log)
{
    *progress = (struct run_progress){
        .log = *log,
        .block = !log->quiet && terminal_moves(),
        .display = {.color = io_color(STDERR_FILENO), .utf8 = speaks_utf8()},
    };
}

void run_progress(const struct load_progress *now, void *context)
{
    struct run_progress *progress = context;
    struct buf text = {0};
    run_display_take(&progress->display, now);
    if (progress->block) {
        run_display_draw(&progress->display, now, width(), &text);
        put(&text);
    } else if (now->elapsed_ns - progress->said_ns >= LINE_NS) {
        progress->said_ns += LINE_NS;
        run_display_line(&progress->display, now, &text);
        io_note(&progress->log, "%s", buf_text(&text));
    }
    buf_release(&text);
}

void run_progress_clear(struct run_progress *progress)
{
    struct buf text = {0};
    run_display_erase(&progress->display, width(), &text);
    put(&text);
    buf_release(&text);
}
