/*
 * A webhook: a JSON document with the whole verdict. Who receives it checks that
 * X-Perfgate-Signature is "sha256=" and the HMAC-SHA256, under the secret, of X-Perfgate-Timestamp,
 * a point, and the body, and that the time, seconds since the epoch, is not long ago, so that
 * nobody can send it once more.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"
#include "net/hmac.h"
#include "publish/kinds.h"

static void add_body(struct buf *out, const struct publish_content *content)
{
    struct js_writer writer = {.out = out};
    struct buf verdict = {0}, sent = {0};
    verdict_encode(content->verdict, &verdict);
    num_add_utc(&sent, content->now_ns);
    js_open(&writer, NULL, '{');
    js_put_string(&writer, "schema", "perfgate.event/1");
    js_put_string(&writer, "event", "verdict");
    js_put_string(&writer, "severity", notify_severity_name(content->severity));
    js_put_string(&writer, "sent_at", buf_text(&sent));
    if (content->link)
        js_put_string(&writer, "link", content->link);
    js_put_raw(&writer, "verdict", buf_text(&verdict));
    js_close(&writer, '}');
    buf_release(&sent);
    buf_release(&verdict);
}

void webhook_build(const struct publish_content *content, const char *secret,
                   struct publish_message *out)
{
    struct buf header = {0}, signed_text = {0};
    int64_t now_s = content->now_ns / NS_PER_S;
    add_body(&out->body, content);
    out->url = out->to->url;
    publish_add_header(out, "Content-Type: application/json");
    buf_addf(&header, "X-Perfgate-Timestamp: %" PRId64, now_s);
    publish_add_header(out, buf_text(&header));
    buf_addf(&signed_text, "%" PRId64 ".", now_s);
    buf_add(&signed_text, buf_text(&out->body), out->body.len);
    buf_reset(&header);
    buf_add_str(&header, "X-Perfgate-Signature: sha256=");
    hmac_add_sha256(&header, secret, buf_text(&signed_text), signed_text.len);
    publish_add_header(out, buf_text(&header));
    buf_release(&signed_text);
    buf_release(&header);
}
