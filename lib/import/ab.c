/*
 * What ab (ApacheBench 2.3) prints.
 *
 * Times are whole ms, from connecting to the last byte. Of two counts of failures nobody knows what
 * they share: a response whose length is not that of the first one is "Failed", one whose status is
 * not 2xx is counted beside. The larger of the two counts, the least that there can have been.
 */

#include "base/clock.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/lines.h"
#include "import/object.h"
#include "import/summary.h"
#include "import/text.h"

#define WORDS 12

struct ab {
    struct summary *summary;
    bool running, counted, listed, whole;
    bool unended; /* the last line has no end */
    int64_t complete, connect, receive, length, exceptions, non_2xx;
    double seconds;
};

bool ab_recognise(struct span head)
{
    return text_holds(head, "Time taken for tests:") || text_holds(head, "ApacheBench, Version");
}

/* ---- lines ---- */

static int take_path(struct ab *ab, const struct span *words, size_t n, struct err *err)
{
    if (ab->running)
        return err_set(err, ERR_INPUT, "expected one run, found a second; make a file of each");
    ab->running = true;
    if (n > 2)
        summary_url(ab->summary, words[2]);
    return 0;
}

static int take_users(struct ab *ab, const struct span *words, size_t n, struct err *err)
{
    (void)n;
    return text_count(words[2], "Concurrency Level", 1000000, &ab->summary->report->users, err);
}

static int take_seconds(struct ab *ab, const struct span *words, size_t n, struct err *err)
{
    (void)n;
    return text_number(words[4], "Time taken for tests", 1e9, &ab->seconds, err);
}

static int take_complete(struct ab *ab, const struct span *words, size_t n, struct err *err)
{
    (void)n;
    ab->counted = true;
    return text_count(words[2], "Complete requests", OBJECT_MAX_COUNT, &ab->complete, err);
}

/* "(Connect: 0, Receive: 0, Length: 27, Exceptions: 0)" */
static int take_failed(struct ab *ab, const struct span *words, size_t n, struct err *err)
{
    int64_t *const counts[] = {&ab->connect, &ab->receive, &ab->length, &ab->exceptions};
    for (size_t i = 0; i < 4; i++) {
        if (2 * i + 1 >= n)
            return err_set(err, ERR_INPUT, "expected four counts of failures");
        struct span word = words[2 * i + 1];
        if (word.len && (word.at[word.len - 1] == ',' || word.at[word.len - 1] == ')'))
            word.len--;
        if (text_count(word, "Failed requests", OBJECT_MAX_COUNT / 8, counts[i], err) < 0)
            return -1;
    }
    return 0;
}

static int take_non_2xx(struct ab *ab, const struct span *words, size_t n, struct err *err)
{
    (void)n;
    return text_count(words[2], "Non-2xx responses", OBJECT_MAX_COUNT / 8, &ab->non_2xx, err);
}

static int take_rate(struct ab *ab, const struct span *words, size_t n, struct err *err)
{
    (void)n;
    return text_number(words[3], "Requests per second", SUMMARY_MAX,
                       &ab->summary->report->metrics.requests_per_s, err);
}

/* "Total: min mean sd median max"; with -S neither deviation nor median. */
static int take_total(struct ab *ab, const struct span *words, size_t n, struct err *err)
{
    struct metrics *metrics = &ab->summary->report->metrics;
    if (n != 6 && n != 4)
        return 0; /* "Total transferred:" has another length */
    if (text_number(words[1], "Total", SUMMARY_MAX, &metrics->min_ms, err) < 0 ||
        text_number(words[2], "Total", SUMMARY_MAX, &metrics->average_ms, err) < 0 ||
        text_number(words[n - 1], "Total", SUMMARY_MAX, &metrics->max_ms, err) < 0)
        return -1;
    ab->whole = true;
    return n == 6 ? text_number(words[4], "Total", SUMMARY_MAX, &metrics->median_ms, err) : 0;
}

static int take_list(struct ab *ab, const struct span *words, size_t n, struct err *err)
{
    (void)words;
    (void)n;
    (void)err;
    ab->listed = true;
    ab->whole = false; /* until the longest request */
    return 0;
}

/* "  95%      4" */
static int take_percentile(struct ab *ab, const struct span *words, size_t n, struct err *err)
{
    struct span digits = {words[0].at, words[0].len - 1};
    double percent, ms;
    if (n < 2)
        return err_set(err, ERR_INPUT, "expected a percentile and its time");
    if (text_number(digits, "percentile", 100, &percent, err) < 0 ||
        text_number(words[1], "percentile", SUMMARY_MAX, &ms, err) < 0)
        return -1;
    double *member = summary_percentile(&ab->summary->report->metrics, percent);
    if (member)
        *member = ms;
    ab->whole = ab->whole || percent >= 100;
    return 0;
}

/* What a line begins with, and how many words it has at least. */
static const struct {
    const char *begin;
    size_t words;
    int (*take)(struct ab *ab, const struct span *words, size_t n, struct err *err);
} kinds[] = {
    {"Document Path:", 2, take_path},
    {"Concurrency Level:", 3, take_users},
    {"Time taken for tests:", 5, take_seconds},
    {"Complete requests:", 3, take_complete},
    {"   (Connect:", 2, take_failed},
    {"Non-2xx responses:", 3, take_non_2xx},
    {"Requests per second:", 4, take_rate},
    {"Total:", 2, take_total},
    {"Percentage of the requests", 2, take_list},
};

static int take_line(void *context, const struct line *line, struct err *err)
{
    struct ab *ab = context;
    struct span words[WORDS];
    size_t n = lines_words(line->text, words, WORDS);
    ab->unended = !line->ended;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!lines_begin(line->text, kinds[i].begin, NULL))
            continue;
        return n < kinds[i].words
                   ? err_set(err, ERR_INPUT, "expected a figure behind '%s'", kinds[i].begin)
                   : kinds[i].take(ab, words, n, err);
    }
    if (ab->listed && n && words[0].at[words[0].len - 1] == '%')
        return take_percentile(ab, words, n, err);
    return 0;
}

/* ---- the whole ---- */

static void add_failures(struct ab *ab)
{
    struct report *report = ab->summary->report;
    bool by_status = ab->non_2xx >= ab->length;
    summary_failed(ab->summary, by_status ? "status" : "expectation",
                   by_status ? ab->non_2xx : ab->length,
                   by_status ? "status is not 2xx" : "of another length than the first response");
    summary_failed(ab->summary, "other", ab->connect, "connecting failed");
    summary_failed(ab->summary, "other", ab->receive, "receiving failed");
    summary_failed(ab->summary, "other", ab->exceptions, "an exception");
    if (ab->length && !by_status)
        collect_note(report,
                     "ab counts responses of another length than the first one as failures; "
                     "where lengths change, give it the option -l");
    /* What failed before there was a response is not complete. */
    report->metrics.total_requests = ab->complete;
    if (report->metrics.total_failures > ab->complete)
        report->metrics.total_requests = report->metrics.total_failures;
}

static int read_text(struct summary *summary, const struct import_file *file, struct err *err)
{
    struct ab ab = {.summary = summary};
    if (lines_read(file, take_line, &ab, summary->report, err) < 0)
        return -1;
    if (!ab.counted)
        return summary_cut(file, "Complete requests: N", err);
    if (ab.complete && (!ab.whole || ab.unended))
        return summary_cut(file, "100% N (longest request)", err);
    add_failures(&ab);
    summary->report->resolution_ns = NS_PER_MS;
    collect_duration(summary->report, ab.seconds);
    return 0;
}

int ab_read(const struct import_file *file, struct report *report, struct err *err)
{
    return summary_read_text(file, read_text, report, err);
}
