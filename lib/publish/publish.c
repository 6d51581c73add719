#include "publish/publish.h"

#include <string.h>

#include "base/utf8.h"
#include "publish/kinds.h"

static void (*const builders[NOTIFY_KINDS])(const struct publish_content *content,
                                            const char *secret, struct publish_message *out) = {
    [NOTIFY_EMAIL] = email_build,
    [NOTIFY_SLACK] = slack_build,
    [NOTIFY_PAGERDUTY] = pagerduty_build,
    [NOTIFY_WEBHOOK] = webhook_build,
    [NOTIFY_PUSHGATEWAY] = pushgateway_build,
    [NOTIFY_REDIS] = redis_build,
    [NOTIFY_DATADOG] = datadog_build,
    [NOTIFY_NEWRELIC] = newrelic_build,
};

/* ---- what a verdict says ---- */

static enum notify_severity worse(enum notify_severity a, enum notify_severity b)
{
    return a > b ? a : b;
}

static bool is_failing(const struct verdict_row *row)
{
    return row->status == ROW_REGRESSED || row->status == ROW_OVER_LIMIT;
}

enum notify_severity publish_severity(const struct verdict *verdict)
{
    static const enum notify_severity of_status[] = {[OVERALL_PASS] = NOTIFY_OK,
                                                     [OVERALL_FAIL] = NOTIFY_ERROR,
                                                     [OVERALL_UNDECIDED] = NOTIFY_WARNING};
    static const enum notify_severity of_alert[] = {[ALERT_WARNING] = NOTIFY_WARNING,
                                                    [ALERT_ERROR] = NOTIFY_ERROR,
                                                    [ALERT_CRITICAL] = NOTIFY_CRITICAL};
    enum notify_severity severity = of_status[verdict->status];
    for (size_t i = 0; i < verdict->n_rows; i++) {
        const struct verdict_row *row = &verdict->rows[i];
        if (is_failing(row) &&
            metric_is_beyond((enum metric)row->metric, row->candidate, row->limit))
            severity = NOTIFY_CRITICAL;
    }
    for (size_t i = 0; i < verdict->n_alerts; i++)
        if (verdict->alerts[i].state == ALERT_FIRED)
            severity = worse(severity, of_alert[verdict->alerts[i].severity]);
    return severity;
}

void publish_add_line(struct buf *out, const char *text, size_t limit)
{
    size_t start = out->len;
    while (*text) {
        const char *next = text;
        uint32_t character = utf8_next(&next);
        size_t length = (size_t)(next - text);
        if (out->len - start + length > limit)
            return;
        if (character == UTF8_INVALID)
            buf_add_char(out, '?');
        else if (character < ' ' || character == 0x7f || (character >= 0x80 && character < 0xa0))
            buf_add_char(out, ' ');
        else
            buf_add(out, text, length);
        text = next;
    }
}

void publish_add_title(struct buf *out, const struct publish_content *content, size_t limit)
{
    const struct verdict *verdict = content->verdict;
    struct buf text = {0};
    buf_addf(&text, "%s: %s%s%s", overall_status_name((enum overall_status)verdict->status),
             verdict->suite ? verdict->suite : "", verdict->suite ? ": " : "",
             verdict->summary ? verdict->summary : "");
    publish_add_line(out, buf_text(&text), limit);
    buf_release(&text);
}

static bool is_finding(const struct verdict *verdict, size_t i)
{
    if (i < verdict->n_alerts)
        return verdict->alerts[i].state == ALERT_FIRED;
    return is_failing(&verdict->rows[i - verdict->n_alerts]);
}

bool publish_next_finding(const struct verdict *verdict, size_t *i, struct buf *line)
{
    buf_reset(line);
    while (*i < verdict->n_alerts + verdict->n_rows && !is_finding(verdict, *i))
        ++*i;
    if (*i >= verdict->n_alerts + verdict->n_rows)
        return false;
    if (*i < verdict->n_alerts) {
        const struct verdict_alert *alert = &verdict->alerts[*i];
        buf_addf(line, "%s: %s", alert_severity_names[alert->severity], alert->message);
        if (alert->reason)
            buf_addf(line, " (%s)", alert->reason);
    } else {
        const struct verdict_row *row = &verdict->rows[*i - verdict->n_alerts];
        buf_addf(line, "%s: ", row_status_name((enum row_status)row->status));
        verdict_add_scope(line, row);
        buf_addf(line, ": %s", row->reason ? row->reason : verdict_row_title(row));
    }
    ++*i;
    return true;
}

/* ---- messages ---- */

void publish_add_header(struct publish_message *out, const char *header)
{
    if (out->n_headers < PUBLISH_MAX_HEADERS)
        out->headers[out->n_headers++] = arena_strdup(&out->arena, header);
}

void publish_add_base(struct buf *out, const char *url)
{
    size_t len = strlen(url);
    while (len && url[len - 1] == '/')
        len--;
    buf_add(out, url, len);
}

size_t publish_parts(const struct publish_content *content, const struct notify_destination *to)
{
    if (to->kind == NOTIFY_DATADOG)
        return datadog_parts(content, to);
    if (to->kind == NOTIFY_NEWRELIC)
        return newrelic_parts(content, to);
    return 1;
}

void publish_build(const struct publish_content *content, const struct notify_destination *to,
                   const char *secret, size_t part, struct publish_message *out)
{
    *out = (struct publish_message){.to = to, .method = "POST", .part = part};
    builders[to->kind](content, secret, out);
}

void publish_message_release(struct publish_message *message)
{
    buf_release(&message->body);
    arena_release(&message->arena);
    *message = (struct publish_message){0};
}

void publish_show(const struct publish_message *message, struct buf *out)
{
    const struct notify_destination *to = message->to;
    static const char *const tls[] = {"STARTTLS", "TLS", "no TLS"};
    buf_addf(out, "%s (%s)\n", to->name, notify_kind_name((enum notify_kind)to->kind));
    if (to->kind == NOTIFY_EMAIL)
        buf_addf(out, "to %s with %s\n", to->server, tls[to->tls]);
    else if (to->kind == NOTIFY_REDIS)
        buf_addf(out, "to %s\n", message->url);
    else
        buf_addf(out, "%s %s\n", message->method, message->url);
    for (size_t i = 0; i < message->n_headers; i++)
        buf_addf(out, "%s\n", message->headers[i]);
    buf_add_char(out, '\n');
    buf_add(out, buf_text(&message->body), message->body.len);
    buf_add_char(out, '\n');
}
