/*
 * What perf-run shows of a run under way: a block of three or four lines that is redrawn in place,
 * or a plain line now and then.
 *
 * Only texts are made here; run_progress.c knows the terminal. The block rests with the cursor at
 * the start of the line below it, so that whatever comes next, a signal that ends the process
 * included, finds a clean line; nothing of the terminal's state is changed. Lines are cut by
 * leaving parts out, the last ones first, and never wrap. A terminal that became narrower has
 * wrapped the old lines, which is reckoned with.
 * A zeroed struct is ready for use.
 */
#ifndef PERFGATE_CMD_RUN_DISPLAY_H
#define PERFGATE_CMD_RUN_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "load/run.h"

#define DISPLAY_TRACE 40 /* seconds of a sparkline at most */
#define DISPLAY_LINES 4

/* The p95 of the latest seconds of one side. */
struct display_trace {
    int64_t second; /* of the newest */
    size_t n;
    double p95_ms[DISPLAY_TRACE]; /* the oldest first */
};

struct run_display {
    bool color; /* colours may be used */
    bool utf8;  /* the terminal shows UTF-8: blocks for the bar and the sparkline */
    struct display_trace traces[2];
    int64_t rated_ns, rated_requests; /* where the rate is counted from */
    double rate;                      /* requests per second, over a second or more */
    size_t drawn;                     /* lines of the block that is on the screen */
    size_t columns[DISPLAY_LINES];    /* their widths */
};

/* Takes in what is new. Before each of the following. */
void run_display_take(struct run_display *display, const struct load_progress *progress);

/* Appends what replaces the block on the screen by a new one, on a terminal of `width` columns. */
void run_display_draw(struct run_display *display, const struct load_progress *progress,
                      size_t width, struct buf *out);

/* Appends what takes the block away. */
void run_display_erase(struct run_display *display, size_t width, struct buf *out);

/* Appends a line without colour and without a line break. */
void run_display_line(const struct run_display *display, const struct load_progress *progress,
                      struct buf *out);

#endif
