/*
 * Prometheus' Pushgateway (https://github.com/prometheus/pushgateway, "API"): the figures in the
 * text format take the place of those of the group, which is the suite's. A suite's name has
 * characters only that stand in a path as they are; the one of a foreign verdict is in base64, as
 * the API has it for all others.
 */
#include <string.h>

#include "base/base64.h"
#include "publish/kinds.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyz0123456789._-"

static void add_group(struct buf *url, const char *suite)
{
    if (!suite || !*suite)
        return;
    if (!suite[strspn(suite, PLAIN)] && strcmp(suite, ".") != 0 && strcmp(suite, "..") != 0) {
        buf_addf(url, "/suite/%s", suite);
        return;
    }
    buf_add_str(url, "/suite@base64/");
    size_t start = url->len;
    base64_add(url, suite, strlen(suite));
    for (char *at = url->data + start; *at; at++)
        if (*at == '+')
            *at = '-';
        else if (*at == '/')
            *at = '_';
}

void pushgateway_build(const struct publish_content *content, const char *secret,
                       struct publish_message *out)
{
    struct buf text = {0};
    publish_add_base(&text, out->to->url);
    buf_add_str(&text, "/metrics/job/perfgate");
    add_group(&text, content->verdict->suite);
    out->method = "PUT";
    out->url = arena_strdup(&out->arena, buf_text(&text));
    publish_add_header(out, "Content-Type: text/plain; version=0.0.4");
    if (secret) {
        buf_reset(&text);
        buf_addf(&text, "Authorization: Bearer %s", secret);
        publish_add_header(out, buf_text(&text));
    }
    buf_add_str(&out->body, content->prometheus);
    buf_release(&text);
}
