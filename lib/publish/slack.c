/*
 * Slack: an incoming webhook with blocks (https://api.slack.com/messaging/webhooks,
 * https://api.slack.com/reference/block-kit/blocks). The URL is the secret. At most 50 blocks; a
 * header has 150 characters of plain text, a section 3,000 of mrkdwn, in which &, < and > are
 * written as entities, so that no text makes a link or a mention.
 */
#include "base/json.h"
#include "publish/kinds.h"

#define MOST_HEADER   150
#define MOST_SECTION  2900
#define MOST_FINDINGS 10
#define MOST_FINDING  250 /* bytes, before they are escaped */

/* What would be formatting, is text. */
static void add_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            buf_add_str(out, "&amp;");
        else if (*text == '<')
            buf_add_str(out, "&lt;");
        else if (*text == '>')
            buf_add_str(out, "&gt;");
        else
            buf_add_char(out, *text);
    }
}

static void put_text(struct js_writer *writer, const char *key, const char *type, const char *text)
{
    js_open(writer, key, '{');
    js_put_string(writer, "type", type);
    js_put_string(writer, "text", text);
    js_close(writer, '}');
}

static void put_header(struct js_writer *writer, const struct publish_content *content)
{
    static const char *const signs[] = {[NOTIFY_OK] = "OK",
                                        [NOTIFY_WARNING] = "Warning",
                                        [NOTIFY_ERROR] = "Error",
                                        [NOTIFY_CRITICAL] = "Critical"};
    const char *suite = content->verdict->suite;
    struct buf text = {0}, line = {0};
    buf_addf(&text, "%s: performance gate%s%s", signs[content->severity], suite ? " of " : "",
             suite ? suite : "");
    publish_add_line(&line, buf_text(&text), MOST_HEADER);
    js_open(writer, NULL, '{');
    js_put_string(writer, "type", "header");
    put_text(writer, "text", "plain_text", buf_text(&line));
    js_close(writer, '}');
    buf_release(&text);
    buf_release(&line);
}

static void put_section(struct js_writer *writer, const char *mrkdwn)
{
    js_open(writer, NULL, '{');
    js_put_string(writer, "type", "section");
    put_text(writer, "text", "mrkdwn", mrkdwn);
    js_close(writer, '}');
}

static void put_findings(struct js_writer *writer, const struct verdict *verdict)
{
    struct buf text = {0}, plain = {0}, line = {0}, finding = {0};
    size_t n = 0, shown = 0;
    for (size_t i = 0; publish_next_finding(verdict, &i, &finding); n++) {
        if (shown == MOST_FINDINGS)
            continue;
        buf_reset(&line);
        buf_add_str(&line, shown ? "\n• " : "• ");
        publish_add_line(&plain, buf_text(&finding), MOST_FINDING);
        add_escaped(&line, buf_text(&plain));
        buf_reset(&plain);
        if (text.len + line.len > MOST_SECTION - 40)
            continue;
        buf_add(&text, line.data, line.len);
        shown++;
    }
    if (n > shown)
        buf_addf(&text, "\n… and %zu more", n - shown);
    if (text.len)
        put_section(writer, buf_text(&text));
    buf_release(&finding);
    buf_release(&line);
    buf_release(&plain);
    buf_release(&text);
}

static void put_context(struct js_writer *writer, const char *link)
{
    struct buf text = {0};
    buf_add_char(&text, '<');
    add_escaped(&text, link);
    buf_add_str(&text, "|The run>");
    js_open(writer, NULL, '{');
    js_put_string(writer, "type", "context");
    js_open(writer, "elements", '[');
    put_text(writer, NULL, "mrkdwn", buf_text(&text));
    js_close(writer, ']');
    js_close(writer, '}');
    buf_release(&text);
}

void slack_build(const struct publish_content *content, const char *secret,
                 struct publish_message *out)
{
    struct js_writer writer = {.out = &out->body};
    struct buf title = {0}, escaped = {0};
    publish_add_title(&title, content, 500);
    add_escaped(&escaped, buf_text(&title));
    out->url = arena_strdup(&out->arena, secret);
    publish_add_header(out, "Content-Type: application/json");
    js_open(&writer, NULL, '{');
    js_put_string(&writer, "text", buf_text(&escaped)); /* of the notification */
    js_open(&writer, "blocks", '[');
    put_header(&writer, content);
    put_section(&writer, buf_text(&escaped));
    put_findings(&writer, content->verdict);
    if (content->link)
        put_context(&writer, content->link);
    js_close(&writer, ']');
    js_close(&writer, '}');
    buf_release(&escaped);
    buf_release(&title);
}
