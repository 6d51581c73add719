/*
 * Fortio's JSON (1.75): a histogram in s with edges that Fortio chose.
 *
 * Percentiles are worked out of the histogram as Fortio does it, because it prints those alone that
 * -p names: linear within a bucket, whose cumulative share `Percent` is; its first bucket begins at
 * the minimum and its last one ends at the maximum. What they may be off is the width of a bucket.
 * ActualDuration is in ns. RetCodes has -1 for requests without a response; here a status from 400
 * on is a failure.
 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "import/collect.h"
#include "import/formats.h"
#include "import/object.h"
#include "import/summary.h"
#include "import/text.h"

#define MAX_S 1e6 /* of a request */

static const double percents[] = {50, 75, 90, 95, 99, 99.9};
#define N_PERCENTS (sizeof percents / sizeof percents[0])

static const struct summary_figure figures[] = {
    {"Min", offsetof(struct metrics, min_ms)},
    {"Max", offsetof(struct metrics, max_ms)},
    {"Avg", offsetof(struct metrics, average_ms)},
    {NULL, 0},
};

struct bucket {
    double start, end, percent;
};

bool fortio_recognise(struct span head)
{
    return object_first(head) == '{' && text_holds(head, "\"DurationHistogram\"") &&
           text_holds(head, "\"RequestedQPS\"");
}

static int read_bucket(const struct js_at *item, struct bucket *bucket, struct err *err)
{
    if (js_expect_object(item, err) < 0 ||
        object_number(item, "Start", MAX_S, &bucket->start, err) < 0 ||
        object_number(item, "End", MAX_S, &bucket->end, err) < 0 ||
        object_number(item, "Percent", 100.001, &bucket->percent, err) < 0)
        return -1;
    return bucket->end < bucket->start ? js_fail(item, err, "End is smaller than Start") : 0;
}

/* The percentiles that lie within the bucket; `before` is the share up to it. */
static void take_bucket(struct report *report, const struct bucket *bucket, double before)
{
    double width = bucket->end - bucket->start, share = bucket->percent - before;
    for (size_t i = 0; i < N_PERCENTS; i++) {
        double percent = percents[i];
        if (percent <= before || percent > bucket->percent)
            continue;
        *summary_percentile(&report->metrics, percent) =
            1000 * (bucket->start + (percent - before) / share * width);
        if (i == 0)
            report->resolution_ns = llround(width * (double)NS_PER_S);
    }
}

static int read_buckets(struct report *report, const struct js_at *histogram, int64_t n,
                        struct err *err)
{
    struct js_at data;
    if (object_need(histogram, "Data", &data, err) < 0)
        return -1;
    double before = 100.0 / (double)n; /* the minimum is a request of its own */
    for (size_t i = 0; i < N_PERCENTS; i++)
        if (percents[i] <= before)
            *summary_percentile(&report->metrics, percents[i]) = report->metrics.min_ms;
    for (size_t i = 0; i < js_count(&data); i++) {
        struct js_at item = js_item(&data, i);
        struct bucket bucket;
        if (read_bucket(&item, &bucket, err) < 0)
            return -1;
        if (bucket.percent > before) {
            take_bucket(report, &bucket, before);
            before = bucket.percent;
        }
    }
    return 0;
}

/* The count of a code is not said to be of a status. */
static int read_codes(struct summary *summary, const struct js_at *root, int64_t n, struct err *err)
{
    struct js_at codes;
    int64_t counted;
    if (!js_member(root, "RetCodes", &codes) || js_kind(&codes) == JS_K_NULL)
        return js_fail(root, err,
                       "expected the key 'RetCodes', without which failures are not known; give "
                       "results of fortio load of HTTP");
    if (summary_statuses(summary, &codes, &counted, err) < 0)
        return -1;
    return counted == n ? 0
                        : js_fail(&codes, err, "expected the counts of %lld requests, found %lld",
                                  (long long)n, (long long)counted);
}

static int read_load(struct summary *summary, const struct js_at *root, struct err *err)
{
    struct report *report = summary->report;
    struct js_at member;
    const char *text;
    double ns, users;
    if (summary_number(root, "ActualDuration", 1e18, &ns, err) < 0 ||
        summary_number(root, "NumThreads", 1e6, &users, err) < 0 ||
        summary_number(root, "ActualQPS", SUMMARY_MAX, &report->metrics.requests_per_s, err) < 0)
        return -1;
    collect_duration(report, ns / 1e9);
    report->users = isnan(users) ? 0 : (int64_t)users;
    if (js_member(root, "StartTime", &member) && js_kind(&member) == JS_K_STRING &&
        (js_get_string(&member, &text, err) < 0 ||
         !text_time((struct span){text, strlen(text)}, &report->started_ns)))
        return js_fail(&member, err, "expected a time");
    if (js_member(root, "URL", &member) && js_kind(&member) == JS_K_STRING) {
        if (js_get_string(&member, &text, err) < 0)
            return -1;
        summary_url(summary, (struct span){text, strlen(text)});
    }
    return 0;
}

static int read_root(struct summary *summary, const struct js_at *root, struct err *err)
{
    struct report *report = summary->report;
    struct js_at histogram;
    int64_t n;
    if (object_need(root, "DurationHistogram", &histogram, err) < 0 ||
        js_expect_object(&histogram, err) < 0 || object_count(&histogram, "Count", &n, err) < 0 ||
        read_codes(summary, root, n, err) < 0)
        return -1;
    report->metrics.total_requests = n;
    if (n && (summary_figures(&histogram, figures, 1000, &report->metrics, err) < 0 ||
              read_buckets(report, &histogram, n, err) < 0))
        return -1;
    return read_load(summary, root, err);
}

int fortio_read(const struct import_file *file, struct report *report, struct err *err)
{
    return summary_read_json(file, read_root, report, err);
}
