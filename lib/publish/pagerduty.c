/*
 * PagerDuty: Events API v2 (https://developer.pagerduty.com/docs/events-api-v2/overview/). A
 * verdict that is bad triggers, one that is not resolves, under the same dedup_key: one incident
 * for a suite, however often it fails. The routing key is the secret. A summary has at most 1,024
 * characters, an event 512 KB.
 */
#include "base/json.h"
#include "base/num.h"
#include "publish/kinds.h"

#define MOST_SUMMARY  1024
#define MOST_KEY      255
#define MOST_FINDINGS 20
#define MOST_FINDING  500

static void add_key(struct buf *out, const struct publish_content *content,
                    const struct notify_destination *to)
{
    struct buf text = {0};
    const char *suite = content->verdict->suite;
    if (to->dedup_key)
        buf_add_str(&text, to->dedup_key);
    else
        buf_addf(&text, "perfgate:%s", suite ? suite : "default");
    publish_add_line(out, buf_text(&text), MOST_KEY);
    buf_release(&text);
}

static void put_details(struct js_writer *writer, const struct verdict *verdict)
{
    struct buf finding = {0}, line = {0};
    js_open(writer, "custom_details", '{');
    js_put_int(writer, "exit_code", verdict->exit_code);
    js_open(writer, "findings", '[');
    for (size_t i = 0, n = 0; n < MOST_FINDINGS && publish_next_finding(verdict, &i, &finding);
         n++) {
        buf_reset(&line);
        publish_add_line(&line, buf_text(&finding), MOST_FINDING);
        js_put_string(writer, NULL, buf_text(&line));
    }
    js_close(writer, ']');
    js_close(writer, '}');
    buf_release(&line);
    buf_release(&finding);
}

static void put_payload(struct js_writer *writer, const struct publish_content *content)
{
    const struct verdict *verdict = content->verdict;
    struct buf text = {0};
    js_open(writer, "payload", '{');
    publish_add_title(&text, content, MOST_SUMMARY);
    js_put_string(writer, "summary", buf_text(&text));
    js_put_string(writer, "source", verdict->suite ? verdict->suite : "perfgate");
    js_put_string(writer, "severity", notify_severity_name(content->severity));
    buf_reset(&text);
    num_add_utc(&text, content->now_ns);
    js_put_string(writer, "timestamp", buf_text(&text));
    js_put_string(writer, "class", "performance");
    put_details(writer, verdict);
    js_close(writer, '}');
    buf_release(&text);
}

static void put_link(struct js_writer *writer, const char *link)
{
    js_open(writer, "links", '[');
    js_open(writer, NULL, '{');
    js_put_string(writer, "href", link);
    js_put_string(writer, "text", "The run");
    js_close(writer, '}');
    js_close(writer, ']');
}

void pagerduty_build(const struct publish_content *content, const char *secret,
                     struct publish_message *out)
{
    struct js_writer writer = {.out = &out->body};
    struct buf key = {0};
    bool trigger = content->severity > NOTIFY_OK;
    add_key(&key, content, out->to);
    out->url = out->to->url;
    publish_add_header(out, "Content-Type: application/json");
    js_open(&writer, NULL, '{');
    js_put_string(&writer, "routing_key", secret);
    js_put_string(&writer, "event_action", trigger ? "trigger" : "resolve");
    js_put_string(&writer, "dedup_key", buf_text(&key));
    if (trigger) {
        js_put_string(&writer, "client", "perfgate");
        put_payload(&writer, content);
    }
    if (trigger && content->link)
        put_link(&writer, content->link);
    js_close(&writer, '}');
    buf_release(&key);
}
