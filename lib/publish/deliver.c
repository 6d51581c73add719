#include "publish/publish.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "net/gzip.h"
#include "publish/kinds.h"

#define FIRST_WAIT_S   1
#define LONGEST_WAIT_S 60

int64_t publish_wait_ns(bool is_mail, int attempt, const struct client_answer *answer)
{
    long status = answer->status;
    int64_t wait_s = (int64_t)FIRST_WAIT_S << (attempt < 10 ? attempt - 1 : 9);
    bool later = is_mail ? status < 300 || (status >= 400 && status < 500)
                         : !status || status == 429 || status >= 500;
    if (!later || answer->is_final)
        return -1;
    if (answer->retry_after_s >= 0)
        wait_s = answer->retry_after_s;
    if (wait_s > LONGEST_WAIT_S)
        wait_s = LONGEST_WAIT_S;
    return wait_s * NS_PER_S;
}

static int send_mail(const struct publish_message *message, int64_t timeout_ns,
                     struct client_answer *answer, struct err *err)
{
    static const enum client_tls tls[] = {[NOTIFY_STARTTLS] = CLIENT_STARTTLS,
                                          [NOTIFY_TLS] = CLIENT_TLS,
                                          [NOTIFY_PLAIN] = CLIENT_PLAIN};
    const struct notify_destination *to = message->to;
    const struct client_mail mail = {.server = to->server,
                                     .tls = tls[to->tls],
                                     .user = to->user,
                                     .password = message->password,
                                     .from = to->from,
                                     .to = to->to,
                                     .n_to = to->n_to,
                                     .message = &message->body,
                                     .ca_file = to->ca_file,
                                     .timeout_ns = timeout_ns};
    if (client_mail(&mail, answer, err) == 0)
        return 0;
    return answer->status >= 400 ? err_prefix(err, "the mail server said %ld: ", answer->status)
                                 : -1;
}

/* Datadog takes what it can of a batch, and says of what is wrong with the rest; GraphQL answers
 * 200 whatever came of it. */
static int check_rejected(const struct publish_message *message, const struct client_answer *answer,
                          struct err *err)
{
    struct js_doc *doc = NULL;
    struct js_at errors;
    struct err ignored = {0};
    int status = 0;
    if (!message->lists_errors ||
        js_parse(buf_text(&answer->body), answer->body.len, "the answer", &doc, &ignored) < 0)
        return 0;
    struct js_at root = js_root(doc);
    if (js_member(&root, "errors", &errors) && js_count(&errors))
        status = err_set(err, ERR_IO, "it rejected a part: %zu error%s", js_count(&errors),
                         js_count(&errors) == 1 ? "" : "s");
    js_free(doc);
    return status;
}

static const struct {
    const char *header;
    void (*add)(struct buf *out, const struct buf *from);
} codings[] = {
    [CODING_NONE] = {NULL, NULL},
    [CODING_GZIP] = {"Content-Encoding: gzip", gzip_add},
    [CODING_DEFLATE] = {"Content-Encoding: deflate", gzip_add_deflate},
};

static int send_body(const struct publish_message *message, const struct buf *body,
                     int64_t timeout_ns, struct client_answer *answer, struct err *err)
{
    const char *headers[PUBLISH_MAX_HEADERS + 1];
    memcpy(headers, message->headers, sizeof message->headers);
    headers[message->n_headers] = codings[message->coding].header;
    const struct client_request request = {.method = message->method,
                                           .url = message->url,
                                           .headers = headers,
                                           .n_headers = message->n_headers +
                                                        (message->coding != CODING_NONE),
                                           .body = body,
                                           .ca_file = message->to->ca_file,
                                           .may_be_clear = !message->to->secret,
                                           .timeout_ns = timeout_ns};
    if (client_send(&request, answer, err) < 0)
        return -1;
    if (answer->status >= 200 && answer->status < 300)
        return check_rejected(message, answer, err);
    return err_set(err, ERR_IO, "it answered %ld", answer->status);
}

static int post(const struct publish_message *message, int64_t timeout_ns,
                struct client_answer *answer, struct err *err)
{
    void (*add)(struct buf *, const struct buf *) = codings[message->coding].add;
    struct buf compressed = {0};
    if (add)
        add(&compressed, &message->body);
    int status = send_body(message, add ? &compressed : &message->body, timeout_ns, answer, err);
    buf_release(&compressed);
    return status;
}

static int send_by_kind(const struct publish_message *message, int64_t timeout_ns,
                        struct client_answer *answer, struct err *err)
{
    if (message->to->kind == NOTIFY_EMAIL)
        return send_mail(message, timeout_ns, answer, err);
    if (message->to->kind == NOTIFY_REDIS)
        return redis_send(message, timeout_ns, answer, err);
    return post(message, timeout_ns, answer, err);
}

int publish_deliver(const struct publish_message *message, const struct publish_way *way,
                    struct err *err)
{
    bool is_mail = message->to->kind == NOTIFY_EMAIL;
    for (int attempt = 1;; attempt++) {
        struct client_answer answer = {0};
        struct err why = {0};
        int status = send_by_kind(message, way->timeout_ns, &answer, &why);
        int64_t wait_ns = publish_wait_ns(is_mail, attempt, &answer);
        client_answer_release(&answer);
        if (status == 0)
            return 0;
        if (wait_ns < 0 || attempt >= way->attempts || way->wait(wait_ns, way->context))
            return err_set(err, ERR_IO, "%s (%d attempt%s)", why.text, attempt,
                           attempt == 1 ? "" : "s");
    }
}
