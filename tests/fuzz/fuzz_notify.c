/* Who is told: what is accepted can be built into messages, and no text of it ends a header's line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "publish/publish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The head of a mail has the lines that it is meant to have. */
static void check_mail(const struct publish_message *message)
{
    size_t expected = 7 + message->to->n_to;
    const char *at = buf_text(&message->body);
    for (size_t i = 0; i < expected; i++) {
        at = strstr(at, "\r\n");
        if (!at)
            abort();
        at += 2;
    }
    if (strncmp(at, "\r\n", 2) != 0)
        abort();
}

static void build(const struct notify_destination *to)
{
    struct verdict verdict = {.status = OVERALL_FAIL, .summary = "slower"};
    struct publish_content content = {.verdict = &verdict,
                                      .severity = NOTIFY_ERROR,
                                      .text = "text",
                                      .html = "<p>html</p>",
                                      .prometheus = "perfgate_verdict_pass 0\n",
                                      .now_ns = 1000000000};
    struct publish_message message;
    publish_build(&content, to, "secret", 0, &message);
    if (to->kind == NOTIFY_EMAIL)
        check_mail(&message);
    for (size_t i = 0; i < message.n_headers; i++)
        if (strpbrk(message.headers[i], "\r\n"))
            abort();
    publish_message_release(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct notify notify;
    struct err err = {0};
    if (notify_decode((const char *)data, size, "input", &notify, &err) < 0) {
        if (err.code != ERR_INPUT || !*err.text)
            abort();
        return 0;
    }
    for (size_t i = 0; i < notify.n_destinations; i++) {
        build(&notify.destinations[i]);
        for (int severity = 0; severity < NOTIFY_SEVERITIES; severity++)
            (void)notify_hears(&notify, (enum notify_severity)severity, i);
    }
    notify_release(&notify);
    return 0;
}
