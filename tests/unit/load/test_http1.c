#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http1_drive.h"
#include "load/http1.h"

#define OK "HTTP/1.1 200 OK\r\n"

struct row {
    const char *text;
    const char *expected; /* the end of what http1_drive() writes */
    bool is_head_request;
};

static const struct row good[] = {
    {OK "Content-Length: 5\r\n\r\nhello", "body(5)=hello left over 0", false},
    {OK "Content-Length: 0\r\n\r\n", "body(0)= left over 0", false},
    {OK "content-length:5\t \r\n\r\nhelloHTTP", "body(5)=hello left over 4", false},
    {OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "body(5)=hello left over 0", false},
    {OK "Content-Length: 5\r\n\r\nrest", "body(0)= left over 4", true},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", "body(0)= left over 0", false},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", "body(0)= left over 0", false},
    {"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", "body(1)=x left over 0", false},
    {"HTTP/1.1 999 \r\nContent-Length: 1\r\n\r\nx", "body(1)=x left over 0", false},
    {OK "\r\nuntil the end", "body(13)=until the end left over 0", false},
    {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "body(1)=x left over 0", false},
    {OK "X: a\tb \x80\xff\r\nEmpty:\r\nContent-Length: 1\r\n\r\nx", "body(1)=x left over 0", false},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n" OK
     "Content-Length: 2\r\n\r\nhi",
     "body(2)=hi left over 0", false},
    /* sizes in either case, extensions, trailers (RFC 9112, 7.1) */
    {OK "Transfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n5\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n"
        "0\r\n\r\n",
     "body(23)=Wikipedia in\r\n\r\nchunks. left over 0", false},
    {OK "transfer-encoding: Chunked\r\n\r\n0a;name=\"v;x\" ; b\r\n0123456789\r\n"
        "3 \r\nabc\r\n000;last\r\nExpires: never\r\nX-Sum: 1\r\n\r\nmore",
     "body(13)=0123456789abc left over 4", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "body(0)= left over 0", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n", "body(0)= left over 0", true},
};

/* What two parsers could read differently, what is cut off, and what is no HTTP at all. */
static const struct row bad[] = {
    {"", "the connection closed before a response", false},
    {"HTTP/1.1 20", "the connection closed within a response's head", false},
    {OK "Content-Length: 5\r\n\r\nhell", "the connection closed within a response's body", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n",
     "the connection closed within a response's body", false},
    {"HTTP/1.1 100 Continue\r\n\r\n", "the connection closed within a response's head", false},
    {"\r\n" OK "\r\n", "a first line that is not of HTTP/1.0 or HTTP/1.1", false},
    {"SSH-2.0-OpenSSH_9.2\r\n", "a first line that is not of HTTP/1.0 or HTTP/1.1", false},
    {"HTTP/2 200\r\n\r\n", "a first line that is not of HTTP/1.0 or HTTP/1.1", false},
    {"HTTP/1.2 200 OK\r\n\r\n", "a first line that is not of HTTP/1.0 or HTTP/1.1", false},
    {"http/1.1 200 OK\r\n\r\n", "a first line that is not of HTTP/1.0 or HTTP/1.1", false},
    {"HTTP/1.1\r\n\r\n", "a malformed status line", false},
    {"HTTP/1.1  200 OK\r\n\r\n", "a malformed status line", false},
    {"HTTP/1.1 20 OK\r\n\r\n", "a malformed status line", false},
    {"HTTP/1.1 2000 OK\r\n\r\n", "a malformed status line", false},
    {"HTTP/1.1 +20 OK\r\n\r\n", "a malformed status line", false},
    {"HTTP/1.1\t200 OK\r\n\r\n", "a malformed status line", false},
    {"HTTP/1.1 099 OK\r\n\r\n", "a status below 100", false},
    {"HTTP/1.1 101 Switching Protocols\r\n\r\n",
     "a switch of protocols (101) that was not asked for", false},
    {"\x15\x03\x01\x00\x02\x02", "a control character in a line", false},
    {"HTTP/1.1 200 OK\nContent-Length: 0\n\n", "a line that does not end in CRLF", false},
    {OK "Content-Length: 0\n\r\n", "a line that does not end in CRLF", false},
    {OK "A: b\rc\r\n\r\n", "a bare CR in a line", false},
    {OK "A: b\r\r\n\r\n", "a bare CR in a line", false},
    {OK "A: b\x01\r\n\r\n", "a control character in a line", false},
    {OK "A: b\x7f\r\n\r\n", "a control character in a line", false},
    {OK "A: 1\r\n folded\r\n\r\n", "a folded header line (obs-fold)", false},
    {OK "\tA: 1\r\n\r\n", "a folded header line (obs-fold)", false},
    {OK "A : 1\r\n\r\n", "a blank before a header's colon", false},
    {OK "Content-Length\t: 1\r\n\r\nx", "a blank before a header's colon", false},
    {OK "no colon\r\n\r\n", "a blank before a header's colon", false},
    {OK "nocolon\r\n\r\n", "a header line without a colon", false},
    {OK ": 1\r\n\r\n", "a header name that is no token", false},
    {OK "A(B: 1\r\n\r\n", "a header name that is no token", false},
    {OK "\xe9: 1\r\n\r\n", "a header name that is no token", false},
    {OK "Content-Length: \r\n\r\n", "an empty Content-Length", false},
    {OK "Content-Length: +5\r\n\r\nhello", "a Content-Length that is no number", false},
    {OK "Content-Length: -1\r\n\r\n", "a Content-Length that is no number", false},
    {OK "Content-Length: 0x5\r\n\r\nhello", "a Content-Length that is no number", false},
    {OK "Content-Length: 5, 5\r\n\r\nhello", "a Content-Length that is no number", false},
    {OK "Content-Length: 9223372036854775808\r\n\r\n", "a Content-Length out of range", false},
    {OK "Content-Length: 99999999999999999999999\r\n\r\n", "a Content-Length out of range", false},
    {OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "two different Content-Lengths",
     false},
    {OK "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
     "both Transfer-Encoding and Content-Length", false},
    {OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "both Transfer-Encoding and Content-Length", false},
    {OK "Transfer-Encoding: gzip, chunked\r\n\r\n", "an unknown transfer coding", false},
    {OK "Transfer-Encoding: xchunked\r\n\r\n", "an unknown transfer coding", false},
    {OK "Transfer-Encoding: identity\r\n\r\n", "an unknown transfer coding", false},
    {OK "Transfer-Encoding:\r\n\r\n", "an unknown transfer coding", false},
    {OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
     "more than one Transfer-Encoding", false},
    {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "Transfer-Encoding in an HTTP/1.0 response", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n\r\n", "a malformed chunk size", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n-1\r\n", "a malformed chunk size", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n0x1\r\n", "a malformed chunk size", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n 1\r\na", "a malformed chunk size", false},
    {OK "Transfer-Encoding: chunked\r\n\r\ng\r\n", "a malformed chunk size", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n1 x\r\na\r\n", "a malformed chunk size", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n1\na\r\n", "a line that does not end in CRLF", false},
    {OK "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "a chunk size out of range",
     false},
    {OK "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "a chunk longer than its size", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\rb", "a chunk longer than its size", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n0\r\nno trailer\r\n\r\n",
     "a blank before a header's colon", false},
    {OK "Transfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\n 2\r\n\r\n",
     "a folded header line (obs-fold)", false},
};

static void assert_ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    if (len < end_len || strcmp(text + len - end_len, end) != 0)
        fail_msg("expected the end '%s', found '%s'", end, text);
}

/* In one piece, in two pieces cut at every offset, and byte by byte: always the same. */
static void check_row(const struct row *row)
{
    size_t len = strlen(row->text);
    struct buf whole = {0}, cut = {0};
    http1_drive(row->text, len, row->is_head_request, NULL, 0, &whole);
    assert_ends_with(buf_text(&whole), row->expected);
    http1_drive_bytewise(row->text, len, row->is_head_request, &cut);
    assert_string_equal(buf_text(&cut), buf_text(&whole));
    for (size_t i = 0; i <= len; i++) {
        buf_reset(&cut);
        http1_drive(row->text, len, row->is_head_request, &i, 1, &cut);
        assert_string_equal(buf_text(&cut), buf_text(&whole));
    }
    buf_release(&whole);
    buf_release(&cut);
}

static void test_http1__parses_each_framing_at_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        check_row(&good[i]);
}

static void test_http1__refuses_hostile_responses_at_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        check_row(&bad[i]);
}

/* Feeds a whole text up to its head. */
static struct http1 head_of(const char *text)
{
    struct http1 http1;
    size_t used;
    http1_begin(&http1, false);
    assert_int_equal(http1_feed(&http1, text, strlen(text), NULL, &used), HTTP1_HEAD);
    return http1;
}

static void test_http1__decides_on_keep_alive(void **state)
{
    static const struct {
        const char *text;
        bool keep_alive;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, CLOSE ,y\r\n\r\n", false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: closed\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x\r\nConnection: close\r\n\r\n",
         false},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\n\r\n", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n", true},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, close\r\n\r\n", false},
        {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", false},
        {"HTTP/1.1 204 No\r\n\r\n", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct http1 http1 = head_of(rows[i].text);
        if (http1.keep_alive != rows[i].keep_alive)
            fail_msg("keep_alive is wrong for '%s'", rows[i].text);
    }
}

static void test_http1__notes_fields_that_need_a_look(void **state)
{
    (void)state;
    assert_int_equal(head_of(OK "A: b\r\n\r\n").seen, 0);
    assert_int_equal(head_of(OK "location: /\r\n\r\n").seen, HTTP1_SEEN_LOCATION);
    assert_int_equal(head_of(OK "SET-COOKIE: a=b\r\n\r\n").seen, HTTP1_SEEN_SET_COOKIE);
    /* those of an interim response are not the response's */
    const char *text = "HTTP/1.1 103 Early\r\nLocation: /\r\n\r\n" OK "\r\n";
    struct http1 http1 = head_of(text);
    assert_int_equal(http1.seen, 0);
    assert_int_equal(http1.status, 200);
    assert_memory_equal(http1.head.at, OK, strlen(OK));
}

/* The reason for refusing the text, or "" where more is waited for. */
static const char *refusal_of(const struct buf *text)
{
    struct http1 http1;
    size_t used;
    http1_begin(&http1, false);
    enum http1_event event = http1_feed(&http1, text->data, text->len, NULL, &used);
    while (event == HTTP1_HEAD) {
        size_t from = used;
        event = http1_feed(&http1, text->data + from, text->len - from, NULL, &used);
    }
    return event == HTTP1_FAILED ? http1.reason : "";
}

static void test_http1__limits_lines_heads_and_fields(void **state)
{
    struct buf text = {0};
    (void)state;
    buf_add_str(&text, OK "A: ");
    buf_add_repeat(&text, 'x', HTTP1_LINE_LIMIT - 5);
    assert_string_equal(refusal_of(&text), "");
    buf_add_str(&text, "\r\n");
    assert_string_equal(refusal_of(&text), "");
    text.len -= 2;
    buf_add_str(&text, "x");
    assert_string_equal(refusal_of(&text), "");
    buf_add_str(&text, "x");
    assert_string_equal(refusal_of(&text), "a line of more than 16 KiB");

    buf_reset(&text);
    buf_add_str(&text, OK);
    while (text.len < HTTP1_HEAD_LIMIT) {
        assert_string_equal(refusal_of(&text), "");
        buf_add_str(&text, "A: ");
        buf_add_repeat(&text, 'x', 8000);
        buf_add_str(&text, "\r\n");
    }
    assert_string_equal(refusal_of(&text), "headers of more than 64 KiB");

    buf_reset(&text);
    buf_add_str(&text, OK);
    for (int i = 0; i < HTTP1_FIELD_LIMIT; i++)
        buf_add_str(&text, "A: b\r\n");
    assert_string_equal(refusal_of(&text), "");
    buf_add_str(&text, "A: b\r\n");
    assert_string_equal(refusal_of(&text), "more than 256 header lines");

    buf_reset(&text);
    buf_add_str(&text, OK "Transfer-Encoding: chunked\r\n\r\n0\r\n");
    for (int i = 0; i < HTTP1_FIELD_LIMIT; i++)
        buf_add_str(&text, "A: b\r\n");
    assert_string_equal(refusal_of(&text), "");
    buf_add_str(&text, "A: b\r\n");
    assert_string_equal(refusal_of(&text), "more than 256 trailers");

    buf_reset(&text);
    buf_add_str(&text, OK "Transfer-Encoding: chunked\r\n\r\n0\r\n");
    for (int i = 0; i < 9; i++) {
        assert_string_equal(refusal_of(&text), "");
        buf_add_str(&text, "A: ");
        buf_add_repeat(&text, 'x', 8000);
        buf_add_str(&text, "\r\n");
    }
    assert_string_equal(refusal_of(&text), "headers of more than 64 KiB");
    buf_release(&text);
}

/* A field's value of `len` bytes with the byte `c` at `at`. */
static void check_byte(size_t len, size_t at, int c)
{
    struct buf text = {0};
    buf_add_str(&text, OK "A:");
    size_t start = text.len;
    buf_add_repeat(&text, at % 2 ? '\t' : '\x80', len);
    text.data[start + at] = (char)c;
    buf_add_str(&text, "x\r\n\r\n");
    bool refused = *refusal_of(&text) != 0;
    bool control = (c < 0x20 && c != '\t') || c == 0x7f;
    if (refused != control)
        fail_msg("byte %d at %zu of %zu", c, at, len);
    buf_release(&text);
}

/* Each byte at each place of a value of each length: the scan by words misses none. */
static void test_http1__refuses_controls_wherever_they_stand(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 20; len++) {
        for (size_t at = 0; at < len; at++) {
            for (int c = 0; c < 256; c++)
                check_byte(len, at, c);
        }
    }
}

static void test_http1__bounds_the_body_that_is_kept(void **state)
{
    struct http1 http1;
    struct buf text = {0}, body = {0};
    size_t used;
    (void)state;
    buf_addf(&text, OK "Content-Length: %zu\r\n\r\n", HTTP1_BODY_LIMIT + 10);
    size_t head_len = text.len;
    http1_begin(&http1, false);
    assert_int_equal(http1_feed(&http1, text.data, text.len, &body, &used), HTTP1_HEAD);
    assert_int_equal(used, head_len);
    buf_reset(&text);
    buf_add_repeat(&text, 'x', HTTP1_BODY_LIMIT);
    assert_int_equal(http1_feed(&http1, text.data, text.len, &body, &used), HTTP1_MORE);
    assert_false(http1.body_cut);
    assert_int_equal(http1_feed(&http1, text.data, 10, &body, &used), HTTP1_DONE);
    assert_true(http1.body_cut);
    assert_int_equal(http1.body_bytes, HTTP1_BODY_LIMIT + 10);
    assert_int_equal(body.len, HTTP1_BODY_LIMIT);
    buf_release(&text);
    buf_release(&body);
}

static void test_http1__counts_a_body_that_nobody_needs(void **state)
{
    const char *text = OK "Content-Length: 5\r\n\r\nhello";
    struct http1 http1;
    size_t used, rest;
    (void)state;
    http1_begin(&http1, false);
    assert_false(http1.started);
    assert_int_equal(http1_feed(&http1, text, strlen(text), NULL, &used), HTTP1_HEAD);
    assert_true(http1.started);
    assert_int_equal(http1_feed(&http1, text + used, strlen(text) - used, NULL, &rest), HTTP1_DONE);
    assert_int_equal(http1.body_bytes, 5);
    assert_int_equal(used + rest, strlen(text));
    /* a finished parser uses nothing more, a failed one fails again */
    assert_int_equal(http1_feed(&http1, text, 5, NULL, &used), HTTP1_DONE);
    assert_int_equal(used, 0);
    assert_int_equal(http1_eof(&http1), HTTP1_DONE);
    http1_begin(&http1, false);
    assert_int_equal(http1_feed(&http1, "\n", 1, NULL, &used), HTTP1_FAILED);
    assert_int_equal(http1_feed(&http1, text, 5, NULL, &used), HTTP1_FAILED);
    assert_int_equal(http1_eof(&http1), HTTP1_FAILED);
    assert_string_equal(http1.reason, "a line that does not end in CRLF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http1__parses_each_framing_at_every_split),
        cmocka_unit_test(test_http1__refuses_hostile_responses_at_every_split),
        cmocka_unit_test(test_http1__decides_on_keep_alive),
        cmocka_unit_test(test_http1__notes_fields_that_need_a_look),
        cmocka_unit_test(test_http1__limits_lines_heads_and_fields),
        cmocka_unit_test(test_http1__refuses_controls_wherever_they_stand),
        cmocka_unit_test(test_http1__bounds_the_body_that_is_kept),
        cmocka_unit_test(test_http1__counts_a_body_that_nobody_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
