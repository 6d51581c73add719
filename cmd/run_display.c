#include "cmd/run_display.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"

#define BAR_MOST  40
#define BAR_LEAST 8
/* Between the parts of a line. */
#define GAP "  "

/* A line under construction. */
struct line {
    struct buf *out;
    size_t columns, width;
    bool full;
    bool color;
};

/* ---- figures ---- */

static void trace(struct display_trace *trace, const struct load_recent *recent)
{
    if (recent->second <= trace->second)
        return;
    if (trace->n == DISPLAY_TRACE)
        memmove(trace->p95_ms, trace->p95_ms + 1, --trace->n * sizeof trace->p95_ms[0]);
    trace->p95_ms[trace->n++] = recent->p95_ms;
    trace->second = recent->second;
}

static int64_t requests(const struct load_progress *progress)
{
    return progress->requests[0] + progress->requests[1];
}

void run_display_take(struct run_display *display, const struct load_progress *progress)
{
    for (size_t i = 0; i < progress->n_sides; i++)
        trace(&display->traces[i], &progress->recent[i]);
    int64_t passed_ns = progress->elapsed_ns - display->rated_ns;
    if (passed_ns < NS_PER_S && display->rated_ns)
        return;
    int64_t done = requests(progress) - display->rated_requests;
    display->rate = passed_ns > 0 ? (double)done * (double)NS_PER_S / (double)passed_ns : 0;
    display->rated_ns = progress->elapsed_ns;
    display->rated_requests = requests(progress);
}

static int64_t left_s(const struct load_progress *progress)
{
    int64_t left_ns = progress->total_ns - progress->elapsed_ns;
    return left_ns > 0 ? (left_ns + NS_PER_S - 1) / NS_PER_S : 0;
}

/* ---- parts of a line ---- */

/* Text of ASCII characters; left out, with all behind it, where there is no room. */
static void add_part(struct line *line, const char *sgr, const char *text)
{
    size_t gap = line->columns ? sizeof GAP - 1 : 0, columns = gap + strlen(text);
    line->full = line->full || line->columns + columns > line->width;
    if (line->full)
        return;
    buf_add_str(line->out, gap ? GAP : "");
    if (line->color && sgr)
        buf_addf(line->out, "\033[%sm%s\033[0m", sgr, text);
    else
        buf_add_str(line->out, text);
    line->columns += columns;
}

static void add_partf(struct line *line, const char *sgr, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add_partf(struct line *line, const char *sgr, const char *format, ...)
{
    char text[96];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_part(line, sgr, text);
}

/* "p95 1.23 ms", as wide whatever the value is. */
static void add_latency(struct line *line, const char *name, double ms, bool known)
{
    struct buf text = {0};
    if (known)
        num_add_latency(&text, ms, 0);
    else
        buf_add_char(&text, '-');
    add_partf(line, NULL, "%s %-7s", name, buf_text(&text));
    buf_release(&text);
}

static void add_failures(struct line *line, int64_t failures)
{
    add_partf(line, failures ? "31" : NULL, "%" PRId64 " failures", failures);
}

/* Glyphs of one column each. */
static void add_glyphs(struct line *line, const char *const *glyphs, const size_t *which, size_t n)
{
    buf_add_str(line->out, GAP);
    for (size_t i = 0; i < n; i++)
        buf_add_str(line->out, glyphs[which[i]]);
    line->columns += sizeof GAP - 1 + n;
}

/* The room for glyphs with `behind` columns kept free behind them; at most `most`. */
static size_t room(const struct line *line, size_t behind, size_t most)
{
    size_t taken = line->columns + sizeof GAP - 1 + behind;
    size_t left = line->full || taken > line->width ? 0 : line->width - taken;
    return left < most ? left : most;
}

static void add_bar(struct line *line, const struct run_display *display, double done)
{
    static const char *const blocks[] = {"\u2591", "\u2588"};
    static const char *const signs[] = {".", "#"};
    size_t which[BAR_MOST];
    size_t n = room(line, sizeof "  100 %  86400 s left" - 1, BAR_MOST);
    if (n < BAR_LEAST)
        return;
    for (size_t i = 0; i < n; i++)
        which[i] = (double)i + 0.5 < done * (double)n;
    add_glyphs(line, display->utf8 ? blocks : signs, which, n);
}

/* From 0 to the largest of the values that are shown. */
static void add_sparkline(struct line *line, const struct run_display *display,
                          const struct display_trace *trace)
{
    static const char *const blocks[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                         "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char *const signs[] = {"_", ".", ":", "-", "=", "+", "*", "#"};
    enum { LEVELS = sizeof blocks / sizeof blocks[0] };
    size_t which[DISPLAY_TRACE];
    size_t n = room(line, 0, DISPLAY_TRACE);
    double most = 0;
    n = n < trace->n ? n : trace->n;
    const double *values = trace->p95_ms + (trace->n - n);
    if (!n)
        return;
    for (size_t i = 0; i < n; i++)
        most = values[i] > most ? values[i] : most;
    for (size_t i = 0; i < n; i++) {
        size_t level = most > 0 ? (size_t)(values[i] / most * LEVELS) : 0;
        which[i] = level < LEVELS ? level : LEVELS - 1;
    }
    add_glyphs(line, display->utf8 ? blocks : signs, which, n);
}

/* ---- the lines ---- */

static const char *state(const struct load_progress *progress)
{
    return progress->warming_up ? "warming up" : "measuring ";
}

static void add_time(struct line *line, const struct run_display *display,
                     const struct load_progress *progress)
{
    double done =
        progress->total_ns > 0 ? (double)progress->elapsed_ns / (double)progress->total_ns : 0;
    done = done > 1 ? 1 : done;
    add_part(line, "1", state(progress));
    add_bar(line, display, done);
    add_partf(line, NULL, "%3.0f %%", 100 * done);
    add_partf(line, NULL, "%" PRId64 " s left", left_s(progress));
}

static void add_counts(struct line *line, const struct run_display *display,
                       const struct load_progress *progress)
{
    add_partf(line, NULL, "%" PRId64 " users", progress->users);
    add_partf(line, NULL, "%.0f requests/s", display->rate);
    add_failures(line, progress->failures[0] + progress->failures[1]);
    add_partf(line, NULL, "%" PRId64 " requests", requests(progress));
    if (progress->pairs)
        add_partf(line, NULL, "%" PRId64 " pairs of blocks", progress->pairs);
}

static void add_side(struct line *line, const struct run_display *display,
                     const struct load_progress *progress, size_t side)
{
    const struct load_recent *recent = &progress->recent[side];
    bool known = recent->second > 0;
    if (progress->n_sides > 1)
        add_part(line, "1", side ? "base      " : "candidate ");
    add_latency(line, "p50", recent->p50_ms, known);
    add_latency(line, "p95", recent->p95_ms, known);
    add_latency(line, "p99", recent->p99_ms, known);
    if (progress->n_sides > 1)
        add_failures(line, progress->failures[side]);
    add_sparkline(line, display, &display->traces[side]);
}

/* ---- the block ---- */

static struct line begin_line(const struct run_display *display, size_t width, struct buf *out)
{
    /* A character in the last column makes some terminals wrap. */
    return (struct line){.out = out, .width = width > 1 ? width - 1 : 0, .color = display->color};
}

static void end_line(struct run_display *display, const struct line *line)
{
    buf_add_str(line->out, "\033[K\r\n");
    display->columns[display->drawn++] = line->columns;
}

/* To the first column of the block's first line. */
static void go_up(struct run_display *display, size_t width, struct buf *out)
{
    size_t rows = 0;
    for (size_t i = 0; i < display->drawn; i++)
        rows +=
            width && display->columns[i] > width ? (display->columns[i] + width - 1) / width : 1;
    buf_add_char(out, '\r');
    if (rows)
        buf_addf(out, "\033[%zuA", rows);
    display->drawn = 0;
}

void run_display_draw(struct run_display *display, const struct load_progress *progress,
                      size_t width, struct buf *out)
{
    go_up(display, width, out);
    struct line line = begin_line(display, width, out);
    add_time(&line, display, progress);
    end_line(display, &line);
    line = begin_line(display, width, out);
    add_counts(&line, display, progress);
    end_line(display, &line);
    for (size_t i = 0; i < progress->n_sides; i++) {
        line = begin_line(display, width, out);
        add_side(&line, display, progress, i);
        end_line(display, &line);
    }
    buf_add_str(out, "\033[J");
}

void run_display_erase(struct run_display *display, size_t width, struct buf *out)
{
    if (!display->drawn)
        return;
    go_up(display, width, out);
    buf_add_str(out, "\033[J");
}

/* ---- plain lines ---- */

void run_display_line(const struct run_display *display, const struct load_progress *progress,
                      struct buf *out)
{
    static const char *const sides[] = {"candidate", "base"};
    buf_addf(out,
             "%s, %" PRId64 " s left: %" PRId64 " users, %.0f requests/s, %" PRId64
             " requests, %" PRId64 " failures",
             progress->warming_up ? "warming up" : "measuring", left_s(progress), progress->users,
             display->rate, requests(progress), progress->failures[0] + progress->failures[1]);
    bool paired = progress->n_sides > 1;
    for (size_t i = 0; i < (paired ? 2 : 1); i++) {
        const struct load_recent *recent = &progress->recent[i];
        if (!recent->second)
            continue;
        buf_addf(out, "%s%s%s ", paired ? "; " : ", ", paired ? sides[i] : "",
                 paired ? " p50" : "p50");
        num_add_latency(out, recent->p50_ms, 0);
        buf_add_str(out, ", p95 ");
        num_add_latency(out, recent->p95_ms, 0);
        buf_add_str(out, ", p99 ");
        num_add_latency(out, recent->p99_ms, 0);
    }
}
