#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/mem.h"
#include "load/coding.h"
#include "load/extract.h"

/* windowBits of the formats */
enum { RAW = -15, ZLIB = 15, GZIP = 31 };

/* A meta-block that is not compressed (RFC 7932, 9.2). */
static const char br_hello[] = "\x40\x00\x10hello\x03";

static void compress_to(struct buf *out, const char *text, size_t len, int format)
{
    z_stream stream = {0};
    char *copy = mem_array(len + 1, 1);
    memcpy(copy, text, len);
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t most = deflateBound(&stream, len) + 64;
    stream.next_in = (Bytef *)copy;
    stream.avail_in = (uInt)len;
    stream.next_out = (Bytef *)buf_reserve(out, most);
    stream.avail_out = (uInt)most;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->len += most - stream.avail_out;
    deflateEnd(&stream);
    free(copy);
}

static struct span span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

static struct span bytes_of(const struct buf *buf)
{
    return (struct span){buf->data, buf->len};
}

static struct span br_of(size_t cut)
{
    return (struct span){br_hello, sizeof br_hello - 1 - cut};
}

/* What becomes of a body whose head has these fields: the body, or the message. */
static const char *undone(struct coding_space *space, const char *fields, struct span body)
{
    static char text[1024];
    struct buf head = {0};
    struct err why = {0};
    buf_addf(&head, "HTTP/1.1 200 OK\r\n%s\r\n", fields);
    if (coding_undo(bytes_of(&head), space, &body, &why) == 0) {
        size_t len = body.len < sizeof text - 1 ? body.len : sizeof text - 1;
        memcpy(text, body.at, len);
        text[len] = 0;
    } else {
        snprintf(text, sizeof text, "%s", why.text);
    }
    buf_release(&head);
    return text;
}

static void test_coding__undoes_what_the_head_names(void **state)
{
    (void)state;
    struct coding_space space = {0};
    struct buf gzip = {0}, zlib = {0}, raw = {0}, twice = {0};
    compress_to(&gzip, "hello", 5, GZIP);
    compress_to(&zlib, "hello", 5, ZLIB);
    compress_to(&raw, "hello", 5, RAW);
    compress_to(&twice, gzip.data, gzip.len, ZLIB);
    const struct {
        const char *fields;
        struct span body;
    } rows[] = {
        {"", span_of("hello")},
        {"Content-Encoding: identity\r\n", span_of("hello")},
        {"Content-Encoding:\r\n", span_of("hello")},
        {"content-encoding: GZip\r\n", bytes_of(&gzip)},
        {"Content-Encoding: x-gzip\r\n", bytes_of(&gzip)},
        {"Content-Encoding: deflate\r\n", bytes_of(&zlib)},
        {"Content-Encoding: deflate\r\n", bytes_of(&raw)},
        {"Content-Encoding: br\r\n", br_of(0)},
        {"Content-Encoding: gzip, ,deflate\r\n", bytes_of(&twice)},
        {"Content-Encoding: gzip\r\nContent-Encoding: identity\r\nContent-Encoding: deflate\r\n",
         bytes_of(&twice)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(undone(&space, rows[i].fields, rows[i].body), "hello");
    assert_string_equal(undone(&space, "Content-Encoding: gzip\r\n", span_of("")), "");
    coding_space_release(&space);
    buf_release(&gzip);
    buf_release(&zlib);
    buf_release(&raw);
    buf_release(&twice);
}

static void test_coding__says_what_is_wrong(void **state)
{
    (void)state;
    struct coding_space space = {0};
    struct buf gzip = {0}, more = {0};
    compress_to(&gzip, "hello", 5, GZIP);
    buf_add(&more, gzip.data, gzip.len);
    buf_add_str(&more, "more");
    struct span whole = bytes_of(&gzip), cut = {gzip.data, gzip.len - 1};
    const struct {
        const char *fields;
        struct span body;
        const char *message;
    } rows[] = {
        {"Content-Encoding: zstd\r\n", whole,
         "the body is encoded as 'zstd'; only gzip, deflate and br can be looked into"},
        {"Content-Encoding: gzip\r\n", span_of("hello"), "the body is no valid gzip data"},
        {"Content-Encoding: gzip\r\n", cut, "the body ends before its gzip data does"},
        {"Content-Encoding: gzip\r\n", bytes_of(&more), "the body is no valid gzip data"},
        {"Content-Encoding: deflate\r\n", span_of("hello"), "the body is no valid deflate data"},
        {"Content-Encoding: br\r\n", span_of("\xff\xff\xff"), "the body is no valid br data"},
        {"Content-Encoding: br\r\n", br_of(3), "the body ends before its br data does"},
        {"Content-Encoding: gzip,gzip,gzip,gzip,gzip\r\n", whole,
         "the body is encoded more than 4 times"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(undone(&space, rows[i].fields, rows[i].body), rows[i].message);
    coding_space_release(&space);
    buf_release(&gzip);
    buf_release(&more);
}

static void test_coding__joins_the_members_of_a_gzip_file(void **state)
{
    (void)state;
    struct coding_space space = {0};
    struct buf gzip = {0};
    compress_to(&gzip, "hel", 3, GZIP);
    compress_to(&gzip, "lo", 2, GZIP);
    assert_string_equal(undone(&space, "Content-Encoding: gzip\r\n", bytes_of(&gzip)), "hello");
    coding_space_release(&space);
    buf_release(&gzip);
}

static void test_coding__stops_a_bomb(void **state)
{
    (void)state;
    struct coding_space space = {0};
    struct buf bomb = {0}, nested = {0}, out = {0};
    char *zeros = mem_array(64, (size_t)1 << 20);
    compress_to(&bomb, zeros, (size_t)64 << 20, GZIP);
    free(zeros);
    compress_to(&nested, bomb.data, bomb.len, GZIP);
    assert_true(nested.len < 4096);
    assert_string_equal(undone(&space, "Content-Encoding: gzip\r\n", bytes_of(&bomb)),
                        "the body is over 8 MiB once its gzip data is decoded");
    assert_string_equal(undone(&space, "Content-Encoding: gzip, gzip\r\n", bytes_of(&nested)),
                        "the body is over 8 MiB once its gzip data is decoded");
    assert_true(space.out[0].capacity <= 4 * CODING_LIMIT);
    assert_true(space.out[1].capacity <= 4 * CODING_LIMIT);
    assert_string_equal(undone(&space, "Content-Encoding: br\r\n", br_of(0)), "hello");
    assert_true(space.out[0].capacity <= (size_t)128 << 10); /* the large one was given back */
    assert_int_equal(coding_unbrotli(br_of(0), 4, &out), CODING_OVER_LIMIT);
    coding_space_release(&space);
    buf_release(&bomb);
    buf_release(&nested);
    buf_release(&out);
}

static void test_coding__every_cut_of_a_body_is_one(void **state)
{
    (void)state;
    struct buf gzip = {0};
    static const char text[] = "one two three one two three one two three four";
    compress_to(&gzip, text, sizeof text - 1, GZIP);
    for (size_t len = 0; len < gzip.len; len++) {
        struct buf out = {0};
        char *copy = mem_array(len + 1, 1); /* nothing behind it can be read */
        memcpy(copy + 1, gzip.data, len);
        assert_int_equal(coding_gunzip((struct span){copy + 1, len}, 1000, &out), CODING_CUT);
        free(copy);
        buf_release(&out);
    }
    buf_release(&gzip);
}

static void test_coding__an_expectation_sees_the_text(void **state)
{
    (void)state;
    struct scenario_expect expect = {.kind = EXPECT_BODY_CONTAINS, .value = "ell"};
    struct scenario_step step = {.n_expects = 1, .expects = &expect};
    struct coding_space space = {0};
    struct vars vars = {0};
    struct values values = {0};
    struct extract extract;
    struct err err = {0};
    struct extract_response response = {
        .status = 200,
        .head = span_of("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n"),
        .body = br_of(0),
        .space = &space};
    assert_int_equal(extract_compile(&extract, &step, &vars, &err), 0);
    assert_int_equal(extract_run(&extract, &response, NULL, &vars, &values, &err), 0);
    assert_ptr_equal(response.body.at, br_hello);
    response.head = span_of("HTTP/1.1 200 OK\r\nContent-Encoding: lzma\r\n\r\n");
    assert_int_equal(extract_run(&extract, &response, NULL, &vars, &values, &err), -1);
    assert_non_null(strstr(err.text, "'lzma'"));
    extract_release(&extract);
    coding_space_release(&space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coding__undoes_what_the_head_names),
        cmocka_unit_test(test_coding__says_what_is_wrong),
        cmocka_unit_test(test_coding__joins_the_members_of_a_gzip_file),
        cmocka_unit_test(test_coding__stops_a_bomb),
        cmocka_unit_test(test_coding__every_cut_of_a_body_is_one),
        cmocka_unit_test(test_coding__an_expectation_sees_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
