#include "import/summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "import/collect.h"
#include "import/object.h"
#include "import/text.h"

#define WHOLE "all requests"

/* ---- the whole ---- */

static void add_endpoint(struct summary *summary)
{
    struct report *report = summary->report;
    if (!summary->endpoint)
        return;
    report->endpoints = arena_array(&report->arena, 1, sizeof *report->endpoints);
    report->endpoints[0] = (struct report_endpoint){.name = summary->endpoint,
                                                    .method = arena_strdup(&report->arena, ""),
                                                    .metrics = report->metrics,
                                                    .content_bytes = (double)NAN};
    report->n_endpoints = 1;
}

/* Errors are of the endpoint, whose name may have come behind them. */
static void add_errors(struct summary *summary)
{
    for (size_t i = 0; i < summary->failures.n; i++)
        if (summary->endpoint)
            summary->failures.rows[i].endpoint = summary->endpoint;
    failures_fill(&summary->failures, summary->report);
}

static int finish(const struct import_file *file, struct summary *summary, struct err *err)
{
    struct metrics *metrics = &summary->report->metrics;
    if (metrics->total_failures > metrics->total_requests)
        return err_set(err, ERR_INPUT, "'%s': found %lld failures of %lld requests",
                       file->stream->name, (long long)metrics->total_failures,
                       (long long)metrics->total_requests);
    if (metrics->total_requests > OBJECT_MAX_COUNT)
        return err_set(err, ERR_INPUT, "'%s': found more than 2^43 requests", file->stream->name);
    if (metrics->total_requests)
        metrics_set_error_rate(metrics);
    else
        *metrics = metrics_unknown();
    add_endpoint(summary);
    add_errors(summary);
    collect_settle(summary->report);
    return 0;
}

static int parse_json(const struct import_file *file, summary_root_fn *read,
                      struct summary *summary, struct err *err)
{
    struct js_doc *doc;
    int status = object_read(file, &doc, err);
    if (status == 0) {
        struct js_at root = js_root(doc);
        status = read(summary, &root, err);
    }
    js_free(doc);
    return status;
}

int summary_read_json(const struct import_file *file, summary_root_fn *read, struct report *report,
                      struct err *err)
{
    struct summary summary = {.report = report};
    report->metrics = metrics_unknown();
    int status = parse_json(file, read, &summary, err);
    if (status == 0)
        status = finish(file, &summary, err);
    failures_release(&summary.failures);
    return status;
}

int summary_read_text(const struct import_file *file, summary_text_fn *read, struct report *report,
                      struct err *err)
{
    struct summary summary = {.report = report};
    struct import_file whole = *file;
    whole.partial = false;
    report->metrics = metrics_unknown();
    int status = read(&summary, &whole, err);
    if (status == 0)
        status = finish(file, &summary, err);
    failures_release(&summary.failures);
    return status;
}

int summary_cut(const struct import_file *file, const char *line, struct err *err)
{
    return err_set(err, ERR_INPUT, "'%s': expected a line '%s'; the file may be cut off",
                   file->stream->name, line);
}

/* ---- what was asked for, and failed ---- */

void summary_url(struct summary *summary, struct span url)
{
    struct span path = url.len ? text_path(url) : (struct span){"/", 1};
    summary->endpoint = text_keep(path, COLLECT_NAME, &summary->report->arena);
}

void summary_failed(struct summary *summary, const char *kind, int64_t count, const char *message)
{
    struct report_error like = {.endpoint = WHOLE, .method = "", .kind = kind, .count = count};
    if (!count)
        return;
    summary->report->metrics.total_failures += count;
    failures_add(&summary->failures, &like, (struct span){message, strlen(message)});
}

/* Calls for each member that has a count, and adds them up. */
static int each_count(struct summary *summary, const struct js_at *object, const char *passed_over,
                      void (*take)(struct summary *summary, const char *key, int64_t count),
                      int64_t *out, struct err *err)
{
    struct js_at member;
    void *cursor = NULL;
    *out = 0;
    if (js_expect_object(object, err) < 0)
        return -1;
    while (js_next(object, &cursor, &member)) {
        int64_t count;
        if (js_get_int(&member, 0, OBJECT_MAX_COUNT, &count, err) < 0)
            return -1;
        if (count > OBJECT_MAX_COUNT - *out)
            return js_fail(&member, err, "the counts add up to more than 2^43");
        if (passed_over && strcmp(member.key, passed_over) == 0)
            continue;
        *out += count;
        take(summary, member.key, count);
    }
    return 0;
}

void summary_status(struct summary *summary, const char *key, int64_t count)
{
    char message[64];
    bool known = strlen(key) == 3 && key[0] >= '1' && key[0] <= '9';
    if (known && (key[0] == '2' || key[0] == '3'))
        return;
    if (known)
        snprintf(message, sizeof message, "status %s", key);
    else
        snprintf(message, sizeof message, "no response (%.20s)", key);
    summary_failed(summary, known ? "status" : "other", count, message);
}

int summary_statuses(struct summary *summary, const struct js_at *codes, int64_t *out,
                     struct err *err)
{
    return each_count(summary, codes, NULL, summary_status, out, err);
}

static void take_error(struct summary *summary, const char *key, int64_t count)
{
    summary_failed(summary, failures_kind(key), count, key);
}

int summary_errors(struct summary *summary, const struct js_at *errors, const char *passed_over,
                   int64_t *out, struct err *err)
{
    return each_count(summary, errors, passed_over, take_error, out, err);
}

/* ---- figures ---- */

int summary_number(const struct js_at *object, const char *key, double high, double *out,
                   struct err *err)
{
    struct js_at member;
    *out = (double)NAN;
    if (js_kind(object) != JS_K_OBJECT || !js_member(object, key, &member) ||
        js_kind(&member) == JS_K_NULL)
        return 0;
    return js_get_number(&member, 0, high, out, err);
}

int summary_figures(const struct js_at *object, const struct summary_figure *figures, double scale,
                    struct metrics *metrics, struct err *err)
{
    if (js_expect_object(object, err) < 0)
        return -1;
    for (; figures->key; figures++) {
        double value;
        if (summary_number(object, figures->key, SUMMARY_MAX / scale, &value, err) < 0)
            return -1;
        value *= scale;
        if (!isnan(value))
            memcpy((char *)metrics + figures->offset, &value, sizeof value);
    }
    return 0;
}

double *summary_percentile(struct metrics *metrics, double percent)
{
    static const struct {
        double percent;
        size_t offset;
    } members[] = {
        {50, offsetof(struct metrics, median_ms)}, {75, offsetof(struct metrics, p75_ms)},
        {90, offsetof(struct metrics, p90_ms)},    {95, offsetof(struct metrics, p95_ms)},
        {99, offsetof(struct metrics, p99_ms)},    {99.9, offsetof(struct metrics, p999_ms)},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (fabs(members[i].percent - percent) < 1e-6)
            return (double *)(void *)((char *)metrics + members[i].offset);
    return NULL;
}

static const struct {
    const char *name;
    int64_t ns;
} units[] = {{"us", NS_PER_US},
             {"ms", NS_PER_MS},
             {"s", NS_PER_S},
             {"m", 60 * NS_PER_S},
             {"h", 3600 * NS_PER_S}};

/* How many bytes of a number the text begins with. */
static size_t number_length(struct span text)
{
    size_t n = 0;
    while (n < text.len && (text.at[n] == '.' || (text.at[n] >= '0' && text.at[n] <= '9')))
        n++;
    return n;
}

int summary_time(struct span text, const char *what, double *out_ms, int64_t *step_ns,
                 struct err *err)
{
    struct span digits = {text.at, number_length(text)};
    double value;
    struct span unit = {text.at + digits.len, text.len - digits.len};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (!text_equals(unit, units[i].name))
            continue;
        if (text_number(digits, what, SUMMARY_MAX / 1e4, &value, err) < 0)
            return -1;
        const char *point = memchr(digits.at, '.', digits.len);
        *out_ms = value * ((double)units[i].ns / (double)NS_PER_MS);
        *step_ns = units[i].ns;
        for (size_t n = point ? digits.len - (size_t)(point + 1 - digits.at) : 0; n && *step_ns;
             n--)
            *step_ns /= 10;
        return 0;
    }
    return err_set(err, ERR_INPUT, "%s: expected a time in us, ms, s, m or h, found '%.*s'", what,
                   text.len > 60 ? 60 : (int)text.len, text.at);
}

int64_t summary_finer(int64_t a_ns, int64_t b_ns)
{
    if (!a_ns || !b_ns)
        return a_ns ? a_ns : b_ns;
    return a_ns < b_ns ? a_ns : b_ns;
}
