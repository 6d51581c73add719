#include "cmd/run_progress.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"

#define ERASE_LINE "\r\033[K"

static void draw(const struct buf *line)
{
    struct err ignored = {0}; /* a terminal that went away must not end the run */
    if (fs_write_fd(STDERR_FILENO, "stderr", buf_text(line), line->len, &ignored) < 0)
        return;
}

void run_progress(const struct load_progress *progress, void *context)
{
    (void)context;
    struct buf line = {0};
    int64_t left_ns = progress->total_ns - progress->elapsed_ns;
    buf_addf(&line,
             ERASE_LINE "%s %" PRId64 "s left  %" PRId64 " users  %.0f requests/s  %" PRId64
                        " requests  %" PRId64 " failures",
             progress->warming_up ? "warming up" : "measuring",
             left_ns > 0 ? left_ns / NS_PER_S : 0, progress->users, progress->requests_per_s,
             progress->requests[0] + progress->requests[1],
             progress->failures[0] + progress->failures[1]);
    if (progress->pairs)
        buf_addf(&line, "  %" PRId64 " pairs of blocks", progress->pairs);
    draw(&line);
    buf_release(&line);
}

void run_progress_clear(const struct io_log *log)
{
    struct buf line = {0};
    if (!io_progress(log))
        return;
    buf_add_str(&line, ERASE_LINE);
    draw(&line);
    buf_release(&line);
}
