/*
 * Datadog (https://docs.datadoghq.com/api/latest/metrics/, "Submit metrics" v2, and .../events/,
 * "Post an event" v1): each figure of the candidate is a gauge, and the verdict an event. The API
 * key is the secret. A request has at most 500 KB, compressed, of 5 MB; a title 100 characters, a
 * text 4,000, a tag 200.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "publish/kinds.h"

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

static void put_tags(struct js_writer *writer, const struct publish_content *content,
                     const struct verdict_row *row)
{
    const struct verdict *verdict = content->verdict;
    struct buf scope = {0};
    js_open(writer, "tags", '[');
    put_tag(writer, "suite", verdict->suite ? verdict->suite : "default");
    put_tag(writer, "status", overall_status_name((enum overall_status)verdict->status));
    if (row) {
        verdict_add_endpoint(&scope, row->method, row->endpoint);
        put_tag(writer, "endpoint", buf_text(&scope));
    }
    js_close(writer, ']');
    buf_release(&scope);
}

static void put_series(struct js_writer *writer, const struct publish_content *content,
                       const struct verdict_row *row)
{
    const struct metric_info *info = metric_info((enum metric)row->metric);
    struct buf name = {0};
    buf_addf(&name, "perfgate.%s", info->name);
    js_open(writer, NULL, '{');
    js_put_string(writer, "metric", buf_text(&name));
    js_put_int(writer, "type", GAUGE);
    if (info->unit == UNIT_MS)
        js_put_string(writer, "unit", "millisecond");
    js_open(writer, "points", '[');
    js_open(writer, NULL, '{');
    js_put_int(writer, "timestamp", content->now_ns / NS_PER_S);
    js_put_number(writer, "value", row->candidate);
    js_close(writer, '}');
    js_close(writer, ']');
    put_tags(writer, content, row);
    js_close(writer, '}');
    buf_release(&name);
}

static void build_series(const struct publish_content *content, struct publish_message *out)
{
    struct js_writer writer = {.out = &out->body};
    const struct verdict_row *row;
    size_t i;
    publish_skip(content->verdict, out->part, &i);
    js_open(&writer, NULL, '{');
    js_open(&writer, "series", '[');
    for (size_t n = 0; n < PUBLISH_BATCH && (row = publish_next_figure(content->verdict, &i)); n++)
        put_series(&writer, content, row);
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

/* The series in batches, then the event. */
void datadog_build(const struct publish_content *content, const char *secret,
                   struct publish_message *out)
{
    bool event = out->part == publish_batches(content->verdict);
    struct buf text = {0};
    publish_add_base(&text, out->to->url);
    buf_add_str(&text, event ? "/api/v1/events" : "/api/v2/series");
    out->url = arena_strdup(&out->arena, buf_text(&text));
    out->compress = !event;
    publish_add_header(out, "Content-Type: application/json");
    buf_reset(&text);
    buf_addf(&text, "DD-API-KEY: %s", secret);
    publish_add_header(out, buf_text(&text));
    if (event)
        build_event(content, out);
    else
        build_series(content, out);
    buf_release(&text);
}
