/*
 * Nighthawk's JSON (--output-format json): the result "global", which is of all workers.
 *
 * Whole numbers of 64 bits are strings, and so are times ("0.000190007s"). A request is timed from
 * its sending, whatever its status. Percentiles are the steps of an HdrHistogram, of which the
 * first that is not below the one asked for is taken: for the 99th that of 99.06.
 */
#include <math.h>
#include <string.h>

#include "import/collect.h"
#include "import/formats.h"
#include "import/object.h"
#include "import/summary.h"
#include "import/text.h"

#define TIMES     "benchmark_http_client.request_to_response"
#define NEAR      0.005 /* how far above a percentile its step may be */
#define MAX_COUNT OBJECT_MAX_COUNT

bool nighthawk_recognise(struct span head)
{
    return object_first(head) == '{' && text_holds(head, "\"benchmark_http_client.") &&
           text_holds(head, "\"statistics\"");
}

/* ---- values that are strings ---- */

static int count_at(const struct js_at *object, const char *key, int64_t *out, struct err *err)
{
    struct js_at member;
    const char *text;
    if (object_need(object, key, &member, err) < 0)
        return -1;
    if (js_kind(&member) == JS_K_NUMBER)
        return js_get_int(&member, 0, MAX_COUNT, out, err);
    if (js_get_string(&member, &text, err) < 0)
        return -1;
    return text_count((struct span){text, strlen(text)}, key, MAX_COUNT, out, NULL) < 0
               ? js_fail(&member, err, "expected a whole number, found '%.40s'", text)
               : 0;
}

/* "0.000190007s" in ms; NAN where it is not there. */
static int time_at(const struct js_at *object, const char *key, double *out_ms, struct err *err)
{
    struct js_at member;
    const char *text;
    int64_t step_ns;
    *out_ms = (double)NAN;
    if (!js_member(object, key, &member))
        return 0;
    if (js_get_string(&member, &text, err) < 0)
        return -1;
    return summary_time((struct span){text, strlen(text)}, key, out_ms, &step_ns, NULL) < 0
               ? js_fail(&member, err, "expected a time as '0.000190007s', found '%.40s'", text)
               : 0;
}

static bool is_text(const struct js_at *object, const char *key, const char *word)
{
    struct js_at member;
    const char *text;
    return js_kind(object) == JS_K_OBJECT && js_member(object, key, &member) &&
           js_kind(&member) == JS_K_STRING && js_get_string(&member, &text, NULL) == 0 &&
           strcmp(text, word) == 0;
}

/* The element of an array whose `key` is `word`. */
static bool find(const struct js_at *array, const char *key, const char *word, struct js_at *out)
{
    for (size_t i = 0; i < js_count(array); i++) {
        *out = js_item(array, i);
        if (is_text(out, key, word))
            return true;
    }
    return false;
}

/* ---- the result ---- */

/* What a counter is of. */
static const struct {
    const char *name, *kind, *message;
    bool is_failure;
} counters[] = {
    {"benchmark.http_1xx", "status", "status 1xx", true},
    {"benchmark.http_2xx", "", "", false},
    {"benchmark.http_3xx", "", "", false},
    {"benchmark.http_4xx", "status", "status 4xx", true},
    {"benchmark.http_5xx", "status", "status 5xx", true},
    {"benchmark.http_xxx", "status", "another status", true},
    {"benchmark.stream_resets", "reset", "the stream was reset", true},
    {"benchmark.pool_connection_failure", "other", "connecting failed", true},
};

static int read_counters(struct summary *summary, const struct js_at *result, struct err *err)
{
    struct js_at list, counter;
    if (object_need(result, "counters", &list, err) < 0)
        return -1;
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        int64_t count;
        if (!find(&list, "name", counters[i].name, &counter))
            continue;
        if (count_at(&counter, "value", &count, err) < 0)
            return -1;
        summary->report->metrics.total_requests += count;
        if (counters[i].is_failure)
            summary_failed(summary, counters[i].kind, count, counters[i].message);
    }
    return 0;
}

static int read_percentiles(struct metrics *metrics, const struct js_at *list, struct err *err)
{
    static const double percents[] = {50, 75, 90, 95, 99, 99.9};
    size_t next = 0;
    for (size_t i = 0; i < js_count(list); i++) {
        struct js_at item = js_item(list, i);
        double share, ms;
        if (js_expect_object(&item, err) < 0 ||
            summary_number(&item, "percentile", 1, &share, err) < 0 ||
            time_at(&item, "duration", &ms, err) < 0)
            return -1;
        share = isnan(share) ? 0 : share; /* protobuf leaves out what is 0 */
        for (; next < sizeof percents / sizeof percents[0] && share >= percents[next] / 100 - 1e-9;
             next++)
            if (share - percents[next] / 100 < NEAR)
                *summary_percentile(metrics, percents[next]) = ms;
    }
    return 0;
}

static int read_times(struct summary *summary, const struct js_at *result, struct err *err)
{
    struct metrics *metrics = &summary->report->metrics;
    struct js_at list, times, percentiles;
    int64_t n;
    if (object_need(result, "statistics", &list, err) < 0)
        return -1;
    if (!find(&list, "id", TIMES, &times))
        return js_fail(&list, err, "expected the statistic '%s'", TIMES);
    if (count_at(&times, "count", &n, err) < 0)
        return -1;
    if (!n)
        return 0;
    if (time_at(&times, "mean", &metrics->average_ms, err) < 0 ||
        time_at(&times, "min", &metrics->min_ms, err) < 0 ||
        time_at(&times, "max", &metrics->max_ms, err) < 0 ||
        object_need(&times, "percentiles", &percentiles, err) < 0)
        return -1;
    return read_percentiles(metrics, &percentiles, err);
}

static int read_root(struct summary *summary, const struct js_at *root, struct err *err)
{
    struct report *report = summary->report;
    struct js_at results, result;
    double ms;
    if (object_need(root, "results", &results, err) < 0)
        return -1;
    if (!find(&results, "name", "global", &result))
        return js_fail(&results, err, "expected a result with the name 'global'");
    if (read_counters(summary, &result, err) < 0 || read_times(summary, &result, err) < 0 ||
        time_at(&result, "execution_duration", &ms, err) < 0)
        return -1;
    collect_duration(report, ms / 1000);
    if (ms > 0)
        report->metrics.requests_per_s = (double)report->metrics.total_requests / ms * 1000;
    return 0;
}

int nighthawk_read(const struct import_file *file, struct report *report, struct err *err)
{
    return summary_read_json(file, read_root, report, err);
}
