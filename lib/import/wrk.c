/*
 * What wrk (4.0 to 4.2) and wrk2 print, with and without --latency.
 *
 * Times have three digits, and the unit changes at 0.85 of the next one ("0.89ms"). A latency
 * begins when a request is sent on a connection that is there; wrk2's begins when it was due.
 * Responses from status 400 on are among the requests, and timed. Those that lasted longer than
 * --timeout are among the requests and not timed. Where a connection failed, there was no response
 * at all, so these count in addition.
 *
 * wrk2 prints the percentiles of its HdrHistogram twice: with three digits, and as a spectrum in ms
 * with three decimals, which has no row for the 99th. What -U adds, without what was late, is
 * passed over.
 */
#include <math.h>

#include "import/collect.h"
#include "import/formats.h"
#include "import/lines.h"
#include "import/object.h"
#include "import/summary.h"
#include "import/text.h"

#define WORDS 12

enum section { NOWHERE, DISTRIBUTION, SPECTRUM, PASSED_OVER };

struct wrk {
    struct summary *summary;
    enum section section;
    bool running, counted, whole;
    int64_t complete, status, connect, read, write, timeout;
    double seconds_ms;
};

static bool is_wrk(struct span head)
{
    return text_holds(head, " test @ ") && text_holds(head, "Thread Stats");
}

bool wrk2_recognise(struct span head)
{
    return is_wrk(head) && (text_holds(head, "Thread calibration:") ||
                            text_holds(head, "HdrHistogram - Recorded Latency"));
}

bool wrk_recognise(struct span head)
{
    return is_wrk(head) && !wrk2_recognise(head);
}

/* ---- lines ---- */

struct words {
    size_t n;
    struct span at[WORDS];
};

/* Without what it ends in. */
static struct span without(struct span word, char end)
{
    if (word.len && word.at[word.len - 1] == end)
        word.len--;
    return word;
}

static bool is_words(const struct words *words, const char *first, const char *second)
{
    return words->n >= 2 && text_equals(words->at[0], first) &&
           (!second || text_equals(words->at[1], second));
}

static int take_time(struct wrk *wrk, struct span text, double *out_ms, struct err *err)
{
    int64_t step_ns;
    if (summary_time(text, "latency", out_ms, &step_ns, err) < 0)
        return -1;
    struct report *report = wrk->summary->report;
    report->resolution_ns = summary_finer(report->resolution_ns, step_ns);
    return 0;
}

static int take_running(struct wrk *wrk, const struct words *words, struct err *err)
{
    if (wrk->running)
        return err_set(err, ERR_INPUT, "expected one run, found a second; make a file of each");
    wrk->running = true;
    summary_url(wrk->summary, words->at[4]);
    return 0;
}

static int take_latency(struct wrk *wrk, const struct words *words, struct err *err)
{
    struct metrics *metrics = &wrk->summary->report->metrics;
    int64_t step_ns;
    return take_time(wrk, words->at[1], &metrics->average_ms, err) < 0 ||
                   summary_time(words->at[3], "latency", &metrics->max_ms, &step_ns, err) < 0
               ? -1
               : 0;
}

/* "99.900%   12.30ms" */
static int take_percentile(struct wrk *wrk, const struct words *words, struct err *err)
{
    double percent, ms;
    if (text_number(without(words->at[0], '%'), "percentile", 100, &percent, err) < 0 ||
        take_time(wrk, words->at[1], &ms, err) < 0)
        return -1;
    double *member = summary_percentile(&wrk->summary->report->metrics, percent);
    if (member)
        *member = ms;
    return 0;
}

/* "12.495     0.950000        39500        20.00" */
static int take_spectrum(struct wrk *wrk, const struct words *words, struct err *err)
{
    double ms, share;
    if (text_number(words->at[0], "Value", SUMMARY_MAX, &ms, err) < 0 ||
        text_number(words->at[1], "Percentile", 1, &share, err) < 0)
        return -1;
    struct report *report = wrk->summary->report;
    double *member = summary_percentile(&report->metrics, share * 100);
    if (member)
        *member = ms;
    if (share <= 0)
        report->metrics.min_ms = ms;
    return 0;
}

/* "#[Mean    =        6.455, StdDeviation   =        1.926]" */
static int take_exact(struct wrk *wrk, const struct words *words, struct err *err)
{
    struct metrics *metrics = &wrk->summary->report->metrics;
    double *member = text_equals(words->at[0], "#[Mean") ? &metrics->average_ms : &metrics->max_ms;
    return text_number(without(words->at[2], ','), "latency", SUMMARY_MAX, member, err);
}

static int take_counts(struct wrk *wrk, const struct words *words, struct err *err)
{
    int64_t step_ns;
    wrk->counted = true;
    return text_count(words->at[0], "requests", OBJECT_MAX_COUNT, &wrk->complete, err) < 0
               ? -1
               : summary_time(without(words->at[3], ','), "duration", &wrk->seconds_ms, &step_ns,
                              err);
}

/* "Socket errors: connect 0, read 12, write 0, timeout 3" */
static int take_socket(struct wrk *wrk, const struct words *words, struct err *err)
{
    int64_t *const counts[] = {&wrk->connect, &wrk->read, &wrk->write, &wrk->timeout};
    for (size_t i = 0; i < 4; i++) {
        size_t at = 3 + 2 * i;
        if (at >= words->n)
            return err_set(err, ERR_INPUT, "expected four counts of socket errors");
        if (text_count(without(words->at[at], ','), "socket errors", OBJECT_MAX_COUNT / 8,
                       counts[i], err) < 0)
            return -1;
    }
    return 0;
}

static int take_status(struct wrk *wrk, const struct words *words, struct err *err)
{
    return text_count(words->at[words->n - 1], "Non-2xx or 3xx responses", OBJECT_MAX_COUNT / 8,
                      &wrk->status, err);
}

static int take_rate(struct wrk *wrk, const struct words *words, struct err *err)
{
    return text_number(words->at[1], "Requests/sec", SUMMARY_MAX,
                       &wrk->summary->report->metrics.requests_per_s, err);
}

static int take_users(struct wrk *wrk, const struct words *words, struct err *err)
{
    return text_count(words->at[3], "connections", 1000000, &wrk->summary->report->users, err);
}

/* Lines that begin a section, or belong to one. */
static int take_distribution(struct wrk *wrk, const struct words *words, struct span line,
                             struct err *err)
{
    if (text_holds(line, "Latency Distribution")) {
        wrk->section = text_holds(line, "Uncorrected") ? PASSED_OVER : DISTRIBUTION;
        return 0;
    }
    if (wrk->section == PASSED_OVER || wrk->section == NOWHERE)
        return 0;
    if (is_words(words, "Detailed", "Percentile"))
        wrk->section = SPECTRUM;
    else if (wrk->section == DISTRIBUTION && words->n == 2 &&
             words->at[0].at[words->at[0].len - 1] == '%')
        return take_percentile(wrk, words, err);
    else if (wrk->section == SPECTRUM && words->n == 4 && !is_words(words, "Value", NULL))
        return take_spectrum(wrk, words, err);
    else if (words->n >= 3 && lines_begin(words->at[0], "#[M", NULL))
        return take_exact(wrk, words, err);
    return 0;
}

static int take_line(void *context, const struct line *line, struct err *err)
{
    struct wrk *wrk = context;
    struct words words = {.n = 0};
    words.n = lines_words(line->text, words.at, WORDS);
    if (is_words(&words, "Running", NULL) && words.n >= 5 && text_equals(words.at[3], "@"))
        return take_running(wrk, &words, err);
    if (words.n == 5 && text_equals(words.at[4], "connections"))
        return take_users(wrk, &words, err);
    if (words.n == 5 && is_words(&words, "Latency", NULL))
        return take_latency(wrk, &words, err);
    if (words.n >= 5 && text_equals(words.at[1], "requests") && text_equals(words.at[2], "in")) {
        wrk->section = NOWHERE;
        return take_counts(wrk, &words, err);
    }
    if (is_words(&words, "Socket", "errors:"))
        return take_socket(wrk, &words, err);
    if (is_words(&words, "Non-2xx", NULL))
        return take_status(wrk, &words, err);
    if (is_words(&words, "Requests/sec:", NULL))
        return take_rate(wrk, &words, err);
    wrk->whole = wrk->whole || is_words(&words, "Transfer/sec:", NULL);
    return take_distribution(wrk, &words, line->text, err);
}

/* ---- the whole ---- */

/* A response that came too late may have a status from 400 on as well, so there may be fewer
 * failures, but not more than requests. */
static void add_failures(struct wrk *wrk)
{
    int64_t room = wrk->complete > wrk->status ? wrk->complete - wrk->status : 0;
    int64_t late = wrk->timeout < room ? wrk->timeout : room;
    summary_failed(wrk->summary, "status", wrk->status, "status 400 or above");
    summary_failed(wrk->summary, "timeout", late, "longer than --timeout");
    summary_failed(wrk->summary, "other", wrk->connect, "connecting failed");
    summary_failed(wrk->summary, "other", wrk->read, "reading failed");
    summary_failed(wrk->summary, "other", wrk->write, "writing failed");
}

static void settle(struct wrk *wrk)
{
    struct report *report = wrk->summary->report;
    double per_s = report->metrics.requests_per_s;
    if (!(report->metrics.max_ms > 0)) { /* none was timed */
        report->metrics = metrics_unknown();
        report->resolution_ns = 0;
    }
    report->metrics.requests_per_s = per_s;
    report->metrics.total_requests = wrk->complete + wrk->connect + wrk->read + wrk->write;
    add_failures(wrk);
    if (wrk->timeout)
        collect_note(report, "%lld timeouts are counted among the failures",
                     (long long)wrk->timeout);
    collect_duration(report, wrk->seconds_ms / 1000);
}

static int read_text(struct summary *summary, const struct import_file *file, struct err *err)
{
    struct wrk wrk = {.summary = summary};
    if (lines_read(file, take_line, &wrk, summary->report, err) < 0)
        return -1;
    if (!wrk.counted)
        return summary_cut(file, "N requests in TIME", err);
    if (isnan(summary->report->metrics.requests_per_s))
        return summary_cut(file, "Requests/sec: N", err);
    if (!wrk.whole)
        return summary_cut(file, "Transfer/sec: N", err);
    settle(&wrk);
    return 0;
}

int wrk_read(const struct import_file *file, struct report *report, struct err *err)
{
    return summary_read_text(file, read_text, report, err);
}
