/*
 * Datadog (https://docs.datadoghq.com/api/latest/metrics/, "Submit metrics" v2, and .../events/,
 * "Post an event" v1): each figure of the candidate is a gauge, and the verdict an event. The API
 * key is the secret. A request has at most 500 KB, compressed, of 5 MB; a title 100 characters, a
 * text 4,000, a tag 200.
 *
 * With the report, each endpoint's latencies are a distribution ("Submit distribution points" v1,
 * which names no limits of its own and takes deflate alone). Their values are those that
 * histogram_pick() takes of the histogram, at most MOST_VALUES of an endpoint: Datadog's quantiles
 * of them are those of the run up to the 99.9th, and their count is that of the values.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "publish/kinds.h"
#include "stats/histogram.h"

#define MOST_VALUES 1000
/* Endpoints in one request: some 12 KB each. */
#define BATCH ((size_t)40)

#define GAUGE      3
#define MOST_TAG   190
#define MOST_TITLE 100
#define MOST_TEXT  3900
#define MOST_KEY   100

static void put_tag(struct js_writer *writer, const char *name, const char *value)
{
    struct buf text = {0}, tag = {0};
    buf_addf(&text, "%s:%s", name, value);
    publish_add_line(&tag, buf_text(&text), MOST_TAG);
    js_put_string(writer, NULL, buf_text(&tag));
    buf_release(&tag);
    buf_release(&text);
}

/* `endpoint` NULL: of no scope. */
static void put_tags(struct js_writer *writer, const struct publish_content *content,
                     const char *endpoint)
{
    const struct verdict *verdict = content->verdict;
    js_open(writer, "tags", '[');
    put_tag(writer, "suite", verdict->suite ? verdict->suite : "default");
    put_tag(writer, "status", overall_status_name((enum overall_status)verdict->status));
    if (endpoint)
        put_tag(writer, "endpoint", endpoint);
    js_close(writer, ']');
}

static void put_scope_tags(struct js_writer *writer, const struct publish_content *content,
                           const char *method, const char *endpoint)
{
    struct buf scope = {0};
    verdict_add_endpoint(&scope, method, endpoint);
    put_tags(writer, content, buf_text(&scope));
    buf_release(&scope);
}

static void put_series(struct js_writer *writer, const struct publish_content *content,
                       const struct verdict_row *row)
{
    struct buf name = {0};
    buf_addf(&name, "perfgate.%s", verdict_row_key(row));
    js_open(writer, NULL, '{');
    js_put_string(writer, "metric", buf_text(&name));
    js_put_int(writer, "type", GAUGE);
    if (metric_info((enum metric)row->metric)->unit == UNIT_MS)
        js_put_string(writer, "unit", "millisecond");
    js_open(writer, "points", '[');
    js_open(writer, NULL, '{');
    js_put_int(writer, "timestamp", content->now_ns / NS_PER_S);
    js_put_number(writer, "value", row->candidate);
    js_close(writer, '}');
    js_close(writer, ']');
    put_scope_tags(writer, content, row->method, row->endpoint);
    js_close(writer, '}');
    buf_release(&name);
}

static void build_series(const struct publish_content *content, struct publish_message *out)
{
    struct js_writer writer = {.out = &out->body};
    js_open(&writer, NULL, '{');
    js_open(&writer, "series", '[');
    publish_batch(content, out->part, put_series, &writer);
    js_close(&writer, ']');
    js_close(&writer, '}');
}

/* The next endpoint that has a histogram; NULL after the last. */
static const struct report_endpoint *next_distribution(const struct report *report, size_t *i)
{
    while (report && *i < report->n_endpoints) {
        const struct report_endpoint *endpoint = &report->endpoints[(*i)++];
        if (endpoint->histogram.n)
            return endpoint;
    }
    return NULL;
}

static size_t distribution_batches(const struct publish_content *content)
{
    size_t n = 0;
    for (size_t i = 0; next_distribution(content->report, &i);)
        n++;
    return (n + BATCH - 1) / BATCH;
}

/* A distribution of one point: the time, and the values in ms. */
static void put_distribution(struct js_writer *writer, const struct publish_content *content,
                             const struct report_endpoint *endpoint)
{
    int64_t values[MOST_VALUES];
    size_t n = histogram_pick(&endpoint->histogram, MOST_VALUES, values);
    js_open(writer, NULL, '{');
    js_put_string(writer, "metric", "perfgate.response_time");
    js_put_string(writer, "type", "distribution");
    writer->one_line++;
    js_open(writer, "points", '[');
    js_open(writer, NULL, '[');
    js_put_int(writer, NULL, content->now_ns / NS_PER_S);
    js_open(writer, NULL, '[');
    for (size_t i = 0; i < n; i++)
        js_put_ms(writer, NULL, values[i]);
    js_close(writer, ']');
    js_close(writer, ']');
    js_close(writer, ']');
    writer->one_line--;
    put_scope_tags(writer, content, endpoint->method, endpoint->name);
    js_close(writer, '}');
}

static void build_distributions(const struct publish_content *content, size_t part,
                                struct publish_message *out)
{
    struct js_writer writer = {.out = &out->body};
    const struct report_endpoint *endpoint;
    size_t n = 0;
    js_open(&writer, NULL, '{');
    js_open(&writer, "series", '[');
    for (size_t i = 0; (endpoint = next_distribution(content->report, &i)); n++)
        if (n / BATCH == part)
            put_distribution(&writer, content, endpoint);
    js_close(&writer, ']');
    js_close(&writer, '}');
}

static void build_event(const struct publish_content *content, struct publish_message *out)
{
    static const char *const types[] = {[NOTIFY_OK] = "success",
                                        [NOTIFY_WARNING] = "warning",
                                        [NOTIFY_ERROR] = "error",
                                        [NOTIFY_CRITICAL] = "error"};
    struct js_writer writer = {.out = &out->body};
    struct buf text = {0}, line = {0}, finding = {0};
    js_open(&writer, NULL, '{');
    publish_add_title(&line, content, MOST_TITLE);
    js_put_string(&writer, "title", buf_text(&line));
    publish_add_title(&text, content, MOST_TEXT / 4);
    for (size_t i = 0; publish_next_finding(content->verdict, &i, &finding);) {
        buf_reset(&line);
        publish_add_line(&line, buf_text(&finding), MOST_TEXT / 8);
        if (text.len + line.len + 1 <= MOST_TEXT)
            buf_addf(&text, "\n%s", buf_text(&line));
    }
    js_put_string(&writer, "text", buf_text(&text));
    js_put_string(&writer, "alert_type", types[content->severity]);
    js_put_int(&writer, "date_happened", content->now_ns / NS_PER_S);
    buf_reset(&text);
    buf_reset(&line);
    buf_addf(&text, "perfgate:%s", content->verdict->suite ? content->verdict->suite : "default");
    publish_add_line(&line, buf_text(&text), MOST_KEY);
    js_put_string(&writer, "aggregation_key", buf_text(&line));
    put_tags(&writer, content, NULL);
    js_close(&writer, '}');
    buf_release(&finding);
    buf_release(&line);
    buf_release(&text);
}

size_t datadog_parts(const struct publish_content *content, const struct notify_destination *to)
{
    (void)to;
    return publish_batches(content->verdict) + distribution_batches(content) + 1;
}

static void set_url(struct publish_message *out, const char *path)
{
    struct buf text = {0};
    publish_add_base(&text, out->to->url);
    buf_add_str(&text, path);
    out->url = arena_strdup(&out->arena, buf_text(&text));
    buf_release(&text);
}

/* The series in batches, then the distributions, then the event. */
void datadog_build(const struct publish_content *content, const char *secret,
                   struct publish_message *out)
{
    size_t series = publish_batches(content->verdict);
    struct buf key = {0};
    buf_addf(&key, "DD-API-KEY: %s", secret);
    publish_add_header(out, "Content-Type: application/json");
    publish_add_header(out, buf_text(&key));
    out->lists_errors = true;
    if (out->part < series) {
        set_url(out, "/api/v2/series");
        out->coding = CODING_GZIP;
        build_series(content, out);
    } else if (out->part < series + distribution_batches(content)) {
        set_url(out, "/api/v1/distribution_points");
        out->coding = CODING_DEFLATE;
        build_distributions(content, out->part - series, out);
    } else {
        set_url(out, "/api/v1/events");
        build_event(content, out);
    }
    buf_release(&key);
}
