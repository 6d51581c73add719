#include "load/http1.h"

#include <endian.h>
#include <string.h>

enum state {
    STATE_STATUS_LINE,
    STATE_HEADERS,
    STATE_LENGTH, /* a body of `left` bytes */
    STATE_CLOSE,  /* a body that the end of the connection ends */
    STATE_CHUNK_SIZE,
    STATE_CHUNK_DATA,
    STATE_CHUNK_END,
    STATE_TRAILERS,
    STATE_DONE,
    STATE_FAILED,
};

enum framing {
    FRAMING_LENGTH = 1,
    FRAMING_CHUNKED = 2,
    FRAMING_CLOSE = 4,
    FRAMING_KEEP_ALIVE = 8,
};

/* What a state's function returns beside the events: the next state can run at once. */
#define GO_ON (-1)

/* `start`: the first byte not used; `at`: the first one not parsed. */
struct input {
    const char *start, *at, *end;
};

void http1_begin(struct http1 *http1, bool is_head_request)
{
    *http1 = (struct http1){.left = -1, .is_head_request = is_head_request};
}

static int fail(struct http1 *http1, const char *reason)
{
    http1->reason = reason;
    http1->state = STATE_FAILED;
    http1->keep_alive = false;
    return HTTP1_FAILED;
}

/* ---- lines ---- */

static bool is_text(char c)
{
    return ((unsigned char)c >= 0x20 && c != 0x7f) || c == '\t';
}

/* The first byte from `at` on that a line cannot hold (a control character but HTAB), or `end`.
 * Eight bytes at a time: a byte's high bit in `found` is set where the byte is below 0x20 or 0x7f,
 * and perhaps where a byte before it is, so the lowest bit tells the first of them. */
static const char *skip_text(const char *at, const char *end)
{
    const uint64_t ones = 0x0101010101010101, high = ones * 0x80;
    while (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, sizeof(word));
        word = le64toh(word);
        uint64_t del = word ^ ones * 0x7f;
        uint64_t found = (((word - ones * 0x20) & ~word) | ((del - ones) & ~del)) & high;
        at += found ? __builtin_ctzll(found) / 8 : 8;
        if (found && *at != '\t')
            return at;
        at += found ? 1 : 0;
    }
    while (at < end && is_text(*at))
        at++;
    return at;
}

/* Takes one line of a block that may have `block_room` more bytes. The bytes beyond the limit are
 * never looked at, so the outcome is the same however the bytes arrive. */
static int take_line(struct http1 *http1, struct input *in, size_t block_room, struct span *line)
{
    size_t room = block_room < HTTP1_LINE_LIMIT ? block_room : HTTP1_LINE_LIMIT;
    size_t have = (size_t)(in->end - in->at);
    const char *bound = in->at + (have < room ? have : room);
    const char *stop = skip_text(in->at, bound);
    if (bound - stop >= 2 && stop[0] == '\r' && stop[1] == '\n') {
        *line = (struct span){in->at, (size_t)(stop - in->at)};
        in->at = stop + 2;
        return GO_ON;
    }
    if (stop == bound || (*stop == '\r' && stop + 1 == bound)) {
        if (have < room)
            return HTTP1_MORE;
        return fail(http1, room < HTTP1_LINE_LIMIT ? "headers of more than 64 KiB"
                                                   : "a line of more than 16 KiB");
    }
    if (*stop == '\n')
        return fail(http1, "a line that does not end in CRLF");
    return fail(http1, *stop == '\r' ? "a bare CR in a line" : "a control character in a line");
}

/* RFC 9110, 5.6.2: letters, digits and !#$%&'*+-.^_`|~, as a bit for each character. */
static bool is_token_char(char c)
{
    static const uint64_t tokens[4] = {0x03ff6cfa00000000, 0x57ffffffc7fffffe, 0, 0};
    unsigned char byte = (unsigned char)c;
    return tokens[byte >> 6] >> (byte & 63) & 1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* What lies between `at` and `end`, without blanks around it. */
static struct span trim(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    while (end > at && is_blank(end[-1]))
        end--;
    return (struct span){at, (size_t)(end - at)};
}

/* Splits `name: value`; the reason against it, or NULL. */
static const char *split_field(struct span line, struct span *name, struct span *value)
{
    const char *at = line.at, *end = line.at + line.len;
    if (is_blank(*at))
        return "a folded header line (obs-fold)";
    while (at < end && is_token_char(*at))
        at++;
    if (at == end)
        return "a header line without a colon";
    if (*at != ':' || at == line.at)
        return is_blank(*at) ? "a blank before a header's colon" : "a header name that is no token";
    *name = (struct span){line.at, (size_t)(at - line.at)};
    *value = trim(at + 1, end);
    return NULL;
}

/* ---- the header fields that matter here; each returns the reason against its value, or NULL ----
 */

static const char *take_content_length(struct http1 *http1, struct span value)
{
    int64_t length = 0;
    for (size_t i = 0; i < value.len; i++) {
        int digit = value.at[i] - '0';
        if (digit < 0 || digit > 9)
            return "a Content-Length that is no number";
        if (__builtin_mul_overflow(length, 10, &length) ||
            __builtin_add_overflow(length, digit, &length))
            return "a Content-Length out of range";
    }
    if (!value.len)
        return "an empty Content-Length";
    if (http1->framing & FRAMING_LENGTH && http1->left != length)
        return "two different Content-Lengths";
    http1->framing |= FRAMING_LENGTH;
    http1->left = length;
    return NULL;
}

static const char *take_transfer_encoding(struct http1 *http1, struct span value)
{
    if (http1->framing & FRAMING_CHUNKED)
        return "more than one Transfer-Encoding";
    if (!span_equals_nocase(value, "chunked"))
        return "an unknown transfer coding";
    http1->framing |= FRAMING_CHUNKED;
    return NULL;
}

static const char *take_connection(struct http1 *http1, struct span value)
{
    const char *at = value.at, *end = value.at + value.len;
    while (at < end) {
        size_t len = 0;
        while (at + len < end && is_token_char(at[len]))
            len++;
        struct span option = {at, len};
        if (span_equals_nocase(option, "close"))
            http1->framing |= FRAMING_CLOSE;
        else if (span_equals_nocase(option, "keep-alive"))
            http1->framing |= FRAMING_KEEP_ALIVE;
        at += len ? len : 1;
    }
    return NULL;
}

static const char *take_location(struct http1 *http1, struct span value)
{
    (void)value;
    http1->seen |= HTTP1_SEEN_LOCATION;
    return NULL;
}

static const char *take_set_cookie(struct http1 *http1, struct span value)
{
    (void)value;
    http1->seen |= HTTP1_SEEN_SET_COOKIE;
    return NULL;
}

static const char *take_field(struct http1 *http1, struct span name, struct span value)
{
    static const struct {
        const char *name;
        size_t len;
        const char *(*take)(struct http1 *http1, struct span value);
    } fields[] = {
        {"content-length", 14, take_content_length},
        {"transfer-encoding", 17, take_transfer_encoding},
        {"connection", 10, take_connection},
        {"location", 8, take_location},
        {"set-cookie", 10, take_set_cookie},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (fields[i].len == name.len && span_equals_nocase(name, fields[i].name))
            return fields[i].take(http1, value);
    return NULL;
}

/* ---- the head ---- */

static size_t head_room(const struct input *in)
{
    return HTTP1_HEAD_LIMIT - (size_t)(in->at - in->start);
}

static int status_line(struct http1 *http1, struct input *in)
{
    struct span line;
    int got = take_line(http1, in, head_room(in), &line);
    if (got != GO_ON)
        return got;
    if (line.len < 8 || memcmp(line.at, "HTTP/1.", 7) || (line.at[7] != '0' && line.at[7] != '1'))
        return fail(http1, "a first line that is not of HTTP/1.0 or HTTP/1.1");
    if (line.len < 12 || line.at[8] != ' ' || (line.len > 12 && line.at[12] != ' '))
        return fail(http1, "a malformed status line");
    int status = 0;
    for (int i = 9; i < 12; i++) {
        if (line.at[i] < '0' || line.at[i] > '9')
            return fail(http1, "a malformed status line");
        status = 10 * status + line.at[i] - '0';
    }
    if (status < 100)
        return fail(http1, "a status below 100");
    http1->status = (uint16_t)status;
    http1->minor = (uint8_t)(line.at[7] - '0');
    http1->state = STATE_HEADERS;
    return GO_ON;
}

/* RFC 9112, 6.3: what ends the body. */
static void frame_body(struct http1 *http1)
{
    unsigned framing = http1->framing;
    http1->keep_alive =
        !(framing & FRAMING_CLOSE) && (http1->minor > 0 || framing & FRAMING_KEEP_ALIVE);
    if (http1->is_head_request || http1->status == 204 || http1->status == 304) {
        http1->left = 0;
        http1->state = STATE_LENGTH;
    } else if (framing & FRAMING_CHUNKED) {
        http1->state = STATE_CHUNK_SIZE;
    } else if (framing & FRAMING_LENGTH) {
        http1->state = STATE_LENGTH;
    } else {
        http1->keep_alive = false;
        http1->state = STATE_CLOSE;
    }
}

static int end_of_head(struct http1 *http1, struct input *in)
{
    const unsigned both = FRAMING_LENGTH | FRAMING_CHUNKED;
    if ((http1->framing & both) == both)
        return fail(http1, "both Transfer-Encoding and Content-Length");
    if (http1->framing & FRAMING_CHUNKED && !http1->minor)
        return fail(http1, "Transfer-Encoding in an HTTP/1.0 response");
    if (http1->status == 101)
        return fail(http1, "a switch of protocols (101) that was not asked for");
    if (http1->status < 200) {
        http1_begin(http1, http1->is_head_request);
        http1->started = true;
        in->start = in->at;
        return GO_ON;
    }
    http1->head = (struct span){in->start, (size_t)(in->at - in->start)};
    in->start = in->at;
    http1->fields = 0;
    frame_body(http1);
    return HTTP1_HEAD;
}

static int header_line(struct http1 *http1, struct input *in)
{
    struct span line, name, value;
    int got = take_line(http1, in, head_room(in), &line);
    if (got != GO_ON)
        return got;
    if (!line.len)
        return end_of_head(http1, in);
    if (++http1->fields > HTTP1_FIELD_LIMIT)
        return fail(http1, "more than 256 header lines");
    const char *reason = split_field(line, &name, &value);
    if (!reason)
        reason = take_field(http1, name, value);
    return reason ? fail(http1, reason) : GO_ON;
}

/* ---- the body ---- */

static void take_body(struct http1 *http1, struct input *in, size_t len, struct buf *body)
{
    http1->body_bytes += (int64_t)len;
    if (body && !http1->body_cut) {
        size_t room = body->len < HTTP1_BODY_LIMIT ? HTTP1_BODY_LIMIT - body->len : 0;
        http1->body_cut = len > room;
        if (len)
            buf_add(body, in->at, len < room ? len : room);
    }
    in->at += len;
    in->start = in->at;
}

/* Takes what there is of the `left` bytes; true when there are none left. */
static bool take_left(struct http1 *http1, struct input *in, struct buf *body)
{
    int64_t have = in->end - in->at;
    int64_t len = have < http1->left ? have : http1->left;
    take_body(http1, in, (size_t)len, body);
    http1->left -= len;
    return !http1->left;
}

static int finish(struct http1 *http1)
{
    http1->state = STATE_DONE;
    return HTTP1_DONE;
}

static int hex_digit(char c)
{
    char lower = (char)(c | 0x20);
    if (c >= '0' && c <= '9')
        return c - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static int chunk_size(struct http1 *http1, struct input *in)
{
    struct span line;
    int got = take_line(http1, in, HTTP1_LINE_LIMIT, &line);
    if (got != GO_ON)
        return got;
    in->start = in->at;
    size_t i = 0;
    http1->left = 0;
    for (; i < line.len && hex_digit(line.at[i]) >= 0; i++) {
        if (i == 15)
            return fail(http1, "a chunk size out of range");
        http1->left = http1->left * 16 + hex_digit(line.at[i]);
    }
    size_t digits = i;
    while (i < line.len && (line.at[i] == ' ' || line.at[i] == '\t'))
        i++;
    if (!digits || (i < line.len && line.at[i] != ';'))
        return fail(http1, "a malformed chunk size");
    http1->state = http1->left ? STATE_CHUNK_DATA : STATE_TRAILERS;
    return GO_ON;
}

static int chunk_end(struct http1 *http1, struct input *in)
{
    for (int i = 0; i < 2; i++) {
        if (in->end - in->at == i)
            return HTTP1_MORE;
        if (in->at[i] != "\r\n"[i])
            return fail(http1, "a chunk longer than its size");
    }
    in->at += 2;
    in->start = in->at;
    http1->state = STATE_CHUNK_SIZE;
    return GO_ON;
}

static int trailer(struct http1 *http1, struct input *in)
{
    struct span line, name, value;
    int got = take_line(http1, in, HTTP1_HEAD_LIMIT - http1->trailer_bytes, &line);
    if (got != GO_ON)
        return got;
    in->start = in->at;
    http1->trailer_bytes += (uint32_t)line.len + 2;
    if (!line.len)
        return finish(http1);
    if (++http1->fields > HTTP1_FIELD_LIMIT)
        return fail(http1, "more than 256 trailers");
    const char *reason = split_field(line, &name, &value);
    return reason ? fail(http1, reason) : GO_ON;
}

static int advance(struct http1 *http1, struct input *in, struct buf *body)
{
    switch ((enum state)http1->state) {
    case STATE_STATUS_LINE:
        return status_line(http1, in);
    case STATE_HEADERS:
        return header_line(http1, in);
    case STATE_LENGTH:
        return take_left(http1, in, body) ? finish(http1) : HTTP1_MORE;
    case STATE_CLOSE:
        take_body(http1, in, (size_t)(in->end - in->at), body);
        return HTTP1_MORE;
    case STATE_CHUNK_SIZE:
        return chunk_size(http1, in);
    case STATE_CHUNK_DATA:
        if (!take_left(http1, in, body))
            return HTTP1_MORE;
        http1->state = STATE_CHUNK_END;
        return GO_ON;
    case STATE_CHUNK_END:
        return chunk_end(http1, in);
    case STATE_TRAILERS:
        return trailer(http1, in);
    case STATE_DONE:
        return HTTP1_DONE;
    case STATE_FAILED:
        break;
    }
    return HTTP1_FAILED;
}

enum http1_event http1_feed(struct http1 *http1, const char *bytes, size_t len, struct buf *body,
                            size_t *used)
{
    struct input in = {bytes, bytes + http1->line_at, bytes + len};
    int got;
    http1->started |= len > 0;
    do
        got = advance(http1, &in, body);
    while (got == GO_ON);
    *used = (size_t)(in.start - bytes);
    http1->line_at = got == HTTP1_MORE ? (uint32_t)(in.at - in.start) : 0;
    return (enum http1_event)got;
}

enum http1_event http1_eof(struct http1 *http1)
{
    if (http1->state == STATE_DONE)
        return HTTP1_DONE;
    if (http1->state == STATE_CLOSE)
        return (enum http1_event)finish(http1);
    if (http1->state == STATE_FAILED)
        return HTTP1_FAILED;
    if (!http1->started)
        return (enum http1_event)fail(http1, "the connection closed before a response");
    return (enum http1_event)fail(http1, http1->state <= STATE_HEADERS
                                             ? "the connection closed within a response's head"
                                             : "the connection closed within a response's body");
}
