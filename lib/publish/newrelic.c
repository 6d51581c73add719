/*
 * New Relic
 * (https://docs.newrelic.com/docs/data-apis/ingest-apis/metric-api/report-metrics-metric-api/ and
 * .../event-api/introduction-event-api/): each figure of the candidate is a gauge of the Metric
 * API, and, where the destination has an account, the verdict an event of type PerfgateVerdict. The
 * licence key is the secret. A request has at most 1 MB, compressed; a name 255 characters, an
 * attribute 4,096.
 *
 * The commit that was judged is marked on the application's charts by NerdGraph's
 * changeTrackingCreateEvent (.../change-tracking/config/nerdgraph/), which finds the application by
 * its name. That takes a user key: a licence key only brings data in. (The older deployments.json
 * of the REST API takes one as well, and a number that has to be looked up first.)
 */
#include "base/clock.h"
#include "base/json.h"
#include "publish/kinds.h"

#define MOST_VALUE 4000
#define MOST_SHORT 200 /* of what stands beside a marker */

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

static void put_metric(struct js_writer *writer, const struct publish_content *content,
                       const struct verdict_row *row)
{
    struct buf text = {0};
    (void)content;
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
    js_open(&writer, NULL, '[');
    js_open(&writer, NULL, '{');
    js_open(&writer, "common", '{');
    js_put_int(&writer, "timestamp", content->now_ns / NS_PER_MS);
    js_open(&writer, "attributes", '{');
    put_common(&writer, content);
    js_close(&writer, '}');
    js_close(&writer, '}');
    js_open(&writer, "metrics", '[');
    publish_batch(content, out->part, put_metric, &writer);
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

/* The entity of an application by its name; of several in an agent's variable, the first one is the
 * agent's own. */
static void add_search(struct buf *out, const char *app)
{
    buf_add_str(out, "domain = 'APM' AND type = 'APPLICATION' AND name = '");
    for (; *app && *app != ';'; app++) {
        if (*app == '\'' || *app == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *app);
    }
    buf_add_char(out, '\'');
}

/* All that is not ours goes in variables, so that it cannot be taken for the query. */
static void build_marker(const struct publish_content *content, struct publish_message *out)
{
    static const char query[] =
        "mutation($search: String!, $commit: String!, $link: String, $short: String!) { "
        "changeTrackingCreateEvent(changeTrackingEvent: {categoryAndTypeData: "
        "{kind: {category: \"Deployment\", type: \"Basic\"}, categoryFields: {deployment: "
        "{version: $commit, commit: $commit, deepLink: $link}}}, entitySearch: {query: $search}, "
        "user: \"perfgate\", shortDescription: $short}) "
        "{ changeTrackingEvent { changeTrackingId } messages } }";
    struct js_writer writer = {.out = &out->body};
    struct buf text = {0};
    js_open(&writer, NULL, '{');
    js_put_string(&writer, "query", query);
    js_open(&writer, "variables", '{');
    add_search(&text, content->app);
    js_put_string(&writer, "search", buf_text(&text));
    js_put_string(&writer, "commit", content->commit);
    if (content->link)
        js_put_string(&writer, "link", content->link);
    buf_reset(&text);
    publish_add_title(&text, content, MOST_SHORT);
    js_put_string(&writer, "short", buf_text(&text));
    js_close(&writer, '}');
    js_close(&writer, '}');
    buf_release(&text);
}

static bool has_marker(const struct publish_content *content)
{
    return content->user_key && content->commit && content->app && *content->app &&
           *content->app != ';';
}

size_t newrelic_parts(const struct publish_content *content, const struct notify_destination *to)
{
    return publish_batches(content->verdict) + (to->account != 0) + has_marker(content);
}

static void set_key(struct publish_message *out, const char *key)
{
    struct buf text = {0};
    buf_addf(&text, "Api-Key: %s", key);
    publish_add_header(out, "Content-Type: application/json");
    publish_add_header(out, buf_text(&text));
    buf_release(&text);
}

static void set_url(struct publish_message *out, const char *base, const char *path)
{
    struct buf text = {0};
    publish_add_base(&text, base);
    buf_add_str(&text, path);
    out->url = arena_strdup(&out->arena, buf_text(&text));
    buf_release(&text);
}

/* The metrics in batches, then the event, then the marker. */
void newrelic_build(const struct publish_content *content, const char *secret,
                    struct publish_message *out)
{
    const struct notify_destination *to = out->to;
    size_t metrics = publish_batches(content->verdict);
    if (out->part == metrics + (to->account != 0)) {
        set_url(out, to->marker_url, "");
        set_key(out, content->user_key);
        out->lists_errors = true;
        build_marker(content, out);
        return;
    }
    out->coding = CODING_GZIP;
    set_key(out, secret);
    if (out->part < metrics) {
        set_url(out, to->url, "/metric/v1");
        build_metrics(content, out);
    } else {
        set_url(out, to->events_url,
                arena_printf(&out->arena, "/v1/accounts/%lld/events", (long long)to->account));
        build_event(content, out);
    }
}
