/*
 * New Relic
 * (https://docs.newrelic.com/docs/data-apis/ingest-apis/metric-api/report-metrics-metric-api/ and
 * .../event-api/introduction-event-api/): each figure of the candidate is a gauge of the Metric
 * API, and, where the destination has an account, the verdict an event of type PerfgateVerdict. The
 * licence key is the secret. A request has at most 1 MB, compressed; a name 255 characters, an
 * attribute 4,096.
 */
#include "base/clock.h"
#include "base/json.h"
#include "publish/kinds.h"

#define MOST_VALUE 4000

static void put_text(struct js_writer *writer, const char *name, const char *text)
{
    struct buf line = {0};
    publish_add_line(&line, text, MOST_VALUE);
    js_put_string(writer, name, buf_text(&line));
    buf_release(&line);
}

/* What all of a verdict has in common. */
static void put_common(struct js_writer *writer, const struct publish_content *content)
{
    const struct verdict *verdict = content->verdict;
    put_text(writer, "suite", verdict->suite ? verdict->suite : "default");
    js_put_string(writer, "status", overall_status_name((enum overall_status)verdict->status));
    if (content->app)
        put_text(writer, "app.name", content->app);
}

static void put_metric(struct js_writer *writer, const struct verdict_row *row)
{
    struct buf text = {0};
    buf_addf(&text, "perfgate.%s", verdict_row_key(row));
    js_open(writer, NULL, '{');
    js_put_string(writer, "name", buf_text(&text));
    js_put_string(writer, "type", "gauge");
    js_put_number(writer, "value", row->candidate);
    js_open(writer, "attributes", '{');
    buf_reset(&text);
    verdict_add_endpoint(&text, row->method, row->endpoint);
    put_text(writer, "endpoint", buf_text(&text));
    js_close(writer, '}');
    js_close(writer, '}');
    buf_release(&text);
}

static void build_metrics(const struct publish_content *content, struct publish_message *out)
{
    struct js_writer writer = {.out = &out->body};
    const struct verdict_row *row;
    size_t i;
    publish_skip(content->verdict, out->part, &i);
    js_open(&writer, NULL, '[');
    js_open(&writer, NULL, '{');
    js_open(&writer, "common", '{');
    js_put_int(&writer, "timestamp", content->now_ns / NS_PER_MS);
    js_open(&writer, "attributes", '{');
    put_common(&writer, content);
    js_close(&writer, '}');
    js_close(&writer, '}');
    js_open(&writer, "metrics", '[');
    for (size_t n = 0; n < PUBLISH_BATCH && (row = publish_next_figure(content->verdict, &i)); n++)
        put_metric(&writer, row);
    js_close(&writer, ']');
    js_close(&writer, '}');
    js_close(&writer, ']');
}

static void build_event(const struct publish_content *content, struct publish_message *out)
{
    struct js_writer writer = {.out = &out->body};
    const struct verdict *verdict = content->verdict;
    js_open(&writer, NULL, '[');
    js_open(&writer, NULL, '{');
    js_put_string(&writer, "eventType", "PerfgateVerdict");
    js_put_int(&writer, "timestamp", content->now_ns / NS_PER_MS);
    put_common(&writer, content);
    js_put_int(&writer, "exitCode", verdict->exit_code);
    js_put_string(&writer, "severity", notify_severity_name(content->severity));
    put_text(&writer, "summary", verdict->summary ? verdict->summary : "");
    if (content->link)
        put_text(&writer, "link", content->link);
    js_close(&writer, '}');
    js_close(&writer, ']');
}

/* The metrics in batches, then the event. */
void newrelic_build(const struct publish_content *content, const char *secret,
                    struct publish_message *out)
{
    bool event = out->part == publish_batches(content->verdict);
    struct buf text = {0};
    publish_add_base(&text, event ? out->to->events_url : out->to->url);
    if (event)
        buf_addf(&text, "/v1/accounts/%lld/events", (long long)out->to->account);
    else
        buf_add_str(&text, "/metric/v1");
    out->url = arena_strdup(&out->arena, buf_text(&text));
    out->compress = true;
    publish_add_header(out, "Content-Type: application/json");
    buf_reset(&text);
    buf_addf(&text, "Api-Key: %s", secret);
    publish_add_header(out, buf_text(&text));
    if (event)
        build_event(content, out);
    else
        build_metrics(content, out);
    buf_release(&text);
}
