/*
 * What h2load (1.52) prints; h2load_log.c has its --log-file and h2load_json.c its --output-file.
 *
 * A request is timed from its sending, without connecting. "failed" are those with a status from
 * 400 on and, as "errored", those whose connection failed, of which "timeout" is a part; the latter
 * are not timed. There are no percentiles unless the table has columns of theirs.
 */
#include <string.h>

#include "import/collect.h"
#include "import/formats.h"
#include "import/lines.h"
#include "import/object.h"
#include "import/summary.h"
#include "import/text.h"

#define WORDS 16

static const struct summary_figure columns[] = {
    {"min", offsetof(struct metrics, min_ms)},      {"max", offsetof(struct metrics, max_ms)},
    {"mean", offsetof(struct metrics, average_ms)}, {"median", offsetof(struct metrics, median_ms)},
    {"p95", offsetof(struct metrics, p95_ms)},      {"p99", offsetof(struct metrics, p99_ms)},
};
#define N_COLUMNS (sizeof columns / sizeof columns[0])

struct h2load {
    struct summary *summary;
    bool running, counted, headed, whole;
    size_t at[N_COLUMNS]; /* 0 = no such column, else its place from 1 */
    int64_t done, succeeded, failed, errored, timeout, status;
    double ms;
};

bool h2load_recognise(struct span head)
{
    return text_holds(head, "time for request:") && text_holds(head, " errored, ") &&
           text_holds(head, " started, ");
}

/* The count before a word: "27 failed," */
static int count_of(const struct span *words, size_t n, const char *word, int64_t *out,
                    struct err *err)
{
    for (size_t i = 1; i < n; i++) {
        struct span name = words[i];
        if (name.len && name.at[name.len - 1] == ',')
            name.len--;
        if (text_equals(name, word))
            return text_count(words[i - 1], word, OBJECT_MAX_COUNT / 8, out, err);
    }
    return err_set(err, ERR_INPUT, "expected a count that is '%s'", word);
}

static int take_requests(struct h2load *h2load, const struct span *words, size_t n, struct err *err)
{
    h2load->counted = true;
    return count_of(words, n, "done", &h2load->done, err) < 0 ||
                   count_of(words, n, "succeeded", &h2load->succeeded, err) < 0 ||
                   count_of(words, n, "failed", &h2load->failed, err) < 0 ||
                   count_of(words, n, "errored", &h2load->errored, err) < 0 ||
                   count_of(words, n, "timeout", &h2load->timeout, err) < 0
               ? -1
               : 0;
}

static int take_statuses(struct h2load *h2load, const struct span *words, size_t n, struct err *err)
{
    int64_t of_client, of_server;
    if (count_of(words, n, "4xx", &of_client, err) < 0 ||
        count_of(words, n, "5xx", &of_server, err) < 0)
        return -1;
    h2load->status = of_client + of_server;
    return 0;
}

/* "finished in 126.28ms, 3167.46 req/s, 12.59MB/s" */
static int take_finish(struct h2load *h2load, const struct span *words, size_t n, struct err *err)
{
    int64_t step_ns;
    if (h2load->running)
        return err_set(err, ERR_INPUT, "expected one run, found a second; make a file of each");
    h2load->running = true;
    if (n < 4 || words[2].len < 2)
        return err_set(err, ERR_INPUT, "expected a duration and a rate");
    struct span duration = {words[2].at, words[2].len - 1};
    return summary_time(duration, "duration", &h2load->ms, &step_ns, err) < 0
               ? -1
               : text_number(words[3], "req/s", SUMMARY_MAX,
                             &h2load->summary->report->metrics.requests_per_s, err);
}

/* "spawning thread #0: 8 total client(s). 400 total requests" */
static int take_clients(struct h2load *h2load, const struct span *words, size_t n, struct err *err)
{
    int64_t clients;
    if (n < 4 || text_count(words[3], "total client(s)", 1000000, &clients, err) < 0)
        return n < 4 ? 0 : -1;
    h2load->summary->report->users += clients;
    return 0;
}

static int take_head(struct h2load *h2load, const struct span *words, size_t n, struct err *err)
{
    (void)err;
    for (size_t i = 0; i < N_COLUMNS; i++)
        for (size_t at = 0; at < n; at++)
            if (text_equals(words[at], columns[i].key))
                h2load->at[i] = at + 1;
    h2load->headed = true;
    return 0;
}

/* "time for request:      792us      5.07ms      2.34ms       833us    68.25%" */
static int take_times(struct h2load *h2load, const struct span *words, size_t n, struct err *err)
{
    struct report *report = h2load->summary->report;
    for (size_t i = 0; i < N_COLUMNS; i++) {
        int64_t step_ns;
        double ms;
        size_t at = h2load->at[i] + 2; /* behind "time for request:" */
        if (!h2load->at[i])
            continue;
        if (at >= n)
            return err_set(err, ERR_INPUT, "expected a time for each column of the table");
        if (summary_time(words[at], columns[i].key, &ms, &step_ns, err) < 0)
            return -1;
        memcpy((char *)&report->metrics + columns[i].offset, &ms, sizeof ms);
        if (columns[i].offset != offsetof(struct metrics, min_ms))
            report->resolution_ns = summary_finer(report->resolution_ns, step_ns);
    }
    return 0;
}

static int take_end(struct h2load *h2load, const struct span *words, size_t n, struct err *err)
{
    (void)words;
    (void)n;
    (void)err;
    h2load->whole = h2load->headed;
    return 0;
}

static const struct {
    const char *begin;
    int (*take)(struct h2load *h2load, const struct span *words, size_t n, struct err *err);
} kinds[] = {
    {"spawning thread ", take_clients}, {"finished in ", take_finish},
    {"requests: ", take_requests},      {"status codes: ", take_statuses},
    {"time for request:", take_times},  {"req/s ", take_end},
};

static int take_line(void *context, const struct line *line, struct err *err)
{
    struct h2load *h2load = context;
    struct span words[WORDS];
    size_t n = lines_words(line->text, words, WORDS);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (lines_begin(line->text, kinds[i].begin, NULL))
            return kinds[i].take(h2load, words, n, err);
    if (n && text_equals(words[0], "min"))
        return take_head(h2load, words, n, err);
    return 0;
}

/* ---- the whole ---- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void settle(struct h2load *h2load)
{
    struct report *report = h2load->summary->report;
    double per_s = report->metrics.requests_per_s;
    /* A response may have broken off behind its status, and then be of both. */
    int64_t errored = least(h2load->errored, h2load->failed);
    int64_t timeout = least(h2load->timeout, errored);
    int64_t status = least(h2load->status, h2load->failed - errored);
    if (!h2load->done) {
        report->metrics = metrics_unknown();
        report->resolution_ns = 0;
    }
    report->metrics.requests_per_s = per_s;
    report->metrics.total_requests = h2load->succeeded + h2load->failed;
    summary_failed(h2load->summary, "status", status, "status 400 or above");
    summary_failed(h2load->summary, "timeout", timeout, "no response in time");
    summary_failed(h2load->summary, "other", errored - timeout, "the connection failed");
    summary_failed(h2load->summary, "other", h2load->failed - errored - status, "no response");
    collect_duration(report, h2load->ms / 1000);
}

static int read_text(struct summary *summary, const struct import_file *file, struct err *err)
{
    struct h2load h2load = {.summary = summary};
    if (lines_read(file, take_line, &h2load, summary->report, err) < 0)
        return -1;
    if (!h2load.counted)
        return summary_cut(file, "requests: N total, ...", err);
    if (!h2load.whole)
        return summary_cut(file, "req/s : N", err);
    settle(&h2load);
    return 0;
}

int h2load_read(const struct import_file *file, struct report *report, struct err *err)
{
    return summary_read_text(file, read_text, report, err);
}
