/*
 * The response parser on any bytes: cut into pieces it must end as it does on the whole input.
 * The first byte chooses HEAD or not and the size of the pieces.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "load/http1.h"

struct outcome {
    struct http1 http1;
    enum http1_event event;
    struct buf head, body;
    size_t used;
};

/* Runs until more is needed; the bytes are in a block of their own, so that a read beyond them is
 * seen. */
static void feed(struct outcome *outcome, const char *bytes, size_t len)
{
    char *copy = mem_array(len + 1, 1);
    char *piece = copy + 1;
    if (len)
        memcpy(piece, bytes, len);
    size_t at = 0, used;
    do {
        outcome->event = http1_feed(&outcome->http1, piece + at, len - at, &outcome->body, &used);
        at += used;
        if (at > len)
            abort();
        if (outcome->event == HTTP1_HEAD)
            buf_add(&outcome->head, outcome->http1.head.at, outcome->http1.head.len);
    } while (outcome->event == HTTP1_HEAD);
    outcome->used += at;
    free(copy);
}

static void run(struct outcome *outcome, const char *bytes, size_t len, size_t step, bool is_head)
{
    http1_begin(&outcome->http1, is_head);
    outcome->event = HTTP1_MORE;
    for (size_t end = 0; end < len && outcome->event == HTTP1_MORE;) {
        end = len - end < step ? len : end + step;
        feed(outcome, bytes + outcome->used, end - outcome->used);
    }
    if (outcome->event == HTTP1_MORE)
        outcome->event = http1_eof(&outcome->http1);
}

static void compare(const struct outcome *a, const struct outcome *b)
{
    if (a->event != b->event || a->http1.status != b->http1.status ||
        a->http1.body_bytes != b->http1.body_bytes || a->http1.keep_alive != b->http1.keep_alive ||
        a->http1.seen != b->http1.seen || a->http1.reason != b->http1.reason)
        abort();
    if (strcmp(buf_text(&a->body), buf_text(&b->body)) != 0 || a->body.len != b->body.len)
        abort();
    if (a->event == HTTP1_DONE && (a->used != b->used || a->head.len != b->head.len ||
                                   memcmp(a->head.data, b->head.data, a->head.len) != 0))
        abort();
}

static void look_up(const struct buf *head)
{
    struct span block = {head->data, head->len}, value;
    size_t cursor = 0, n = 0;
    while (head_next(block, "set-cookie", &cursor, &value))
        if (++n > HTTP1_FIELD_LIMIT)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole = {0}, cut = {0};
    if (size < 2)
        return 0;
    const char *text = (const char *)data + 1;
    run(&whole, text, size - 1, size, data[0] & 1);
    run(&cut, text, size - 1, 1 + (data[0] >> 1) % 64, data[0] & 1);
    compare(&whole, &cut);
    look_up(&whole.head);
    buf_release(&whole.head);
    buf_release(&whole.body);
    buf_release(&cut.head);
    buf_release(&cut.body);
    return 0;
}
