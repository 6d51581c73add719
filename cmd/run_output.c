#include "cmd/run_output.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/num.h"
#include "cmd/exit.h"
#include "model/history.h"
#include "model/metric.h"
#include "render/locust_csv.h"

static void add_side_path(struct buf *out, const char *path, size_t side)
{
    if (side)
        io_add_base_path(out, path);
    else
        buf_add_str(out, path);
}

/* That a file can be made at `path`. */
static int check_directory(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    struct buf directory = {0};
    struct stat info;
    buf_add(&directory, slash ? path : ".", slash ? (size_t)(slash - path) + 1 : 1);
    int status = 0;
    if (access(buf_text(&directory), W_OK | X_OK) < 0)
        status = err_set_errno(err, errno, "cannot write '%s'", path);
    else if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        status = err_set(err, ERR_IO, "cannot write '%s': it is a directory; name a file", path);
    buf_release(&directory);
    return status;
}

static int clear(const char *path, const struct run_place *place, struct err *err)
{
    return io_clear(path, place->inputs, place->inputs[1] ? 2 : 1, err);
}

static int clear_report(const char *path, const struct run_place *place, struct err *err)
{
    struct stat info;
    bool in_place = strcmp(path, "-") == 0 ||
                    (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode));
    if (!in_place && check_directory(path, err) < 0)
        return -1;
    return clear(path, place, err);
}

/* One side's files. Inputs are refused as outputs, and what an earlier run left is removed, so that
 * it cannot be taken for this one's. */
static int clear_side(const struct run_place *place, size_t side, struct err *err)
{
    struct buf path = {0};
    add_side_path(&path, place->report, side);
    int status = clear_report(buf_text(&path), place, err);
    for (size_t i = 0; status == 0 && place->csv && i < LOCUST_CSV_FILES; i++) {
        buf_reset(&path);
        add_side_path(&path, place->csv, side);
        buf_add_str(&path, locust_csv_files[i].suffix);
        status = clear(buf_text(&path), place, err);
    }
    buf_release(&path);
    return status;
}

int run_output_clear(const struct run_place *place, struct err *err)
{
    if (place->csv && check_directory(place->csv, err) < 0)
        return -1;
    if (place->paired && strcmp(place->report, "-") == 0)
        return err_set(err, ERR_USAGE,
                       "a paired run writes two reports: give --output the name of a file");
    int status = clear_side(place, 0, err);
    return status == 0 && place->paired ? clear_side(place, 1, err) : status;
}

static int write_side(const struct load_side *side, const char *path, struct err *err)
{
    struct buf text = {0};
    report_encode(&side->report, &text);
    int status = io_write(path, &text, err);
    buf_release(&text);
    return status;
}

/* Locust's four files, named PREFIX_stats.csv and so on. */
static int write_csv(const struct load_side *side, const char *prefix, struct err *err)
{
    struct arena arena = {0};
    struct buf path = {0}, text = {0};
    struct history history;
    history_build(&side->report, side->seconds, side->n_seconds, &arena, &history);
    int status = 0;
    for (size_t i = 0; status == 0 && i < LOCUST_CSV_FILES; i++) {
        buf_reset(&path);
        buf_reset(&text);
        buf_addf(&path, "%s%s", prefix, locust_csv_files[i].suffix);
        locust_csv_files[i].render(&side->report, &history, &text);
        status = fs_write(buf_text(&path), text.data, text.len, err);
    }
    buf_release(&path);
    buf_release(&text);
    arena_release(&arena);
    return status;
}

int run_output_write(const struct load_result *result, const char *path, const char *csv,
                     struct err *err)
{
    struct buf name = {0};
    int status = 0;
    /* The candidate's last: where its report is, all the others are too. */
    for (size_t side = result->n_sides; status == 0 && side-- > 0;) {
        buf_reset(&name);
        if (csv) {
            add_side_path(&name, csv, side);
            status = write_csv(&result->sides[side], buf_text(&name), err);
        }
        buf_reset(&name);
        add_side_path(&name, path, side);
        if (status == 0)
            status = write_side(&result->sides[side], buf_text(&name), err);
    }
    buf_release(&name);
    return status;
}

static void add_latencies(struct buf *text, const struct metrics *metrics)
{
    static const enum metric shown[] = {METRIC_AVERAGE, METRIC_P95, METRIC_P99};
    for (size_t i = 0; !isnan(metrics->average_ms) && i < sizeof shown / sizeof shown[0]; i++) {
        buf_addf(text, ", %s ", metric_info(shown[i])->title);
        metric_add_text(text, shown[i], metric_value(metrics, shown[i]), 0);
    }
}

static void summarize(const struct report *report, const char *side, const struct io_log *log)
{
    const struct metrics *metrics = &report->metrics;
    struct buf text = {0};
    buf_addf(&text, "%s%" PRId64 " requests in ", side, metrics->total_requests);
    num_add_duration(&text, (report->duration_ns + NS_PER_MS / 2) / NS_PER_MS * NS_PER_MS);
    buf_addf(&text, " (%.1f/s), %" PRId64 " failures", metrics->requests_per_s,
             metrics->total_failures);
    add_latencies(&text, metrics);
    if (report->from_send) {
        buf_add_str(&text, "; from the send");
        add_latencies(&text, &report->from_send->metrics);
    }
    io_note(log, "%s", buf_text(&text));
    buf_release(&text);
}

/* How a run that was looked at ended; one that is not valid has more to tell. */
static void say_look(const struct load_result *result, const struct io_log *log)
{
    const struct report *candidate = &result->sides[0].report;
    struct buf text = {0};
    if (!candidate->pair || !candidate->pair->look)
        return;
    report_add_look(&text, candidate, &result->sides[1].report);
    io_note(log, "%s", buf_text(&text));
    buf_release(&text);
}

int run_output_summary(const struct load_result *result, const struct io_log *log)
{
    bool valid = true;
    for (size_t i = 0; i < result->n_sides; i++) {
        const struct report *report = &result->sides[i].report;
        const char *side = result->n_sides == 1 ? "" : i == 0 ? "candidate: " : "base: ";
        summarize(report, side, log);
        for (size_t j = 0; j < report->health.n_notes; j++)
            io_note(log, "%s%s", side, report->health.notes[j]);
        valid = valid && report->health.valid;
        for (size_t j = 0; j < report->health.n_reasons; j++)
            io_warn(log, "%sthe run is not valid: %s", side,
                    invalid_reason_text(report->health.reasons[j]));
    }
    if (valid)
        say_look(result, log);
    return valid ? EXIT_PASS : EXIT_UNDECIDED;
}
