/*
 * What hey (0.1.4) prints; hey_csv.c has its CSV.
 *
 * Times are seconds with four decimals, and include connecting. How many requests there were is the
 * sum of the distributions of statuses and errors; the histogram has as many as the former, so that
 * a file which was cut off is found. hey keeps the first 1,000,000 responses; of a longer run the
 * statuses and percentiles are theirs, and its average is wrong (a sum over all, divided by them).
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/lines.h"
#include "import/object.h"
#include "import/summary.h"
#include "import/text.h"

#define WORDS 6
#define KEPT  1000000 /* responses that hey keeps */

enum section { NOWHERE, SUMMARY, HISTOGRAM, DISTRIBUTION, STATUSES, ERRORS };

static const struct {
    const char *title;
    enum section section;
} sections[] = {
    {"Summary:", SUMMARY},
    {"Response time histogram:", HISTOGRAM},
    {"Latency distribution:", DISTRIBUTION},
    {"Details (", NOWHERE},
    {"Status code distribution:", STATUSES},
    {"Error distribution:", ERRORS},
};

static const struct summary_figure figures[] = {
    {"Slowest:", offsetof(struct metrics, max_ms)},
    {"Fastest:", offsetof(struct metrics, min_ms)},
    {"Average:", offsetof(struct metrics, average_ms)},
};

struct hey {
    struct summary *summary;
    enum section section;
    bool running, listed;
    int64_t in_histogram, responses, errors;
    double seconds;
};

bool hey_recognise(struct span head)
{
    return text_holds(head, "Response time histogram:") && text_holds(head, "Requests/sec:") &&
           text_holds(head, " secs");
}

/* "0.0016", or NaN where there was none. */
static int take_ms(struct span text, const char *what, double *out, struct err *err)
{
    *out = (double)NAN;
    if (text_equals(text, "NaN"))
        return 0;
    if (text_number(text, what, SUMMARY_MAX / 1e3, out, err) < 0)
        return -1;
    *out *= 1000;
    return 0;
}

static int take_summary(struct hey *hey, const struct span *words, struct err *err)
{
    struct metrics *metrics = &hey->summary->report->metrics;
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        if (text_equals(words[0], figures[i].key))
            return take_ms(words[1], figures[i].key,
                           (double *)(void *)((char *)metrics + figures[i].offset), err);
    if (text_equals(words[0], "Total:"))
        return text_number(words[1], "Total", 1e9, &hey->seconds, err);
    if (text_equals(words[0], "Requests/sec:"))
        return text_number(words[1], "Requests/sec", SUMMARY_MAX, &metrics->requests_per_s, err);
    return 0;
}

/* "[27]": a count in brackets */
static int take_bracket(struct span word, int64_t *out, struct err *err)
{
    if (word.len < 3 || word.at[0] != '[' || word.at[word.len - 1] != ']')
        return err_set(err, ERR_INPUT, "expected a count in brackets");
    return text_count((struct span){word.at + 1, word.len - 2}, "count", OBJECT_MAX_COUNT / 8, out,
                      err);
}

static int take_bar(struct hey *hey, const struct span *words, struct err *err)
{
    int64_t count;
    if (take_bracket(words[1], &count, err) < 0)
        return -1;
    hey->in_histogram += count;
    return hey->in_histogram > OBJECT_MAX_COUNT
               ? err_set(err, ERR_INPUT, "the counts add up to more than 2^43")
               : 0;
}

/* "95% in 0.0046 secs" */
static int take_percentile(struct hey *hey, const struct span *words, size_t n, struct err *err)
{
    double percent, ms;
    if (n != 4 || words[0].at[words[0].len - 1] != '%')
        return err_set(err, ERR_INPUT, "expected a line as '95%% in 0.0046 secs'");
    if (text_number((struct span){words[0].at, words[0].len - 1}, "percentile", 100, &percent,
                    err) < 0 ||
        take_ms(words[2], "percentile", &ms, err) < 0)
        return -1;
    double *member = summary_percentile(&hey->summary->report->metrics, percent);
    if (member)
        *member = ms;
    return 0;
}

/* "[500]	27 responses" */
static int take_status(struct hey *hey, const struct span *words, size_t n, struct err *err)
{
    char message[32] = "status ";
    int64_t status, count;
    if (n != 3 || !text_equals(words[2], "responses"))
        return err_set(err, ERR_INPUT,
                       "expected a line as '[200] 400 responses'; the file may be "
                       "cut off");
    if (take_bracket(words[0], &status, err) < 0 ||
        text_count(words[1], "responses", OBJECT_MAX_COUNT / 8, &count, err) < 0)
        return -1;
    memcpy(message + 7, words[0].at + 1, words[0].len - 2 < 16 ? words[0].len - 2 : 16);
    hey->responses += count;
    if (status >= 400 || status < 200)
        summary_failed(hey->summary, "status", count, message);
    return 0;
}

/* "[20]	Get "http://127.0.0.1:9/": dial tcp …: connect: connection refused" */
static int take_error(struct hey *hey, struct span word, struct span line, struct err *err)
{
    int64_t count;
    if (take_bracket(word, &count, err) < 0)
        return -1;
    const char *text = word.at + word.len;
    while (*text == '\t' || *text == ' ')
        text++;
    if (text >= line.at + line.len)
        return err_set(err, ERR_INPUT, "expected an error behind its count");
    hey->errors += count;
    summary_failed(hey->summary, failures_kind(text), count, text);
    return 0;
}

static bool take_title(struct hey *hey, struct span line)
{
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        if (!lines_begin(line, sections[i].title, NULL))
            continue;
        hey->section = sections[i].section;
        hey->listed = hey->listed || hey->section == STATUSES;
        return true;
    }
    return false;
}

static int take_line(void *context, const struct line *line, struct err *err)
{
    struct hey *hey = context;
    struct span words[WORDS];
    size_t n = lines_words(line->text, words, WORDS);
    if (take_title(hey, line->text)) {
        if (hey->section == SUMMARY && hey->running)
            return err_set(err, ERR_INPUT, "expected one run, found a second; make a file of each");
        hey->running = true;
        return 0;
    }
    if (hey->responses > OBJECT_MAX_COUNT / 2 || hey->errors > OBJECT_MAX_COUNT / 2)
        return err_set(err, ERR_INPUT, "the counts add up to more than 2^43");
    if (hey->section == ERRORS && n)
        return take_error(hey, words[0], line->text, err);
    if (n < 2)
        return 0;
    switch (hey->section) {
    case SUMMARY:
        return take_summary(hey, words, err);
    case HISTOGRAM:
        return take_bar(hey, words, err);
    case DISTRIBUTION:
        return take_percentile(hey, words, n, err);
    case STATUSES:
        return take_status(hey, words, n, err);
    default:
        return 0;
    }
}

/* ---- the whole ---- */

static void settle(struct hey *hey)
{
    struct report *report = hey->summary->report;
    double per_s = report->metrics.requests_per_s;
    int64_t failures = report->metrics.total_failures;
    if (!hey->responses)
        report->metrics = metrics_unknown();
    if (hey->responses >= KEPT) {
        report->metrics.average_ms = (double)NAN;
        collect_note(report, "hey keeps the first 1,000,000 responses, and these are the requests; "
                             "its average is not taken");
    }
    report->metrics.requests_per_s = per_s;
    report->metrics.total_requests = hey->responses + hey->errors;
    report->metrics.total_failures = failures;
    report->resolution_ns = 100 * NS_PER_US;
    collect_duration(report, hey->seconds);
}

static int read_text(struct summary *summary, const struct import_file *file, struct err *err)
{
    struct hey hey = {.summary = summary};
    if (lines_read(file, take_line, &hey, summary->report, err) < 0)
        return -1;
    if (!hey.listed)
        return summary_cut(file, "Status code distribution:", err);
    if (hey.responses != hey.in_histogram)
        return err_set(err, ERR_INPUT,
                       "'%s': the histogram has %lld responses, but the status codes are of %lld; "
                       "the file may be cut off",
                       file->stream->name, (long long)hey.in_histogram, (long long)hey.responses);
    settle(&hey);
    return 0;
}

int hey_read(const struct import_file *file, struct report *report, struct err *err)
{
    return summary_read_text(file, read_text, report, err);
}
